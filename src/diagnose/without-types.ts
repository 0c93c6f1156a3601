// Enough of Python's types for what people write: names, brackets three deep, unions, quotes.
const BRACKETS = String.raw`\[(?:[^[\]]|\[(?:[^[\]]|\[[^[\]]*\])*\])*\]`
const ONE = String.raw`["']?[\w.]+(?:${BRACKETS})?["']?`
const TYPE = String.raw`${ONE}(?:\s*\|\s*${ONE})*`
const RETURNS = new RegExp(String.raw`\)\s*->\s*${TYPE}\s*:`, 'g')
const ON_ITS_LINE = new RegExp(String.raw`^(\s*\*{0,2}[\w.]+)\s*:\s*${TYPE}(?=\s*(?:=[^=]|,?\s*$))`)
const PARAMETER = new RegExp(String.raw`([(,]\s*\*{0,2}\w+)\s*:\s*${TYPE}(?=\s*[,)=])`, 'g')
const TYPING =
  /^\s*(?:from\s+(?:typing|typing_extensions|__future__|collections\.abc|_typeshed\S*)\s+import\b|import\s+typing\b|if\s+(?:\w+\.)?TYPE_CHECKING\s*:)/

/** Python without its annotations: they are read by people and checkers, and change nothing of what runs. */
export function withoutTypes(file: string, lines: readonly string[]): readonly string[] {
  if (!/\.pyi?$/.test(file)) return lines
  return lines
    .filter((line) => !TYPING.test(line))
    .map((line) => {
      const bare = line.replace(RETURNS, '):').replace(ON_ITS_LINE, '$1')
      const isHead = /^\s*(?:async\s+)?def\s/.test(bare)
      return (isHead ? bare.replace(PARAMETER, '$1') : bare).replace(/\s*=\s*/g, '=')
    })
    .filter(
      (line) => !/^\s*[\w.]+$/.test(line) || /^\s*(?:pass|break|continue|return|raise|\.\.\.)$/.test(line),
    )
}
