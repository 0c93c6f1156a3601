import type { LabSystem } from '../platform/lab-system.ts'
import { repeat } from './repeat.ts'

export type ReportJob = { readonly answers: number; stop(): Promise<void> }

/** Asks the shop for the report of accounting, now and then, as a scheduled job does. */
export function startReportJob(system: LabSystem, everyMs: number): ReportJob {
  let answers = 0
  const asking = new AbortController()
  const job = repeat(system, everyMs, async () => {
    const url = new URL('/reports/daily', system.balancer.url)
    // A job that gets no answer tries again at its next time.
    const response = await fetch(url, { signal: asking.signal }).catch(() => null)
    await response?.arrayBuffer().catch(() => null)
    if (response?.ok === true) answers += 1
    return 'again'
  })
  return {
    get answers() {
      return answers
    },
    async stop() {
      asking.abort()
      await job.stop()
    },
  }
}
