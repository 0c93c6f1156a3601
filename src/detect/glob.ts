/** Whether a text matches a pattern in which `*` stands for any text; compiled once, for it is asked often. */
export function globMatcher(pattern: string): (text: string) => boolean {
  if (pattern === '*') return () => true
  if (!pattern.includes('*')) return (text) => text === pattern
  const parts = pattern.split('*').map((part) => part.replaceAll(/[\\^$.+?()[\]{}|]/g, String.raw`\$&`))
  const expression = new RegExp(`^${parts.join('.*')}$`, 's')
  return (text) => expression.test(text)
}
