import type { ExceptionChain, ExceptionLink, StackFrame } from '../exception.ts'
import { classifyFrames } from './in-app.ts'
import { parseTrace } from './parse-trace.ts'
import { matchEmbeddedHead, matchHead, stackFrame } from './trace-language.ts'

type Fields = Readonly<Record<string, unknown>>

/** Where loggers put a printed stack, the surest first. */
const STACK_KEYS = [
  'stack',
  'stack_trace',
  'stackTrace',
  'stacktrace',
  'exc_info',
  'exc_text',
  'traceback',
  'errorVerbose',
  'backtrace',
  'exception.stacktrace',
  'error.stack_trace',
  'error.stack',
  'err.stack',
  'trace',
  'throwable',
  'exception',
  'Exception',
  'error',
  'err',
  '@x',
  'details',
  'cause',
  'extendedStackTrace',
  'stacktraceString',
]
const OBJECT_KEYS = [
  'err',
  'error',
  'exception',
  'Exception',
  'exc_info',
  'throwable',
  'thrown',
  'stack',
  'e',
  'exc',
  'cause',
  'stack_info',
  'reason',
  'jsonPayload',
  'payload',
  'data',
  'attributes',
  'context',
  'extra',
  'meta',
  'fields',
  'body',
]
const TYPE_KEYS = [
  'type',
  'name',
  'class',
  'className',
  'class_name',
  'exception_class',
  'exceptionClass',
  'errorType',
  'kind',
  'exc_type',
  'code',
]
const MESSAGE_KEYS = [
  'message',
  'msg',
  'exception_message',
  'exceptionMessage',
  'errorMessage',
  'exc_value',
  'value',
  'detail',
  'localizedMessage',
  'title',
]
const FRAME_KEYS = [
  'frames',
  'stack',
  'stacktrace',
  'stackTrace',
  'stack_trace',
  'backtrace',
  'trace',
  'extendedStackTrace',
  'traceback',
]

const MAX_DEPTH = 8

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function firstString(fields: Fields, keys: readonly string[]): string | null {
  for (const key of keys) {
    const value = fields[key]
    if (typeof value === 'string' && value.trim() !== '') return value
  }
  return null
}

function firstOf(fields: Fields, keys: readonly string[]): unknown {
  return keys.map((key) => fields[key]).find((value) => value !== undefined && value !== null && value !== '')
}

/** One frame of a structured stack, whatever its logger calls the parts. */
function structuredFrame(value: unknown): StackFrame | null {
  if (!isObject(value)) return null
  const file = firstString(value, [
    'filename',
    'fileName',
    'file',
    'abs_path',
    'path',
    'source_file',
    'file_name',
    'code.filepath',
    'code.file.path',
  ])
  const line = firstOf(value, [
    'lineno',
    'lineNumber',
    'line',
    'line_number',
    'lineNo',
    'code.lineno',
    'code.line.number',
  ])
  const name = firstString(value, [
    'function',
    'methodName',
    'method',
    'func',
    'name',
    'method_name',
    'functionName',
    'code.function',
    'code.function.name',
  ])
  const owner = firstString(value, ['class', 'className', 'declaringClass', 'class_name', 'module_name'])
  if (file === null && name === null) return null
  const qualified = owner !== null && name !== null && !name.includes('.') ? `${owner}.${name}` : name
  const number = typeof line === 'number' || typeof line === 'string' ? line : null
  return stackFrame(file, number, qualified)
}

/** Frames as an array of objects or of lines. Python's loggers (structlog) give the outermost call first. */
function structuredFrames(value: unknown): readonly StackFrame[] {
  if (!Array.isArray(value)) return []
  const items: readonly unknown[] = value.slice(0, 1000)
  const frames = items.flatMap((item) => structuredFrame(item) ?? [])
  if (frames.length > 0)
    return frames.some((frame) => frame.file?.endsWith('.py')) ? frames.reverse() : frames
  const text = stackText(value)
  return text === null ? [] : (parseTrace(text)?.[0]?.frames ?? [])
}

/** A stack as text, or as a list of its lines (AWS Lambda), of which Java's lack the `at`. */
function stackText(value: unknown): string | null {
  if (typeof value === 'string') return value
  if (!Array.isArray(value) || value.length === 0) return null
  const items: readonly unknown[] = value.slice(0, 1000)
  const lines = items.filter((item) => typeof item === 'string').map((line) => line.replace(/\n$/, ''))
  if (lines.length < items.length) return null
  const isBare = lines.every((line) => /^[^\s()]+\([^()]*\)$/.test(line))
  return lines.map((line) => (isBare ? `    at ${line}` : line)).join('\n')
}

/** What the record says beside the stack: type and message that the stack itself may lack. */
function named(fields: Fields): { type: string | null; message: string | null } {
  const type = firstString(fields, [
    'exception.type',
    'error.type',
    'error.kind',
    'exception_type',
    'error_class',
    ...TYPE_KEYS,
  ])
  return {
    type: type !== null && /^[\p{L}_*$][^\s]*$/u.test(type) ? type : null,
    message: firstString(fields, ['exception.message', 'error.message', ...MESSAGE_KEYS]),
  }
}

/** Does the printed stack itself say the type, with an empty message, or does the type only stand for a missing one? */
function isNamedIn(text: string, type: string): boolean {
  return text.split('\n').some((line) => {
    const end = line.trimEnd()
    return (
      end.endsWith(type) ||
      end.endsWith(`${type}:`) ||
      end.includes(`${type} in `) ||
      end.includes(`${type}: `)
    )
  })
}

/** A stack whose first line is missing (`zap`: goroutine frames only) gets type and message from the record. */
function completed(
  chain: ExceptionChain,
  text: string,
  hint: { type: string | null; message: string | null },
): ExceptionChain {
  const [outer, ...causes] = chain
  if (outer === undefined || outer.message !== '' || isNamedIn(text, outer.type)) return chain
  const type = outer.type === 'panic' ? outer.type : (hint.type ?? outer.type)
  const message = (hint.message ?? '').replace(/ \[recovered(?:, repanicked)?\]$/, '')
  return [{ ...outer, type, message }, ...causes]
}

/** An object such as pino's `err`: its own stack, or frames, and its cause. */
function fromObject(value: Fields, depth: number): ExceptionChain | null {
  if (depth > MAX_DEPTH) return null
  const hint = named(value)
  const stack = firstString(
    value,
    STACK_KEYS.filter((key) => !MESSAGE_KEYS.includes(key)),
  )
  const printed = stack === null ? null : parseTrace(stack)
  if (printed !== null && stack !== null) return withCause(completed(printed, stack, hint), value, depth)
  const frames = FRAME_KEYS.map((key) => value[key])
    .map((one) => structuredFrames(isObject(one) ? one['frames'] : one))
    .find((found) => found.length > 0)
  if (frames === undefined && (hint.type === null || hint.message === null || !isErrorType(hint.type)))
    return null
  const link: ExceptionLink = {
    type: hint.type ?? 'Error',
    message: hint.message ?? '',
    frames: frames ?? [],
  }
  return withCause([link], value, depth)
}

function isErrorType(type: string): boolean {
  return /(?:Error|Exception|Panic|Fault|Failure|Throwable)\b/.test(type) || /[.\\]\p{Lu}\w*$/u.test(type)
}

function withCause(chain: ExceptionChain, value: Fields, depth: number): ExceptionChain {
  const cause = value['cause'] ?? value['inner'] ?? value['innerException'] ?? value['InnerException']
  if (chain.length > 1 || !isObject(cause)) return chain
  return [...chain, ...(fromObject(cause, depth + 1) ?? [])]
}

/** Dotted keys (`error.type`) as the object that they mean. */
function nestedUnder(fields: Fields, prefix: string): Fields | null {
  const entries = Object.entries(fields).filter(([key]) => key.startsWith(prefix))
  return entries.length === 0
    ? null
    : Object.fromEntries(entries.map(([key, value]) => [key.slice(prefix.length), value]))
}

function search(fields: Fields, depth: number): ExceptionChain | null {
  for (const prefix of ['error.', 'exception.', 'err.']) {
    const nested = nestedUnder(fields, prefix)
    const chain = nested === null ? null : fromObject(nested, depth)
    if (chain) return chain
  }
  const stacked = fromStack(fields)
  if (stacked) return stacked
  for (const key of OBJECT_KEYS) {
    const value = fields[key]
    const list: readonly unknown[] = Array.isArray(value) ? value : [value]
    const object = list.find(isObject)
    if (object === undefined) continue
    const frames = Array.isArray(value) ? structuredFrames(value) : []
    const chain =
      frames.length > 0
        ? [bare(fields, frames)]
        : (fromObject(object, depth) ?? (depth < 3 ? search(object, depth + 1) : null))
    if (chain) return chain
  }
  return null
}

function bare(fields: Fields, frames: readonly StackFrame[]): ExceptionLink {
  const hint = named(fields)
  return { type: hint.type ?? 'Error', message: hint.message ?? '', frames }
}

/** A printed stack in one of the record's own fields; the message or `error` beside it may name the exception. */
function fromStack(fields: Fields): ExceptionChain | null {
  for (const key of [
    ...STACK_KEYS,
    'message',
    'msg',
    'textPayload',
    'log',
    '@message',
    'MESSAGE',
    'event',
    'body',
  ]) {
    const text = stackText(fields[key])
    if (text === null || text.length < 8 || !/[\n]|\\n|#012| at |:\d+/.test(text)) continue
    const chain = parseTrace(text)
    if (chain === null) continue
    const error = fields['error'] ?? fields['err'] ?? fields['exception']
    const spoken = typeof error === 'string' && error !== text && !error.includes('\n') ? error : null
    const head = spoken === null ? null : (matchHead(spoken) ?? matchEmbeddedHead(spoken))
    const hint = named({ ...fields, type: undefined, name: undefined })
    const own = head ?? { type: hint.type, message: spoken ?? hint.message }
    return completed(chain, text, own)
  }
  return null
}

/**
 * The exception of a structured record (pino, winston, bunyan, zap, logback, log4j, python-json-logger, structlog,
 * Serilog, ECS, OpenTelemetry, GCP, …): a printed stack in a field, an error object, or an array of frames. Null where
 * the record has none; a level of `error` alone is no exception.
 */
export function chainFromFields(fields: Record<string, unknown>): ExceptionChain | null {
  const chain = search(fields, 0)
  return chain === null ? null : classifyFrames(chain)
}
