/** Values in a JSON record by any of the names that loggers give them. */
export type JsonRecord = Record<string, unknown>

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The record in a line, also one element of an array that is written over lines (`{…},`); null when it is none. */
export function recordOfLine(line: string): JsonRecord | null {
  const start = line.charCodeAt(0) === 123 ? 0 : line.indexOf('{')
  if (start < 0 || start > 4 || (start > 0 && !/^[\s[,]*$/.test(line.slice(0, start)))) return null
  const end = line.lastIndexOf('}')
  if (end < 0 || line.length - end > 4) return null
  try {
    const value: unknown = JSON.parse(
      start === 0 && end === line.length - 1 ? line : line.slice(start, end + 1),
    )
    return isRecord(value) ? value : null
  } catch {
    return null
  }
}

/** The first of `keys` that has a value. A key with dots is looked up as it stands, then level by level. */
function valueOf(record: JsonRecord, keys: readonly string[]): unknown {
  for (const key of keys) {
    const value = valueAt(record, key)
    if (value !== undefined && value !== null && value !== '') return value
  }
  return undefined
}

function valueAt(record: JsonRecord, key: string): unknown {
  const direct = record[key]
  const dot = direct === undefined ? key.indexOf('.') : -1
  if (dot < 0) return direct
  const inner = record[key.slice(0, dot)]
  return isRecord(inner) ? valueAt(inner, key.slice(dot + 1)) : undefined
}

export function textOf(record: JsonRecord, keys: readonly string[]): string | null {
  const value = valueOf(record, keys)
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : null
}

export function numberOf(record: JsonRecord, keys: readonly string[]): number | null {
  const value = valueOf(record, keys)
  if (typeof value === 'number') return value
  if (typeof value !== 'string' || value.trim() === '') return null
  const number = Number(value)
  return Number.isFinite(number) ? number : null
}
