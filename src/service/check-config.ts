import type { Config } from '../contract/config.ts'
import { problemsInWords, readConfigFile, type ConfigPlace } from './service-config.ts'
import { showConfig } from './show-config.ts'

export type ShownConfig =
  | { readonly ok: true; readonly shown: string; readonly config: Config }
  | { readonly ok: false; readonly problems: string }

/** Says what is wrong with a configuration, or shows what it comes to, with every default. */
export async function checkConfig(place: ConfigPlace): Promise<ShownConfig> {
  const read = await readConfigFile(place)
  if (!read.ok) return { ok: false, problems: problemsInWords(place.file ?? '', read.problems) }
  return { ok: true, shown: showConfig(read.config), config: read.config }
}
