import { AppError } from '../errors.ts'
import type { ServerAddress } from '../service/index.ts'
import { textOption } from './options.ts'
import type { Io } from './io.ts'

/** The running server, as its API has it. */
export type ApiClient = {
  readonly get: (path: string, query?: Readonly<Record<string, string | null>>) => Promise<unknown>
  readonly post: (path: string, body: unknown) => Promise<unknown>
  /** `open` once connected, then events from now on, or after `lastEventId`; ends when the server does, or the signal says so. */
  readonly events: (options: {
    readonly lastEventId: string | null
    readonly signal: AbortSignal
  }) => AsyncIterable<ServerEvent>
}

export type ServerEvent = { readonly id: string | null; readonly kind: string; readonly data: unknown }

const TIMEOUT_MS = 15_000
/** Testing rules reads all that is stored of the window. */
const WORK_TIMEOUT_MS = 600_000

/** Finds the server by `--url`, `--token` and `--data`. */
export async function apiClient(io: Io, options: Record<string, unknown>): Promise<ApiClient> {
  const app = await io.loadApp()
  const wanted = {
    url: textOption(options, 'url'),
    token: textOption(options, 'token'),
    data: textOption(options, 'data'),
  }
  return createApiClient(await app.findServer(wanted))
}

function createApiClient(address: ServerAddress): ApiClient {
  const headers = address.token === null ? {} : { authorization: `Bearer ${address.token}` }
  async function ask(path: string, init: RequestInit): Promise<Response> {
    const response = await reach(address, path, init)
    if (response.ok) return response
    throw await refusalOf(response)
  }
  return {
    async get(path, query = {}) {
      const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== null)
      const asked = given.length === 0 ? path : `${path}?${new URLSearchParams(given).toString()}`
      const response = await ask(asked, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) })
      return response.json()
    },
    async post(path, body) {
      const response = await ask(path, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(WORK_TIMEOUT_MS),
      })
      return response.json()
    },
    async *events({ lastEventId, signal }) {
      const resume = lastEventId === null ? {} : { 'last-event-id': lastEventId }
      const response = await ask('/api/v1/events', { headers: { ...headers, ...resume }, signal })
      yield { id: null, kind: 'open', data: null }
      if (response.body !== null) yield* parseEvents(response.body)
    },
  }
}

async function reach({ url }: ServerAddress, path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(`${url}${path}`, init)
  } catch (cause) {
    if ((cause as Error).name === 'AbortError') throw cause
    const because = ((cause as Error).cause as Error | undefined)?.message ?? (cause as Error).message
    throw new AppError('SERVER_UNREACHABLE', `expected a Firebreak server at ${url}: ${because}`, {
      hint: 'start one with firebreak serve, or name it with --url',
      cause,
    })
  }
}

async function refusalOf(response: Response): Promise<AppError> {
  const said = (await response.json().catch(() => ({}))) as { detail?: string }
  const detail = said.detail ?? `${response.status} ${response.statusText}`
  if (response.status === 401) {
    return new AppError('SERVER_UNREACHABLE', `the server wants a token: ${detail}`, { hint: 'give --token' })
  }
  return new AppError(response.status === 404 ? 'NOT_FOUND' : 'REQUEST_INVALID', detail)
}

/** Server-sent events of a byte stream; a comment is a sign of life and nothing else. */
export async function* parseEvents(stream: AsyncIterable<Uint8Array>): AsyncIterable<ServerEvent> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of stream) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const event = eventOf(block)
      if (event !== null) yield event
    }
  }
}

function eventOf(block: string): ServerEvent | null {
  const fields = new Map<string, string>()
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':')
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1).replace(/^ /, ''))
  }
  const data = fields.get('data')
  if (data === undefined) return null
  return { id: fields.get('id') ?? null, kind: fields.get('event') ?? 'message', data: JSON.parse(data) }
}
