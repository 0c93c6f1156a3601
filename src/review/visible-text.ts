// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const HIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g

/**
 * Text with what cannot be seen made visible: control characters, which terminals and HTML act on or forbid, and marks
 * that turn the direction of writing, which can make code look like other code (https://trojansource.codes).
 */
export function visibleText(text: string): string {
  return text.replaceAll(HIDDEN, '\u{fffd}')
}
