import { stringify } from 'yaml'
import { z } from 'zod'
import { configSchema, type Config } from '../contract/config.ts'

/** Everything that is in force, in the words of the file, defaults too; secrets are not shown. */
export function showConfig(config: Config): string {
  return stringify(withoutSecrets(z.encode(configSchema, config)), { lineWidth: 110 })
}

const HIDDEN = '[hidden]'

function withoutSecrets(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, inside]) => [name, withoutSecrets(inside, name)]),
    )
  }
  if (typeof value !== 'string') return value
  if (/^(?:token|secret|authorization|cookie|.*password.*|.*api-?key.*)$/i.test(key)) return HIDDEN
  return value.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/i, `$1${HIDDEN}@`)
}
