import type { SymptomRule } from './symptom-rule.ts'

/**
 * Errors that the program makes itself. Two families that look alike: what a value can cause (`input-error`: some
 * requests fail) and what only the code can cause (`programming-error`: every run of the line fails).
 */
export const codeSymptoms: readonly SymptomRule[] = [
  {
    kind: 'input-error',
    pattern:
      /NoneType|None object|of (?:undefined|null)\b|undefined is not an object|\(reading '|null is not an object|JSONDecodeError|(?:is not|in) (?:valid )?JSON\b|Unexpected (?:end of|token|non-whitespace|identifier)|Expected property name|Bad control character|URI malformed|Invalid (?:time value|Date|array length|count value|URL)|ERR_INVALID_URL|NullPointerException|NumberFormatException|NullReferenceException|(?:Array|String|)IndexOutOfBounds|DateTimeParseException|NoSuchElementException|Json(?:Parse|Mapping|Processing|Reader|Syntax)Exception|InputMismatchException|ArithmeticException|nil pointer dereference|index out of (?:range|bounds)|out of bounds|strconv\.\w+: parsing|parsing "[^"]*"|invalid character .{1,20} (?:looking|in|after)|divi(?:de|sion|ded) by zero|for nil\b|nil:NilClass|with nil failed|invalid value for (?:Integer|Float)|no implicit conversion|JSON::ParserError|Undefined (?:array key|index|variable|offset|property)|on null\b|of type .{1,80}null given|FormatException|ArgumentNullException|ArgumentOutOfRange|Sequence contains no|KeyNotFound|OverflowException|DivideByZero|JsonException|on a `None` value|Parse(?:Int|Float|Bool)Error|ParseIntError|invalid digit found|byte index \d+|UnicodeDecodeError|UnicodeEncodeError|invalid (?:utf-?8|byte sequence)/i,
  },
  {
    kind: 'programming-error',
    pattern:
      /\bNameError\b|UnboundLocalError|IndentationError|TabError|\bSyntaxError\b|ReferenceError|is not a function|is not defined|is not a constructor|before initialization|Assignment to constant|\btakes (?:from )?\d+ .{0,20}arguments?|missing \d+ required|unexpected keyword argument|the JSON object must be|object is not (?:callable|subscriptable|iterable)|object does not support|must be (?:str|bytes|a string|int|real number|an? \w+ instance),? not|argument must be|unsupported operand type|can only concatenate|not supported between|object has no attribute|has no attribute|coroutine .{0,60}(?:never awaited|is not)|'coroutine'|NotImplementedError|UnsupportedOperationException|ClassCastException|IllegalAccess|InvalidCastException|undefined local variable|undefined method|wrong number of arguments|private method|Call to (?:undefined|a member function|private)|Too (?:few|many) arguments|must be of type|Cannot redeclare|interface conversion|ObjectDisposedException|LazyInitializationException|not yet implemented|unreachable code|already borrowed|concurrent map|all goroutines are asleep|send on closed channel|close of closed channel|TypeError|AttributeError|FrozenError|AssertionError|assertion (?:.{0,20} )?failed|ERR_INVALID_ARG_TYPE|ERR_HTTP_HEADERS_SENT|StackOverflow|RecursionError|Maximum call stack|SystemStackError|FormatError/,
  },
  {
    kind: 'input-error',
    strength: 0.85,
    pattern:
      /\b(?:Value|Key|Index|Lookup|Range|Parse|ZeroDivision|Overflow|FloatingPoint|Unicode|Decode|Validation|Argument|Domain|Type|Math|JSON|URI|Encoding)(?:Error|Exception)\b|InvalidOperation\b|IllegalArgumentException|IllegalStateException|ArgumentException|InvalidOperationException|InvalidArgumentException|DomainException|NotFoundException|DoesNotExist|RecordNotFound|ObjectDoesNotExist|unknown (?:sku|coupon|currency|product|item|id|key|code|type|format|country)\b|violates (?:unique|not-null|foreign key|check|exclusion) constraint|Duplicate entry '|cannot be null\b|IntegrityError|ConstraintViolation|UniqueViolation|invalid (?:input|value|argument|date|format|id|uuid|number|quantity|currency|sku|coupon|e-?mail)|malformed|cannot parse|could not (?:parse|convert|decode)|failed to (?:parse|decode|deserialize)|deserializ|missing (?:required )?field/i,
  },
]
