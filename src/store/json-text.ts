/** A value of the model as JSON: a `Map` becomes a list of pairs, so that every key survives, `__proto__` too. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => (part instanceof Map ? { [PAIRS]: [...part] } : part))
}

const PAIRS = '$pairs'

/** The value again. What we wrote is trusted; only we write these columns. */
export function fromJson(json: string): unknown {
  return JSON.parse(json, (_key, part: unknown) => {
    if (typeof part !== 'object' || part === null || !Object.hasOwn(part, PAIRS)) return part
    return new Map((part as { [PAIRS]: [string, string][] })[PAIRS])
  }) as unknown
}
