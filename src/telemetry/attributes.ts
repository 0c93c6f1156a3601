/**
 * Attributes of a resource, a scope or a record: OpenTelemetry's keys, values as text (numbers and booleans as JSON
 * writes them, lists and maps as JSON). A `Map`, because senders choose the keys: `__proto__` is one like any other.
 */
export type Attributes = ReadonlyMap<string, string>

export const NO_ATTRIBUTES: Attributes = new Map()
