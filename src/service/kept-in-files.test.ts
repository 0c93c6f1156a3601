import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { findServer } from './find-server.ts'
import { readServeFile, refuseSecondServer, writeServeFile } from './serve-file.ts'
import { openSilences } from './silences.ts'

const NOON = Date.UTC(2026, 2, 3, 12)

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'firebreak-kept-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

const silence = {
  id: 's1',
  match: { service: 'shop' },
  until: '2026-03-03T13:00:00Z',
  by: 'me',
  comment: '',
}

test('a silence outlives a restart, and ends when it is ended', async () => {
  const path = join(folder(), 'silences.json')
  const before = await openSilences(path, () => NOON)
  await before.add(silence)
  const after = await openSilences(path, () => NOON)
  expect(after.all()).toEqual([silence])
  expect(await after.end('s1')).toBe(true)
  expect(after.all()[0]?.until).toBe('2026-03-03T12:00:00.000Z')
  expect(await after.end('s2')).toBe(false)
})

test('silences of the configuration come first, and are ended there', async () => {
  const silences = await openSilences(join(folder(), 'silences.json'), () => NOON)
  silences.configure([{ ...silence, id: 'configured' }])
  await silences.add(silence)
  expect(silences.all().map(({ id }) => id)).toEqual(['configured', 's1'])
  await expect(silences.end('configured')).rejects.toThrow('configuration')
  await expect(silences.add(silence)).rejects.toThrow('taken')
})

test('what is over for a day is forgotten', async () => {
  const path = join(folder(), 'silences.json')
  let now = NOON
  const silences = await openSilences(path, () => now)
  await silences.add(silence)
  now += 2 * 86_400_000
  await silences.add({ ...silence, id: 's2', until: '2026-03-06T00:00:00Z' })
  expect(silences.all().map(({ id }) => id)).toEqual(['s2'])
})

test('a damaged file is as good as none', async () => {
  const path = join(folder(), 'silences.json')
  writeFileSync(path, '[{"id":')
  expect((await openSilences(path, () => NOON)).all()).toEqual([])
})

test('a running server is found by its file, which only its owner can read', async () => {
  const data = folder()
  const path = join(data, 'serve.json')
  await writeServeFile(path, {
    url: 'http://127.0.0.1:4567',
    token: 'a-token-of-16-letters',
    pid: process.pid,
  })
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(readdirSync(data)).toEqual(['serve.json'])
  const wanted = { url: null, token: null, data, env: {}, isRoot: false }
  expect(await findServer(wanted)).toEqual({ url: 'http://127.0.0.1:4567', token: 'a-token-of-16-letters' })
  expect(await findServer({ ...wanted, url: 'http://other:1/' })).toEqual({
    url: 'http://other:1',
    token: null,
  })
  const elsewhere = { ...wanted, data: folder() }
  await expect(findServer(elsewhere)).rejects.toMatchObject({ code: 'SERVER_UNREACHABLE' })
  const nowhere = { ...wanted, data: null, env: { XDG_DATA_HOME: folder() } }
  expect(await findServer(nowhere)).toEqual({ url: 'http://127.0.0.1:4400', token: null })
  await expect(refuseSecondServer(path, process.pid + 1)).rejects.toMatchObject({ code: 'SERVE_ALREADY_UP' })
})

test('the file of a server that was killed is none, also when its process id is used again', async () => {
  const path = join(folder(), 'serve.json')
  const content = { url: 'http://127.0.0.1:4567', token: null }
  await writeServeFile(path, { ...content, pid: 2 ** 22 })
  expect(await readServeFile(path)).toBeNull()
  writeFileSync(path, JSON.stringify({ ...content, pid: process.pid, began: '1' }))
  expect(await readServeFile(path)).toBeNull()
})
