import type { DatabaseProbe } from '../database-probe.ts'
import type { DatabaseConnection } from './database-connection.ts'
import { connect, openDatabase, placeOf, refusal, unreachable } from './database-place.ts'
import type { ProbeDeps } from './database-place.ts'

/** Looks at a database every so often until it is stopped; holds one connection. */
export type DatabaseWatch = {
  /** What was seen so far, oldest first. */
  probes(): readonly DatabaseProbe[]
  /** Ends the connection; one last look is not taken. */
  stop(): Promise<readonly DatabaseProbe[]>
}

/**
 * One look at the database of a `postgresql://`, `mysql://` or `mariadb://` URL: connections against the limit,
 * sessions by state and age, who blocks whom. Reads only, within seconds. A server that refuses for want of
 * connections, or because it starts or stops, is an answer (`refused`); a wrong password or address is
 * `DATABASE_UNREACHABLE`. The password is in no message.
 */
export async function probeDatabase(deps: ProbeDeps, url: string): Promise<DatabaseProbe> {
  const place = placeOf(url)
  const opened = await openDatabase(deps, place)
  if ('refused' in opened) return opened
  const close = () => void opened.close().catch(() => {})
  deps.signal.addEventListener('abort', close, { once: true })
  try {
    return await opened.look(deps.now())
  } catch (error) {
    throw unreachable(place, error)
  } finally {
    deps.signal.removeEventListener('abort', close)
    await opened.close().catch(() => {})
  }
}

/**
 * Looks at once and then every `everyMs`. It is started before the load, so that it has its connection when there
 * are none left; when the server breaks it off, that is a probe too (`refused`), and it tries again each time.
 */
export async function watchDatabase(deps: ProbeDeps, url: string, everyMs = 2000): Promise<DatabaseWatch> {
  const place = placeOf(url)
  const probes: DatabaseProbe[] = []
  const first = await openDatabase(deps, place)
  let connection: DatabaseConnection | null = null
  if ('refused' in first) probes.push(first)
  else connection = first
  let looking: Promise<void> = Promise.resolve()
  let isLooking = false

  const lookOnce = async (): Promise<void> => {
    try {
      connection ??= await connect(place)
      keep(probes, await connection.look(deps.now()))
    } catch (error) {
      keep(probes, refusal(deps.now(), place, error))
      await connection?.close().catch(() => {})
      connection = null
    }
  }
  const look = () => {
    // A look that takes longer than the interval is not overtaken by the next.
    if (isLooking) return
    isLooking = true
    looking = lookOnce().finally(() => (isLooking = false))
  }
  if (connection !== null) {
    look()
    await looking
  }
  const timer = setInterval(look, everyMs)
  timer.unref()

  const stop = async (): Promise<readonly DatabaseProbe[]> => {
    clearInterval(timer)
    deps.signal.removeEventListener('abort', abandon)
    await looking
    await connection?.close().catch(() => {})
    connection = null
    return probes
  }
  const abandon = () => void stop()
  deps.signal.addEventListener('abort', abandon, { once: true })
  return { probes: () => probes, stop }
}

const MOST_PROBES = 600

/** Bounded: past the limit every other one of the older half is forgotten. */
function keep(probes: DatabaseProbe[], probe: DatabaseProbe): void {
  probes.push(probe)
  if (probes.length <= MOST_PROBES) return
  const half = probes.length / 2
  const kept = probes.filter((_, index) => index >= half || index % 2 === 0)
  probes.splice(0, probes.length, ...kept)
}
