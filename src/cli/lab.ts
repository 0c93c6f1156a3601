import type { FaultEntry, Lab } from '../lab/index.ts'
import { AppError } from '../errors.ts'
import { exitCodes, type ExitCode, type Io } from './io.ts'
import { faultTable, statusTable } from './lab-tables.ts'
import { durationOption, rateFrom, textOption, urlOptions, wholeOption } from './options.ts'

type Options = Record<string, unknown>

/** What a verb works with; `words` are those after it. */
type Call = {
  readonly io: Io
  readonly lab: Lab
  readonly words: readonly string[]
  readonly options: Options
}

type Verb = {
  /** How many words it takes after it. */
  readonly words: readonly [least: number, most: number]
  readonly run: (call: Call) => Promise<ExitCode>
}

const verbs: Readonly<Record<string, Verb>> = {
  up: { words: [0, 0], run: up },
  down: { words: [0, 0], run: down },
  status: { words: [0, 0], run: status },
  faults: { words: [0, 0], run: faults },
  break: { words: [1, 1], run: breakIt },
  mend: { words: [0, 1], run: mend },
  load: { words: [1, 1], run: load },
  deploy: { words: [0, 1], run: deploy },
  rollback: { words: [0, 0], run: rollback },
}

/** `firebreak lab up|status|faults|break|mend|load|deploy|rollback|down` */
export async function labCommand(
  io: Io,
  [name = '', ...words]: readonly string[],
  options: Options,
): Promise<ExitCode> {
  const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined
  if (verb === undefined) {
    throw new AppError('USAGE', `expected a verb (${Object.keys(verbs).join(', ')}), found "${name}"`)
  }
  const [least, most] = verb.words
  if (words.length < least || words.length > most) {
    const expected = most === 0 ? 'nothing' : least === most ? 'one word' : 'at most one word'
    throw new AppError('USAGE', `lab ${name}: expected ${expected} after it, found "${words.join(' ')}"`, {
      hint: 'firebreak lab --help',
    })
  }
  const app = await io.loadApp()
  return verb.run({ io, lab: await app.lab(textOption(options, 'data')), words, options })
}

async function up({ io, lab, options }: Call): Promise<ExitCode> {
  const controller = new AbortController()
  io.onInterrupt(() => {
    if (controller.signal.aborted) return io.exitNow(130) // its supervisor notices, and ends the rest
    io.stderr.write('\ntaking the lab down (again to leave at once)\n')
    controller.abort()
  })
  const from = io.now()
  const seconds = (): string => `${((io.now() - from) / 1000).toFixed(1)} s`
  const started = await lab.up({
    host: textOption(options, 'host'),
    apiHost: textOption(options, 'apiHost'),
    port: wholeOption(options, 'port', [1, 65_000]),
    perSecond: typeof options['rate'] === 'string' ? rateFrom(options['rate'], '--rate') : null,
    otlpEndpoint: urlOptions(options, 'otlp')[0]?.replace(/\/$/, '') ?? null,
    otlpIntervalMs: durationOption(options, 'otlpInterval'),
    seed: textOption(options, 'seed'),
    isSmall: options['small'] === true,
    isImpatient: options['impatient'] === true,
    onProgress: (text) => void io.stderr.write(`${seconds().padStart(7)}  ${text}\n`),
    signal: controller.signal,
  })
  const { shopUrl, controlUrl, repository, logs } = started.file
  io.stderr.write(`${seconds().padStart(7)}  the lab is up\n`)
  if (options['json'] === true) io.stdout.write(`${JSON.stringify(await lab.status())}\n`)
  else io.stdout.write(`shop ${shopUrl}\ncontrol API ${controlUrl}\nrepository ${repository}\nlogs ${logs}\n`)
  if (options['detach'] === true) {
    started.detach()
    return exitCodes.done
  }
  if (await started.ended) return exitCodes.done
  io.stderr.write('firebreak: the lab ended by itself\n')
  return exitCodes.failed
}

async function down({ io, lab, options }: Call): Promise<ExitCode> {
  const wasUp = await lab.down()
  say({ io, options }, { down: true, wasUp }, wasUp ? 'the lab is down' : 'no lab was up')
  return exitCodes.done
}

async function status({ io, lab, options }: Call): Promise<ExitCode> {
  const state = await lab.status()
  say({ io, options }, state, statusTable(state))
  return exitCodes.done
}

async function faults({ io, lab, options }: Call): Promise<ExitCode> {
  const entries: readonly FaultEntry[] = lab.faults()
  say({ io, options }, { schema: 1, faults: entries }, faultTable(entries))
  return exitCodes.done
}

async function breakIt({ io, lab, words, options }: Call): Promise<ExitCode> {
  const [name = ''] = words
  const [level, seed] = [textOption(options, 'level'), textOption(options, 'seed')]
  const applied = await lab.break({
    name,
    ...(level === null ? {} : { level }),
    ...(seed === null ? {} : { seed }),
  })
  say({ io, options }, applied, `${applied.name} is in (${applied.level})`)
  return exitCodes.done
}

async function mend({ io, lab, words, options }: Call): Promise<ExitCode> {
  const mended = await lab.mend(words[0])
  say({ io, options }, { mended }, mended.length === 0 ? 'nothing was broken' : `mended ${mended.join(', ')}`)
  return exitCodes.done
}

async function load({ io, lab, words, options }: Call): Promise<ExitCode> {
  const perSecond = rateFrom(words[0] ?? '', 'lab load')
  const { impatient } = options
  const clients = impatient === undefined ? undefined : impatient === true ? 'impatient' : 'everyday'
  await lab.load({ perSecond, ...(clients === undefined ? {} : { clients }) })
  const { load: now } = await lab.status()
  const who = now.clients === 'impatient' ? ' of clients that ask again at once' : ''
  say({ io, options }, now, `${perSecond.toFixed(1)} requests a second from now on${who}`)
  return exitCodes.done
}

async function deploy({ io, lab, words, options }: Call): Promise<ExitCode> {
  const release = await lab.deploy(words[0])
  say({ io, options }, release, `${release.version} (${release.commit.slice(0, 7)}) is deployed`)
  return exitCodes.done
}

async function rollback({ io, lab, options }: Call): Promise<ExitCode> {
  const release = await lab.rollback()
  say({ io, options }, release, `back at ${release.version} (${release.commit.slice(0, 7)})`)
  return exitCodes.done
}

function say({ io, options }: Pick<Call, 'io' | 'options'>, json: unknown, text: string): void {
  io.stdout.write(options['json'] === true ? `${JSON.stringify(json)}\n` : `${text}\n`)
}
