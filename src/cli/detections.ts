import { z } from 'zod'
import { detectionEventSchema, detectionSchema, listOf, type DetectionJson } from '../contract/api.ts'
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
  const listed = await list(io, client, options)
  const isJson = options['json'] === true
  if (options['follow'] !== true) {
    if (isJson) io.stdout.write(`${JSON.stringify({ schema: 1, detections: listed })}\n`)
    else io.stdout.write(`${detectionTable(listed, io.now())}\n`)
    return listed.some(({ endedAt }) => endedAt === null) ? exitCodes.incidentFound : exitCodes.done
  }
  if (!isJson) io.stdout.write(`${detectionTable(listed, io.now())}\n`)
  await follow(io, client, options)
  return exitCodes.done
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

/** Goes on where it was when the connection breaks; a server that is away is waited for. */
async function follow(io: Io, client: ApiClient, options: Options): Promise<void> {
  const stopping = new AbortController()
  io.onInterrupt(() => stopping.abort())
  const { signal } = stopping
  const place: Place = { lastEventId: null, isAway: false }
  while (!signal.aborted) {
    try {
      for await (const event of client.events({ lastEventId: place.lastEventId, signal })) {
        take(event, place, { io, options })
      }
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof z.ZodError) throw error
      if (!place.isAway) io.stderr.write(`${reasonOf(error)}; trying again\n`)
      place.isAway = true
    }
    await pause(RECONNECT_MS, signal)
  }
}

/** Where following stands; changes with every event. */
type Place = { lastEventId: string | null; isAway: boolean }
type Showing = { readonly io: Io; readonly options: Options }

function take({ id, kind, data }: ServerEvent, place: Place, { io, options }: Showing): void {
  if (place.isAway) io.stderr.write('connected again\n')
  place.isAway = false
  place.lastEventId = id ?? place.lastEventId
  if (kind !== 'detection') return
  const event = detectionEventSchema.parse(data)
  const service = textOption(options, 'service')
  if (service !== null && event.detection.subject.service !== service) return
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
