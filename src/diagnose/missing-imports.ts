import type { Language } from './languages/language.ts'
import { lineBreakOf } from './text-edit.ts'
import type { TextEdit } from './text-edit.ts'

/** Names that added code may use, with the line that brings them in. */
const python: Readonly<Record<string, string>> = {
  logging: 'import logging',
  current_app: 'from flask import current_app',
  HttpResponse: 'from django.http import HttpResponse',
  JSONResponse: 'from fastapi.responses import JSONResponse',
}
const go: Readonly<Record<string, string>> = { log: '"log"', slog: '"log/slog"', http: '"net/http"' }

/** Imports that `added` needs and `text` does not have yet, put beside the ones that are there. */
export function missingImports(text: string, added: string, language: Language): TextEdit[] {
  if (language.id === 'python') return missingInPython(text, added)
  return language.id === 'go' ? missingInGo(text, added) : []
}

function missingInPython(text: string, added: string): TextEdit[] {
  const isImported = (name: string): boolean =>
    new RegExp(`^\\s*(import|from)\\b.*\\b${name}\\b`, 'm').test(text)
  const lines = Object.entries(python)
    .filter(([name]) => new RegExp(`\\b${name}\\b`).test(added) && !isImported(name))
    .map(([, line]) => line)
  if (lines.length === 0) return []
  const nl = lineBreakOf(text)
  const first = /^(import|from(?! __future__)) .*$/m.exec(text)
  const at = first?.index ?? 0
  return [{ start: at, end: at, text: lines.join(nl) + (first === null ? nl + nl : nl) }]
}

function missingInGo(text: string, added: string): TextEdit[] {
  const names = Object.entries(go).filter(
    ([name, path]) => new RegExp(`\\b${name}\\.`).test(added) && !text.includes(path),
  )
  if (names.length === 0) return []
  const nl = lineBreakOf(text)
  const block = /^import \(\r?\n/m.exec(text)
  const paths = names.map(([, path]) => path)
  if (block !== null) {
    const at = block.index + block[0].length
    return [{ start: at, end: at, text: paths.map((path) => `\t${path}${nl}`).join('') }]
  }
  const clause = /^package \w+.*\r?\n/m.exec(text)
  const at = clause === null ? 0 : clause.index + clause[0].length
  return [{ start: at, end: at, text: nl + paths.map((path) => `import ${path}${nl}`).join('') }]
}
