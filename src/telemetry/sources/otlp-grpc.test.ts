import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { expect, onTestFinished, test, vi } from 'vitest'
import { fakeIntake } from '../../../test/fake-intake.ts'
import { createSourceCounters } from '../source-counters.ts'
import { createAdmission } from './admission.ts'
import { createOtlpGrpc } from './otlp-grpc.ts'

test('a port that is taken is told by the error alone, and by no line of the library', async () => {
  const said = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  onTestFinished(() => said.mockRestore())
  const other = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void other.close())
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo

  const admission = createAdmission({ maxBytes: 1_000_000 })
  const deps = { intake: fakeIntake(), counters: createSourceCounters(), admission, now: () => 0 }
  await expect(createOtlpGrpc(deps).listen('127.0.0.1', port)).rejects.toThrow(/EADDRINUSE/)
  expect(said).not.toHaveBeenCalled()
})
