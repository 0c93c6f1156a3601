import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, onTestFinished } from 'vitest'
import { openTelemetryStore } from '../../src/store/index.ts'
import type { TelemetryStore } from '../../src/store/index.ts'
import { metricConformance } from '../metric-conformance.ts'
import { storeConformance } from '../store-conformance.ts'

/** The time of the telemetry, so that none of it is too old to keep. */
const NOW = Date.UTC(2026, 10, 20, 12, 30)

async function openStore(): Promise<TelemetryStore> {
  const directory = mkdtempSync(join(tmpdir(), 'firebreak-store-'))
  const store = await openTelemetryStore({ directory, now: () => NOW + performance.now() })
  onTestFinished(async () => {
    await store.close()
    rmSync(directory, { recursive: true, force: true })
  })
  return store
}

storeConformance('the store on the embedded engine', openStore)

const shared = mkdtempSync(join(tmpdir(), 'firebreak-store-'))
let opened: Promise<TelemetryStore> | null = null
afterAll(async () => {
  await (await opened)?.close()
  rmSync(shared, { recursive: true, force: true })
})
metricConformance('the store on the embedded engine', () => {
  opened ??= openTelemetryStore({ directory: shared, now: () => NOW + performance.now() })
  return opened
})
