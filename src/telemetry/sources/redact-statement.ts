const LONGEST = 500

/**
 * A statement without its literals: `SELECT * FROM users WHERE mail = ? AND age > ?`. Comments go too, for programs
 * write ids of people and requests into them. Placeholders (`$1`) and names with digits (`t2`) stay.
 */
export function redactStatement(statement: string): string {
  return statement
    .slice(0, 4000)
    .replaceAll(/\/\*[\s\S]*?(?:\*\/|$)|--[^\n]*/g, ' ')
    .replaceAll(/\$(\w*)\$[\s\S]*?(?:\$\1\$|$)/g, '?')
    .replaceAll(/(?:(?<!\w)[ebnx])?'(?:[^'\\]|''|\\[\s\S])*(?:'|$)/gi, '?')
    .replaceAll(/(?<![\w$.])[+-]?(?:0x[0-9a-f]+|\d+(?:\.\d+)?(?:e[+-]?\d+)?)\b/gi, '?')
    .replaceAll(/\(\s*\?(?:\s*,\s*\?)+\s*\)/g, '(?, …)')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, LONGEST)
}
