import { redact } from '../redact.ts'

/** Colours and cursor movements (CSI), window titles (OSC), character sets, and a byte-order mark at the start. */
const COLOURS = new RegExp(
  String.raw`\x1b\[[0-9;:?]*[A-Za-z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()][A-Z0-9]|^\ufeff`,
  'g',
)

/** A line as it reads where colours are not drawn. */
export function withoutColours(line: string): string {
  return line.replace(COLOURS, '')
}

/** A line of a log as a review may show it: without secrets and without what only a terminal understands. */
export function shownText(line: string): string {
  return redact(line.includes('\u001B') ? withoutColours(line) : line)
}
