import type { DecodeRun } from './decode-run.ts'

/** JSON of a list or a map while it is written; bounded, and cut between two of its pieces. */
export type JsonText = { text: string; readonly limit: number; isCut: boolean }

export function append(json: JsonText, piece: string): void {
  if (json.isCut) return
  if (json.text.length + piece.length > json.limit) json.isCut = true
  else json.text += piece
}

/** The text of a list or map, marked where it was cut. */
export function finishJson(json: JsonText, run: DecodeRun): string {
  if (!json.isCut) return json.text
  run.cutValues += 1
  return `${json.text}… [cut]`
}

/** What stands for a value that is nested deeper than the limit. */
export const TOO_DEEP = '"… [nested too deeply]"'

/** A number of a list or map; JSON has no word for those that are none. */
export function jsonNumber(value: number): string {
  return Number.isFinite(value) ? String(value) : `"${value}"`
}

/** Text of UTF-8 bytes [start, end), cut at `limit` bytes (never inside a character), and marked. */
export function cutText(bytes: Buffer, start: number, options: { end: number; limit: number }): string {
  const { end, limit } = options
  let stop = start + limit
  while (stop > start && ((bytes[stop] ?? 0) & 0xc0) === 0x80) stop -= 1
  return `${bytes.toString('utf8', start, stop)}… [cut from ${end - start} bytes]`
}
