import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fileDescriptorsSpent } from './file-descriptors-spent.ts'
import { createFakeLab } from '../../../test/fake-lab.ts'
import type { FakeLab } from '../../../test/fake-lab.ts'
import { noisyNeighbour } from './noisy-neighbour.ts'
import { timeToAnswer } from './time-to-answer.ts'

let lab: FakeLab
beforeEach(() => {
  lab = createFakeLab()
})
afterEach(() => lab.close())

test('neighbours use CPU while they are there, and none once they are gone', async () => {
  const applied = await noisyNeighbour.apply(lab.system, { level: 'mild', seed: 1n })
  await pause(1_500)
  expect(await applied.check()).toMatchObject({ happened: true })
  await applied.undo()
  expect(await applied.check()).toMatchObject({ happened: false })
})

test.runIf(process.platform === 'linux')('a limit on open files is reached, and set back', async () => {
  const instances = ['app-1', 'app-2', 'app-3'].map((name) => lab.system.processes.get(name))
  const pids = instances.map((instance) => instance.pid)
  const applied = await fileDescriptorsSpent.apply(lab.system, { level: 'hard', seed: 1n })
  expect((await applied.check()).evidence).toMatch(/app-\d may open no file past number \d+|EMFILE/)
  await applied.undo()
  expect(await applied.check()).toMatchObject({ happened: false })
  expect(instances.map((instance) => instance.pid)).not.toEqual(pids) // restarted: a limit may have done harm
})

test('the time to an answer is measured, and null where none comes', async () => {
  const server = createServer((_request, response) => setTimeout(() => response.end(), 60)).listen(
    0,
    '127.0.0.1',
  )
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const ms = await timeToAnswer(port, 2_000)
  expect(ms).toBeGreaterThan(50)
  expect(await timeToAnswer(port, 10)).toBeNull()
  server.close()
})
