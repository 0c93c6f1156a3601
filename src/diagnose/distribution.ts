/** How a random or time value spreads, and what a comparison with it predicts. Pure arithmetic. */

/** What a source of chance draws; the arguments of the call fill in the bounds. */
export type Draw =
  /** A float in [0, 1). */
  | 'unit'
  /** A float between the two arguments. */
  | 'float-range'
  /** An integer between two arguments, both included. */
  | 'integers-inclusive'
  /** An integer below the last argument, from the first or from 0; with none, any integer. */
  | 'integers-below'
  /** A float in [0, n), or an integer where the argument is one or a range: Ruby's `rand`. */
  | 'unit-or-below'
  | 'coin'
  /** True with the probability of the argument; with two arguments, first in second. */
  | 'share'
  /** One of the elements of the list (or receiver), or of the arguments. */
  | 'choice'
  /** Bits by argument: getrandbits(1) is 0 or 1. */
  | 'bits'
  | 'byte'
  /** Clock readings: chance only in what is left of them after a modulo. */
  | 'clock-seconds'
  | 'clock-integer'
  | 'sixty'
  | 'thousand'
  | 'million'
  | 'billion'
  /** Nondeterministic, of no known shape: a UUID. */
  | 'unknown'

export type Constant = number | boolean | string | null

export type Distribution =
  | { readonly kind: 'uniform'; readonly from: number; readonly to: number }
  | { readonly kind: 'integers'; readonly from: number; readonly to: number }
  /** Each value is as likely as its weight says; without weights, as likely as any other. */
  | {
      readonly kind: 'choices'
      readonly values: readonly (Constant | undefined)[]
      readonly weights?: readonly number[]
    }
  | { readonly kind: 'boolean'; readonly share: number }
  | { readonly kind: 'clock'; readonly integer: boolean }
  | { readonly kind: 'unknown' }

export const unknownDistribution: Distribution = { kind: 'unknown' }

const clamp = (share: number): number => Math.min(1, Math.max(0, share))

/** The spread of a draw with these arguments; `undefined` stands for an argument that is not a constant. */
export function drawn(draw: Draw, given: readonly (Constant | undefined)[]): Distribution {
  const numbers = given.filter((value) => typeof value === 'number')
  const known = numbers.length === given.length
  switch (draw) {
    case 'unit':
      return { kind: 'uniform', from: 0, to: 1 }
    case 'float-range':
      return spread('uniform', numbers, known)
    case 'integers-inclusive':
      return spread('integers', numbers, known)
    case 'integers-below':
      return below(numbers, known)
    case 'unit-or-below':
      return given.length === 0 ? { kind: 'uniform', from: 0, to: 1 } : below(numbers, known)
    case 'coin':
      return { kind: 'boolean', share: 0.5 }
    case 'share':
      return asShare(numbers, known)
    case 'bits':
      return known && numbers[0] !== undefined
        ? { kind: 'integers', from: 0, to: 2 ** numbers[0] - 1 }
        : unknownDistribution
    case 'choice':
      return given.length > 0 ? { kind: 'choices', values: given } : unknownDistribution
    case 'clock-seconds':
      return { kind: 'clock', integer: false }
    case 'clock-integer':
      return { kind: 'clock', integer: true }
    case 'unknown':
      return unknownDistribution
    default:
      return { kind: 'integers', from: 0, to: counts[draw] - 1 }
  }
}

const counts = { byte: 256, sixty: 60, thousand: 1e3, million: 1e6, billion: 1e9 } as const

function spread(kind: 'uniform' | 'integers', numbers: readonly number[], known: boolean): Distribution {
  const [from, to] = numbers
  return known && from !== undefined && to !== undefined && to >= from
    ? { kind, from, to }
    : unknownDistribution
}

function below(numbers: readonly number[], known: boolean): Distribution {
  if (!known) return unknownDistribution
  // Any integer: too wide to compare, but a modulo of it is even.
  if (numbers.length === 0) return { kind: 'integers', from: 0, to: 2 ** 31 - 1 }
  const from = numbers.length > 1 ? (numbers[0] ?? 0) : 0
  const to = (numbers.length > 1 ? numbers[1] : numbers[0]) ?? 0
  return to > from ? { kind: 'integers', from, to: to - 1 } : unknownDistribution
}

function asShare(numbers: readonly number[], known: boolean): Distribution {
  const [first, second] = numbers
  if (!known || first === undefined) return unknownDistribution
  return { kind: 'boolean', share: clamp(second === undefined ? first : first / second) }
}

/** The share of draws for which `draw <operator> constant` holds; null where it cannot be told. */
export function shareOfComparison(of: Distribution, operator: string, constant: Constant): number | null {
  if (of.kind === 'choices') return shareOfChoices(of, (value) => compare(value, operator, constant))
  if (of.kind === 'boolean' && typeof constant === 'boolean') {
    const equal = constant ? of.share : 1 - of.share
    return isEquals(operator) ? equal : isUnequals(operator) ? 1 - equal : null
  }
  if (typeof constant !== 'number') return null
  if (of.kind === 'uniform') return shareOfUniform(of, operator, constant)
  return of.kind === 'integers' ? shareOfIntegers(of, operator, constant) : null
}

function shareOfUniform(of: { from: number; to: number }, operator: string, constant: number): number | null {
  const less = clamp((constant - of.from) / (of.to - of.from))
  if (operator === '<' || operator === '<=') return less
  if (operator === '>' || operator === '>=') return 1 - less
  return isEquals(operator) ? 0 : isUnequals(operator) ? 1 : null
}

function shareOfIntegers(
  of: { from: number; to: number },
  operator: string,
  constant: number,
): number | null {
  const count = of.to - of.from + 1
  const upTo = clamp((Math.floor(constant) - of.from + 1) / count)
  const equal = Number.isInteger(constant) && constant >= of.from && constant <= of.to ? 1 / count : 0
  if (operator === '<') return upTo - equal
  if (operator === '<=') return upTo
  if (operator === '>') return 1 - upTo
  if (operator === '>=') return 1 - upTo + equal
  return isEquals(operator) ? equal : isUnequals(operator) ? 1 - equal : null
}

function shareOfChoices(
  of: Distribution & { kind: 'choices' },
  holds: (value: Constant) => boolean | null,
): number | null {
  let holding = 0
  let total = 0
  for (const [index, value] of of.values.entries()) {
    const result = value === undefined ? null : holds(value)
    if (result === null) return null
    const weight = of.weights?.[index] ?? 1
    total += weight
    if (result) holding += weight
  }
  return total === 0 ? null : holding / total
}

/** The share of draws that count as true. */
export function shareOfTruth(of: Distribution): number | null {
  if (of.kind === 'boolean') return of.share
  if (of.kind === 'integers') return shareOfIntegers(of, '!=', 0)
  if (of.kind === 'choices') return shareOfChoices(of, (value) => Boolean(value))
  return null
}

const isEquals = (operator: string): boolean => operator === '==' || operator === '===' || operator === 'is'
const isUnequals = (operator: string): boolean =>
  operator === '!=' || operator === '!==' || operator === 'is not' || operator === '<>'

/** Two constants compared, as every language here would; null for a pair that has no order. */
export function compare(left: Constant, operator: string, right: Constant): boolean | null {
  if (isEquals(operator)) return left === right
  if (isUnequals(operator)) return left !== right
  if (typeof left !== 'number' || typeof right !== 'number') return null
  if (operator === '<') return left < right
  if (operator === '<=') return left <= right
  if (operator === '>') return left > right
  return operator === '>=' ? left >= right : null
}

/** What `draw <operator> constant` is spread like: `Math.random() * 10`, `roll + 1`, `Date.now() % 10`. */
export function calculated(of: Distribution, operator: string, constant: number): Distribution {
  if (operator === '%') return remainder(of, constant)
  if (of.kind === 'clock') return operator === '*' || operator === '/' ? of : unknownDistribution
  if (of.kind !== 'uniform' && of.kind !== 'integers') return unknownDistribution
  if (operator === '+' || operator === '-') {
    const shift = operator === '+' ? constant : -constant
    return { ...of, from: of.from + shift, to: of.to + shift }
  }
  if ((operator === '*' || operator === '/') && constant > 0 && of.kind === 'uniform') {
    const factor = operator === '*' ? constant : 1 / constant
    return { kind: 'uniform', from: of.from * factor, to: of.to * factor }
  }
  if (operator === '/' && constant > 0 && of.kind === 'integers') return quotients(of, constant)
  return unknownDistribution
}

/** `mt_rand(0, 99) / 100`: the single values where they are few, else as good as continuous. */
function quotients(of: { from: number; to: number }, divisor: number): Distribution {
  const count = of.to - of.from + 1
  if (count > 1000) return { kind: 'uniform', from: of.from / divisor, to: of.to / divisor }
  return { kind: 'choices', values: Array.from({ length: count }, (_, index) => (of.from + index) / divisor) }
}

function remainder(of: Distribution, divisor: number): Distribution {
  if (divisor <= 0) return unknownDistribution
  if (of.kind === 'clock') {
    return of.integer && Number.isInteger(divisor)
      ? { kind: 'integers', from: 0, to: divisor - 1 }
      : { kind: 'uniform', from: 0, to: divisor }
  }
  if (of.kind !== 'integers' || !Number.isInteger(divisor)) return unknownDistribution
  const count = of.to - of.from + 1
  if (count > 100_000 || count % divisor === 0) return { kind: 'integers', from: 0, to: divisor - 1 }
  return {
    kind: 'choices',
    values: Array.from({ length: count }, (_, index) => (of.from + index) % divisor),
  }
}

/** Cut to an integer: `Math.floor(Math.random() * 10)`, `int(time.time())`. */
export function floored(of: Distribution): Distribution {
  if (of.kind === 'clock') return { kind: 'clock', integer: true }
  if (of.kind !== 'uniform') return of
  return Number.isInteger(of.from) && Number.isInteger(of.to) && of.to > of.from
    ? { kind: 'integers', from: of.from, to: of.to - 1 }
    : unknownDistribution
}
