import { openTelemetryStore } from '../../src/store/index.ts'
import { makeLog } from '../../bench/store-telemetry.ts'

// Appends at full rate until it is killed; tells each batch on standard output once it is acknowledged.
//   node store-appender.ts DIRECTORY FIRST_BATCH

const [directory = '', first = '0'] = process.argv.slice(2)
const BATCH = 500
const SENDERS = 8

const store = await openTelemetryStore({ directory, now: Date.now })
process.stdout.write('open\n')
let next = Number(first)

async function sender(): Promise<void> {
  for (;;) {
    const batch = next++
    const items = Array.from({ length: BATCH }, (_, index) => ({
      ...makeLog(index, Date.now()),
      body: `${batch}-${index}`,
      eventName: String(batch),
    }))
    const taken = await store.append([{ kind: 'logs', items }])
    if (taken.kind === 'stored') process.stdout.write(`kept ${batch}\n`)
    else await new Promise((resolve) => setTimeout(resolve, taken.afterMs))
  }
}

await Promise.all(Array.from({ length: SENDERS }, sender))
