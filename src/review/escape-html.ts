const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/**
 * Text as it may stand in HTML, in an element or in a quoted attribute. Control characters, which HTML forbids, and
 * marks that turn the direction of writing, which can make code look like other code, are shown as symbols.
 */
export function escapeHtml(text: string): string {
  return (
    text
      .replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
      // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
      .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g, '\u{fffd}')
  )
}

/** Plain text with `code` between backticks, as HTML. */
export function inlineHtml(text: string): string {
  const parts = text.split(/`([^`]+)`/)
  return parts
    .map((part, index) => (index % 2 === 1 ? `<code>${escapeHtml(part)}</code>` : escapeHtml(part)))
    .join('')
}
