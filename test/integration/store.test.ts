import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { openTelemetryStore } from '../../src/store/index.ts'
import type { TelemetryStore } from '../../src/store/index.ts'
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
