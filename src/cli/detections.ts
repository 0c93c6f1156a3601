import { z } from 'zod'
import { detectionEventSchema, detectionSchema, listOf } from '../contract/api.ts'
import type { DetectionEventJson, DetectionJson } from '../contract/api.ts'
import { AppError } from '../errors.ts'
import { toIso } from '../time.ts'
import { apiClient, type ApiClient, type ServerEvent } from './api-client.ts'
import { detectionTable, eventLine } from './detection-table.ts'
import { exitCodes, type ExitCode, type Io } from './io.ts'
import { textOption, timeOption } from './options.ts'

type Options = Record<string, unknown>

/** `firebreak detections [--follow] [--all] [--service S] [--since T] [--json]` */
export async function detectionsCommand(
  io: Io,
  _words: readonly string[],
  options: Options,
): Promise<ExitCode> {
  const client = await apiClient(io, options)
  if (options['follow'] === true) {
    await follow({ io, client, options })
    return exitCodes.done
  }
  const listed = await list(io, client, options)
  if (options['json'] === true) io.stdout.write(`${JSON.stringify({ schema: 1, detections: listed })}\n`)
  else io.stdout.write(`${detectionTable(listed, io.now())}\n`)
  return listed.some(({ endedAt }) => endedAt === null) ? exitCodes.incidentFound : exitCodes.done
}

async function list(io: Io, client: ApiClient, options: Options): Promise<readonly DetectionJson[]> {
  const since = timeOption(options, 'since', io.now())
  const isOver = options['all'] === true || since !== null
  const query = {
    service: textOption(options, 'service'),
    active: isOver ? null : 'true',
    from: since === null ? null : toIso(since),
    limit: isOver ? '1000' : null,
  }
  const answer = await client.get('/api/v1/detections', query)
  return listOf(detectionSchema).parse(answer).data
}

const RECONNECT_MS = 1_000

type Following = { readonly io: Io; readonly client: ApiClient; readonly options: Options }

/** Goes on where it was when the connection breaks; a server that goes away is waited for. */
async function follow(following: Following): Promise<void> {
  const { io, client } = following
  const stopping = new AbortController()
  io.onInterrupt(() => stopping.abort())
  const { signal } = stopping
  const place: Place = { lastEventId: null, state: 'new' }
  while (!signal.aborted) {
    try {
      for await (const event of client.events({ lastEventId: place.lastEventId, signal })) {
        await take(event, place, following)
      }
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof z.ZodError || place.state === 'new') throw error
      if (place.state === 'following') io.stderr.write(`${reasonOf(error)}; trying again\n`)
      place.state = 'away'
    }
    await pause(RECONNECT_MS, signal)
  }
}

/** Where following stands; changes with every event. */
type Place = { lastEventId: string | null; state: 'new' | 'following' | 'away' }

async function take(event: ServerEvent, place: Place, following: Following): Promise<void> {
  const { io, options } = following
  if (event.kind === 'open') {
    const isNew = place.state === 'new'
    io.stderr.write(isNew ? 'following; Ctrl-C ends it\n' : 'connected again\n')
    place.state = 'following'
    // Once connected, so that nothing happens between the list and the first event.
    if (isNew && options['json'] !== true) await showAll(following)
    return
  }
  place.lastEventId = event.id ?? place.lastEventId
  if (event.kind === 'reset') await showAll(following)
  if (event.kind !== 'detection') return
  const happened = detectionEventSchema.parse(event.data)
  const service = textOption(options, 'service')
  if (service === null || happened.detection.subject.service === service) show(io, happened, options)
}

/** How all stands: at the beginning, and where the server no longer knows what we have missed. */
async function showAll({ io, client, options }: Following): Promise<void> {
  const listed = await list(io, client, options)
  const at = toIso(io.now())
  if (options['json'] !== true) io.stdout.write(`${detectionTable(listed, io.now())}\n`)
  else for (const detection of listed) show(io, { at, kind: 'updated', detection }, options)
}

function show(io: Io, event: DetectionEventJson, options: Options): void {
  io.stdout.write(`${options['json'] === true ? JSON.stringify(event) : eventLine(event)}\n`)
}

function reasonOf(error: unknown): string {
  return error instanceof AppError ? error.message : 'the connection to the server broke'
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        resolve()
      },
      { once: true },
    )
  })
}
