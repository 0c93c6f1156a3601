import { csharp } from './csharp.ts'
import { go } from './go.ts'
import { java } from './java.ts'
import { javascript, tsx, typescript } from './javascript.ts'
import type { Language } from './language.ts'
import { php } from './php.ts'
import { python } from './python.ts'
import { ruby } from './ruby.ts'
import { rust } from './rust.ts'

const languages: readonly Language[] = [
  python,
  javascript,
  typescript,
  tsx,
  java,
  go,
  ruby,
  php,
  csharp,
  rust,
]

/** The language of a file, by its name's ending; null where Firebreak has no grammar for it. */
export function languageOf(path: string): Language | null {
  const name = path.toLowerCase()
  return languages.find((language) => language.extensions.some((ending) => name.endsWith(ending))) ?? null
}
