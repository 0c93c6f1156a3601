import { structuredPatch } from 'diff'

/**
 * A patch that `git apply` takes at the root of the repository. Line ends and a missing last newline are kept as they
 * are. Null when nothing changes.
 */
export function unifiedPatch(path: string, before: string, after: string): string | null {
  if (before === after) return null
  const { hunks } = structuredPatch(path, path, before, after, '', '', { context: 3 })
  const body = hunks.flatMap((hunk) => [
    `@@ -${span(hunk.oldStart, hunk.oldLines)} +${span(hunk.newStart, hunk.newLines)} @@`,
    ...hunk.lines,
  ])
  const from = quoted(`a/${path}`)
  const to = quoted(`b/${path}`)
  // git ends a name that contains a space with a tab, so that no time stamp is looked for behind it.
  const end = path.includes(' ') ? '\t' : ''
  return [`diff --git ${from} ${to}`, `--- ${from}${end}`, `+++ ${to}${end}`, ...body, ''].join('\n')
}

const span = (start: number, lines: number): string => (lines === 1 ? `${start}` : `${start},${lines}`)

/** git quotes names with quotes, backslashes or control characters as C does. */
function quoted(name: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what must be quoted
  if (!/["\\\u0000-\u001f]/.test(name)) return name
  const escaped = name
    .replaceAll(/["\\]/g, String.raw`\$&`)
    .replaceAll('\t', String.raw`\t`)
    .replaceAll('\n', String.raw`\n`)
    .replaceAll('\r', String.raw`\r`)
  return `"${escaped}"`
}
