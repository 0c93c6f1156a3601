import { setTimeout as pause } from 'node:timers/promises'
import { AppError } from '../errors.ts'
import { takeTour } from '../lab/index.ts'
import type { Lab, TourEvent } from '../lab/index.ts'
import { exitCodes, type ExitCode, type Io } from './io.ts'
import { textOption, wholeOption } from './options.ts'
import { createProgress } from './progress.ts'
import { tourHead, tourLine, tourRow, tourSummary } from './tour-table.ts'

type Options = Record<string, unknown>
type Started = Awaited<ReturnType<Lab['up']>>
type Up = { readonly lab: Lab; readonly started: Started }

/** `firebreak tour`, which is what `npm start` runs: a lab comes up, is broken, is mended, and goes. */
export async function tourCommand(io: Io, _: readonly string[], options: Options): Promise<ExitCode> {
  const controller = new AbortController()
  const { signal } = controller
  io.onInterrupt(() => {
    if (signal.aborted) return io.exitNow(130) // its supervisor notices, and ends the rest
    io.stderr.write('\ntaking the lab down (again to leave at once)\n')
    controller.abort()
  })
  const order = orderFrom(options)
  const app = await io.loadApp()
  const lab = await app.lab(textOption(options, 'data'))
  lab.refuseUnknown({ ...order, name: order.fault })
  const up = await bringUp(io, { lab, options, signal })
  try {
    await tell(io, { ...up, options, order, signal })
    if (options['stay'] === true && !signal.aborted) await stay(io, up)
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    await up.started.down()
  }
  return exitCodes.done
}

function orderFrom(options: Options): { fault: string; level?: string; seed?: string } {
  const [level, seed] = [textOption(options, 'level'), textOption(options, 'seed')]
  return {
    fault: textOption(options, 'fault') ?? 'connection-leak',
    ...(level === null ? {} : { level }),
    ...(seed === null ? {} : { seed }),
  }
}

type BringingUp = { readonly lab: Lab; readonly options: Options; readonly signal: AbortSignal }

const FIRST_PORT = 4500
const PORT_STEP = 20
const ATTEMPTS = 6
/** More than `lab up --small` has: with its tenth of the load a leak would take minutes to be felt. */
const SMALL_PER_SECOND = 100

/** Beside a lab that is up already: in a folder next to it, and at other ports. */
async function bringUp(io: Io, { lab: first, options, signal }: BringingUp): Promise<Up> {
  const progress = createProgress(io)
  const givenPort = wholeOption(options, 'port', [1, 65_000])
  const isGiven = { port: givenPort !== null, folder: textOption(options, 'data') !== null }
  let [lab, port] = [first, givenPort ?? FIRST_PORT]
  for (let attempt = 1; ; attempt += 1) {
    try {
      const started = await lab.up({ ...upOptions(options), port, signal, onProgress: progress.note })
      return { lab, started }
    } catch (error) {
      const code = error instanceof AppError && attempt < ATTEMPTS && !signal.aborted ? error.code : null
      if (code === 'PORT_IN_USE' && !isGiven.port) port += PORT_STEP
      else if (code === 'LAB_ALREADY_UP' && !isGiven.folder && lab === first) {
        lab = await (await io.loadApp()).lab(`${first.root}-tour`)
      } else throw error
      progress.note(`${(error as AppError).message}: the tour takes port ${port} and ${lab.root}`)
    }
  }
}

function upOptions(options: Options) {
  return {
    host: null,
    apiHost: null,
    perSecond: options['small'] === true ? SMALL_PER_SECOND : null,
    isImpatient: false,
    otlpEndpoint: null,
    otlpIntervalMs: null,
    seed: textOption(options, 'seed'),
    isSmall: options['small'] === true,
  }
}

type Telling = Up & {
  readonly options: Options
  readonly order: ReturnType<typeof orderFrom>
  readonly signal: AbortSignal
}

async function tell(io: Io, { lab, options, order, signal }: Telling): Promise<void> {
  const isJson = options['json'] === true
  const screen = createScreen(isJson ? { write: (text: string) => io.stderr.write(text) } : io.stdout)
  const report = await takeTour(
    {
      lab,
      now: io.now,
      sleep: (ms) => pause(ms, undefined, { signal }),
      onEvent: screen.show,
    },
    order,
  )
  screen.end()
  io.stdout.write(isJson ? `${JSON.stringify(report)}\n` : `\n${tourSummary(report)}\n`)
}

/** On a terminal the last row is of this second; elsewhere there are rows of every fifth second only. */
function createScreen(out: { readonly isTTY?: boolean; write(text: string): unknown }) {
  const isTerminal = out.isTTY === true
  let isLive = false
  let hasHead = false
  const clear = (): void => {
    if (isLive) out.write('\r\u001B[K')
    isLive = false
  }
  const show = (event: TourEvent): void => {
    clear()
    if (event.kind === 'said') return void out.write(`${tourLine(event.atSeconds, event.text)}\n`)
    if (!hasHead) out.write(`\n${tourHead()}\n`)
    hasHead = true
    if (event.isRow) return void out.write(`${tourRow(event.row)}\n`)
    if (isTerminal) out.write(tourRow(event.row))
    isLive = isTerminal
  }
  return { show, end: clear }
}

async function stay(io: Io, { lab, started }: Up): Promise<void> {
  const { shopUrl, controlUrl } = started.file
  io.stdout.write(
    `\nThe lab stays up until Ctrl-C: the shop at ${shopUrl}, the control API at ${controlUrl}.\n` +
      `Break it yourself: firebreak lab break NAME --data ${lab.root}\n`,
  )
  await started.ended
}
