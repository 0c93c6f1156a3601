import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** The balancer's part of every trace. */
export type RequestTraces = {
  /** Null while telemetry is off. */
  begin(request: TracedRequest): RequestTrace | null
  stop(): Promise<void>
}

export type TracedRequest = {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

export type RequestTrace = {
  /** For the request that is sent on. */
  readonly headers: Readonly<Record<string, string>>
  setRoute(template: string): void
  /** Null where the client left before the answer. */
  end(status: number | null): void
}

type ShopTelemetry = {
  readonly startTelemetry: () => Promise<void>
  readonly stopTelemetry: () => Promise<void>
  readonly startServerSpan: (request: TracedRequest) => RequestTrace | null
}

/**
 * The shop's own set-up of OpenTelemetry, which reads the standard variables of the environment. It stands in `shop/`
 * because the shop's programs live in a repository of their own; as source and as built we are equally far from it.
 */
export async function loadRequestTraces(): Promise<RequestTraces> {
  const file = join(import.meta.dirname, '..', '..', '..', 'shop', 'base', 'telemetry.js')
  const telemetry = (await import(pathToFileURL(file).href)) as ShopTelemetry
  await telemetry.startTelemetry()
  return { begin: telemetry.startServerSpan, stop: telemetry.stopTelemetry }
}
