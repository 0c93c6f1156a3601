import type { ServerResponse } from 'node:http'
import type { DetectionEvent } from '../detect/index.ts'
import type { HubEvent } from '../service/index.ts'
import type { Service } from '../service/index.ts'
import { alertJson, changeJson, detectionEventJson, reportJson } from './present.ts'
import type { Change, ReceivedAlert, UserReport } from '../telemetry/index.ts'

const HEARTBEAT_MS = 15_000
/** A reader that lets this much pile up is let go; it comes back with `Last-Event-ID` and has missed nothing. */
const MOST_WAITING_BYTES = 1_000_000

export type Follower = { readonly response: ServerResponse; readonly lastEventId: string | null }

/**
 * Server-sent events (html.spec.whatwg.org/multipage/server-sent-events.html). After `Last-Event-ID` it goes on where
 * it was; where that is too long ago, the event `reset` says that lists have to be asked for anew.
 */
export function followEvents({ hub }: Pick<Service, 'hub'>, { response, lastEventId }: Follower): void {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  response.write('retry: 1000\n\n')
  if (lastEventId !== null) {
    const missed = hub.since(lastEventId)
    if (missed === null) response.write('event: reset\ndata: {}\n\n')
    else for (const event of missed) response.write(eventText(event))
  }
  const send = (text: string): void => {
    if (response.writableLength > MOST_WAITING_BYTES) response.destroy()
    else response.write(text)
  }
  const unsubscribe = hub.subscribe((event) => send(eventText(event)))
  const heartbeat = setInterval(() => send(': still here\n\n'), HEARTBEAT_MS)
  heartbeat.unref()
  response.once('close', () => {
    clearInterval(heartbeat)
    unsubscribe()
  })
}

function eventText({ id, kind, data }: HubEvent): string {
  return `id: ${id}\nevent: ${kind}\ndata: ${JSON.stringify(eventJson(kind, data))}\n\n`
}

/** The hub carries what the composition put in, by kind. */
function eventJson(kind: string, data: unknown): unknown {
  switch (kind) {
    case 'detection':
      return detectionEventJson(data as DetectionEvent)
    case 'change':
      return changeJson(data as Change)
    case 'report':
      return reportJson(data as UserReport)
    case 'alert':
      return alertJson(data as ReceivedAlert)
    default:
      return data
  }
}
