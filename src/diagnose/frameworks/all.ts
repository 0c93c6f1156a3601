import { csharpFrameworks } from './csharp.ts'
import type { Framework, Handler } from './framework.ts'
import { goFrameworks } from './go.ts'
import { javaFrameworks } from './java.ts'
import { javascriptFrameworks } from './javascript.ts'
import { phpFrameworks } from './php.ts'
import { pythonFrameworks } from './python.ts'
import { rubyFrameworks } from './ruby.ts'
import { rustFrameworks } from './rust.ts'

const frameworks: readonly Framework[] = [
  ...pythonFrameworks,
  ...javascriptFrameworks,
  ...javaFrameworks,
  ...goFrameworks,
  ...rubyFrameworks,
  ...phpFrameworks,
  ...csharpFrameworks,
  ...rustFrameworks,
]

/** The framework in which `handler` answers requests; without one, the language's plain way. */
export function frameworkOf(language: string, text: string, handler: Handler): Framework | null {
  const known = frameworks.filter((each) => each.languages.includes(language) && each.uses.test(text))
  // The last of a language is its plain way, which takes every file and has no handlers.
  return known.find((each) => each.isHandler(handler)) ?? known.at(-1) ?? null
}

/** Is the function one that a framework of this file calls? */
export function isHandlerOf(language: string, text: string, handler: Handler): boolean {
  return frameworks.some(
    (each) => each.languages.includes(language) && each.uses.test(text) && each.isHandler(handler),
  )
}
