import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { rulesTestedSchema } from '../contract/api.ts'
import { rulesSchema } from '../contract/rules.ts'
import type { Config } from '../contract/config.ts'
import { describeRules, exportPrometheusRules } from '../detect/index.ts'
import { AppError } from '../errors.ts'
import { policiesOf } from '../service/index.ts'
import { toIsoOrNull } from '../time.ts'
import { apiClient } from './api-client.ts'
import { eventLine } from './detection-table.ts'
import { exitCodes, type ExitCode, type Io } from './io.ts'
import { textOption, timeOption } from './options.ts'

type Options = Record<string, unknown>

const verbs: Readonly<Record<string, (io: Io, options: Options) => Promise<ExitCode>>> = {
  list,
  export: exportRules,
  test,
}

/** `firebreak rules list|export|test` */
export async function rulesCommand(
  io: Io,
  [name = '']: readonly string[],
  options: Options,
): Promise<ExitCode> {
  const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined
  if (verb) return verb(io, options)
  throw new AppError('USAGE', `expected a verb (${Object.keys(verbs).join(', ')}), found "${name}"`)
}

async function configured(io: Io, options: Options): Promise<Config> {
  const app = await io.loadApp()
  const file = textOption(options, 'config')
  const checked = await app.checkConfig(file)
  if (!checked.ok) throw new AppError('CONFIG_INVALID', checked.problems)
  if (file === null) io.stderr.write('these are the default rules; name your own with --config <file>\n')
  return checked.config
}

async function list(io: Io, options: Options): Promise<ExitCode> {
  const rules = describeRules((await configured(io, options)).rules)
  if (options['json'] === true) io.stdout.write(`${JSON.stringify({ schema: 1, rules })}\n`)
  else {
    for (const { name, enabled, says } of rules) {
      io.stdout.write(`${name.padEnd(22)}  ${enabled ? says : `off: ${says}`}\n`)
    }
  }
  return exitCodes.done
}

async function exportRules(io: Io, options: Options): Promise<ExitCode> {
  const config = await configured(io, options)
  const { yaml, notExported } = exportPrometheusRules(config.rules, policiesOf(config))
  io.stdout.write(options['json'] === true ? `${JSON.stringify({ schema: 1, yaml, notExported })}\n` : yaml)
  for (const { rule, reason } of notExported) io.stderr.write(`not exported: ${rule}: ${reason}\n`)
  return exitCodes.done
}

/** The running server has the stored telemetry; rules of a file are sent along. */
async function test(io: Io, options: Options): Promise<ExitCode> {
  const client = await apiClient(io, options)
  const file = textOption(options, 'config')
  const rules = file === null ? {} : { rules: z.encode(rulesSchema, (await configured(io, options)).rules) }
  const from = toIsoOrNull(timeOption(options, 'since', io.now()))
  const to = toIsoOrNull(timeOption(options, 'until', io.now()))
  const asked = {
    ...rules,
    ...expectationsOf(io, options),
    ...(from === null ? {} : { from }),
    ...(to === null ? {} : { to }),
  }
  const tested = rulesTestedSchema.parse(await client.post('/api/v1/rules/test', asked))
  if (options['json'] === true) io.stdout.write(`${JSON.stringify({ schema: 1, ...tested })}\n`)
  else {
    for (const event of tested.events) io.stdout.write(`${eventLine(event)}\n`)
    const detected = tested.events.filter(({ kind }) => kind === 'detected').length
    for (const sentence of tested.unmet) io.stdout.write(`UNMET  ${sentence}\n`)
    io.stdout.write(`${detected} detections from ${tested.from} to ${tested.to}\n`)
  }
  return tested.unmet.length > 0 ? exitCodes.failed : exitCodes.done
}

/** `--expect FILE`: YAML, a list of what must or must never be detected. */
function expectationsOf(io: Io, options: Options): object {
  const file = textOption(options, 'expect')
  if (file === null) return {}
  const path = resolve(io.cwd, file)
  try {
    return { expect: parse(readFileSync(path, 'utf8')) as unknown }
  } catch (cause) {
    throw new AppError('INPUT_UNREADABLE', `expected YAML at ${path}: ${(cause as Error).message}`, { cause })
  }
}
