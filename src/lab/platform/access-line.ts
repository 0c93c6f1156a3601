/** One request as the balancer saw it. Times in milliseconds; -1 where it did not come so far. */
export type AccessEntry = {
  /** When the request came, epoch milliseconds. */
  readonly at: number
  readonly client: string
  readonly backend: string | null
  readonly answeredAfterMs: number
  readonly totalMs: number
  /** -1: the client left first. */
  readonly status: number
  readonly bytes: number
  /** HAProxy's two letters: who ended it (C client, S server, P proxy), and in which phase. */
  readonly ending: string
  readonly inFlight: number
  readonly onBackend: number
  readonly method: string
  readonly target: string
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/**
 * HAProxy's HTTP log format (its manual, 8.2.3), in UTC:
 *
 *     10.0.1.2:33317 [06/Feb/2026:12:14:14.655] shop app/app-1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 "GET / HTTP/1.1"
 */
export function accessLine(entry: AccessEntry): string {
  const whole = (ms: number): number => Math.round(ms)
  const timers = [0, 0, entry.backend === null ? -1 : 0, whole(entry.answeredAfterMs), whole(entry.totalMs)]
  const counts = [entry.inFlight, entry.inFlight, entry.inFlight, entry.onBackend, 0]
  const head = `${entry.client} [${clock(entry.at)}] shop app/${entry.backend ?? '<NOSRV>'}`
  const answer = `${timers.join('/')} ${entry.status} ${entry.bytes} - - ${entry.ending} ${counts.join('/')} 0/0`
  return `${head} ${answer} "${entry.method} ${printable(entry.target)} HTTP/1.1"`
}

function clock(at: number): string {
  const iso = new Date(at).toISOString()
  return `${iso.slice(8, 10)}/${MONTHS[Number(iso.slice(5, 7)) - 1]}/${iso.slice(0, 4)}:${iso.slice(11, 23)}`
}

/** No quote, blank or control character ends a field early. */
function printable(target: string): string {
  return target.slice(0, 1024).replaceAll(/[^\x21\x23-\x7e]/g, (mark) => encodeURIComponent(mark))
}
