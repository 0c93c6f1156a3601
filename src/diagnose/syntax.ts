import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { Language as Grammar, Parser } from 'web-tree-sitter'
import type { Node } from 'web-tree-sitter'

export type { Node } from 'web-tree-sitter'

/** Larger files are not parsed: generated code, bundles, data. A parse takes about 50 ms per 100 kB. */
export const MAX_PARSED_CHARACTERS = 1_000_000

const grammars = new Map<string, Promise<Grammar>>()
let runtime: Promise<void> | null = null

async function loadGrammar(name: string): Promise<Grammar> {
  runtime ??= Parser.init()
  await runtime
  const url = import.meta.resolve(`@vscode/tree-sitter-wasm/wasm/tree-sitter-${name}.wasm`)
  return Grammar.load(new Uint8Array(await readFile(fileURLToPath(url))))
}

/**
 * Parses `text` and hands the root to `look`; the tree lives in WebAssembly memory and dies when `look` returns, so
 * no node may leave it. Null where the text is too large to parse. Grammars are loaded at first use and kept: a
 * process has one copy of each, as it has of any imported module.
 */
export async function withTree<T>(grammar: string, text: string, look: (root: Node) => T): Promise<T | null> {
  if (text.length > MAX_PARSED_CHARACTERS) return null
  let loading = grammars.get(grammar)
  if (loading === undefined) {
    loading = loadGrammar(grammar)
    grammars.set(grammar, loading)
  }
  const loaded = await loading
  const parser = new Parser()
  parser.setLanguage(loaded)
  const tree = parser.parse(text)
  try {
    return tree === null ? null : look(tree.rootNode)
  } finally {
    tree?.delete()
    parser.delete()
  }
}

/** The source of a tree from its first character on; the text of a root begins at its first token. */
export function wholeText(root: Node): string {
  const { row, column } = root.startPosition
  const leading = root.startIndex - column
  return (
    ' '.repeat(Math.max(0, leading - row)) +
    '\n'.repeat(Math.min(row, leading)) +
    ' '.repeat(column) +
    root.text
  )
}

/** The one child of a node that wraps another, comments aside; null where there are more, or none. */
export function onlyChild(node: Node): Node | null {
  const children = node.namedChildren.filter((child) => !child.isExtra)
  return children.length === 1 ? (children[0] ?? null) : null
}

/** How many places the grammar could not read. Grammars lag behind languages, so compare before and after. */
export function countSyntaxErrors(root: Node): number {
  if (!root.hasError) return emptyBlocks(root)
  let errors = 0
  const waiting: Node[] = [root]
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (node.isError || node.isMissing) errors += 1
    if (node.hasError) waiting.push(...node.children)
  }
  return errors + emptyBlocks(root)
}

/** Python's grammar lets a block be empty, its compiler does not. */
function emptyBlocks(root: Node): number {
  if (root.type !== 'module') return 0
  return root
    .descendantsOfType([
      'block',
      'with_statement',
      'if_statement',
      'for_statement',
      'while_statement',
      'try_statement',
    ])
    .filter((node) => !hasStatements(node)).length
}

function hasStatements(node: Node): boolean {
  const body =
    node.type === 'block' ? node : (node.childForFieldName('body') ?? node.childForFieldName('consequence'))
  return body !== null && body.namedChildren.some((child) => !child.isExtra)
}
