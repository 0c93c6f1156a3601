import { namesIn } from './code-words.ts'
import type { Symptoms } from './symptoms.ts'

/** Some errors carry whole documents; what they are about stands at the beginning. */
const MAX_TEXT = 1500

/** A text of the failure; `weight` is how much it is part of it. */
export type Message = { readonly text: string; readonly weight: number }

/** What exceptions and error lines say, the telling ones first. */
export function messagesOf({ exceptions, messages }: Symptoms): Message[] {
  const raised = exceptions
    .slice(0, 8)
    .flatMap(({ chain, isNew }) => chain.map((link) => ({ text: link.message, weight: isNew ? 1 : 0.5 })))
  const logged = messages
    .filter(({ severityText }) => /ERROR|FATAL|WARN/.test(severityText))
    .slice(0, 20)
    .map(({ template, isNew }) => ({ text: template, weight: isNew ? 0.8 : 0.2 }))
  return [...raised, ...logged]
    .map(({ text, weight }) => ({ text: text.slice(0, MAX_TEXT), weight }))
    .filter(({ text }) => text.trim().length > 5)
}

const COMMON_TYPES =
  /^(?:str|int|NoneType|None|null|undefined|string|object|list|dict|tuple|bytes|bool|float|function|type|Object|String|self|true|false|panic|error|Error|Exception)$/

/** Names that the errors speak of (`has no attribute 'x'`, `KeyError: 'x'`, code words, own types), and how surely. */
export function namesOfErrors(symptoms: Symptoms): ReadonlyMap<string, number> {
  const names = new Map<string, number>()
  const note = (name: string, weight: number): void => {
    if (name.length < 3 || name.length > 60 || COMMON_TYPES.test(name)) return
    names.set(name, Math.max(names.get(name) ?? 0, weight))
  }
  for (const { text, weight } of messagesOf(symptoms).slice(0, 12)) {
    for (const quoted of text.matchAll(/['"`‘“]([^'"`’”\s]{3,60})['"`’”]/g)) {
      const inner = quoted[1] ?? ''
      note(inner, weight)
      for (const name of namesIn(inner)) note(name, weight * 0.6)
    }
    for (const call of text.matchAll(/([A-Za-z_][\w.]*)\(\)/g)) note(call[1]?.split('.').at(-1) ?? '', weight)
    const called = /([\w$.]+) is not (?:a function|a constructor|iterable|defined|callable)/.exec(text)?.[1]
    if (called !== undefined) note(called.split('.').at(-1) ?? '', weight)
    // Names in code style stand out of prose also without quotes.
    for (const name of namesIn(text))
      if (/[a-z][A-Z]|\w_\w|^[A-Z]+_[A-Z_]+$/.test(name)) note(name, weight * 0.6)
  }
  for (const { chain, isNew } of symptoms.exceptions.slice(0, 6)) {
    for (const link of chain) note(link.type.split(/[.:\\]+/).at(-1) ?? '', isNew ? 0.7 : 0.3)
  }
  return names
}
