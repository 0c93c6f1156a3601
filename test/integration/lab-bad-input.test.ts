import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { firebreak, freePort, temporaryFolder } from './firebreak.ts'
import type { Ended } from './firebreak.ts'
import { labFolder, ofFolder } from './lab.ts'

const data = labFolder()
const isRoot = process.getuid?.() === 0

const lab = (...words: readonly string[]): Promise<Ended> => firebreak(['lab', ...words], { cwd: '/' })
const here = (...words: readonly string[]): Promise<Ended> => lab(...words, '--data', data)

type Refusal = { readonly code: number; readonly says: readonly string[] }

/** What is wrong with a refusal: it has its code, nothing on stdout, its words, and nothing of a program's insides. */
function faultsOf({ code, stdout, stderr }: Ended, expected: Refusal): readonly string[] {
  const missing = expected.says.filter((words) => !stderr.includes(words)).map((words) => `no "${words}"`)
  const insides = /this should not have happened|^\s+at .*\.[jt]s:\d+/m.test(stderr) ? ['insides'] : []
  const wrong = code === expected.code ? [] : [`code ${code}`]
  const all = [...wrong, ...(stdout === '' ? [] : ['stdout']), ...missing, ...insides]
  return all.length === 0 ? [] : [...all, stderr]
}

describe('with no lab up', () => {
  test.each([['break', 'nothing'], ['mend'], ['load', '5/s'], ['deploy'], ['rollback']])(
    'lab %s %s says that there is none',
    async (...words) => {
      expect(
        faultsOf(await here(...words), {
          code: 1,
          says: ['expected a lab that is up', 'firebreak lab up'],
        }),
      ).toEqual([])
    },
  )

  test('status, down and faults have nothing to refuse', async () => {
    expect(await here('status')).toMatchObject({ code: 0, stdout: 'the lab is down\n' })
    expect(await here('down')).toMatchObject({ code: 0, stdout: 'no lab was up\n' })
    expect((await here('faults')).stdout).toContain('connection-leak')
  })

  test.each([
    { words: ['up', '--rate', 'fast'], says: ['--rate', '20/s', '"fast"'] },
    { words: ['up', '--rate', '0/s'], says: ['--rate', '0.01/s to 20000/s'] },
    { words: ['up', '--rate', '999999/s'], says: ['--rate', '20000/s'] },
    { words: ['up', '--seed', 'lucky'], says: ['expected a seed from 0', '"lucky"'] },
    { words: ['up', '--seed', '99999999999999999999'], says: ['64 bits'] },
    { words: ['up', '--port', '70000'], says: ['--port', '1 to 65000'] },
    { words: ['up', '--otlp', 'localhost'], says: ['--otlp', 'http://'] },
    { words: ['up', '--otlp-interval', 'often'], says: ['--otlp-interval', '"often"'] },
    { words: ['up', 'now'], says: ['expected nothing after it, found "now"'] },
    { words: ['explode'], says: ['expected a verb', 'rollback', '"explode"'] },
  ])('lab $words is wrong usage', async ({ words, says }) => {
    expect(faultsOf(await here(...words), { code: 2, says })).toEqual([])
    expect(ofFolder(data)).toEqual([])
  })

  test.each([
    {
      words: ['--fault', 'conection-leak'],
      says: ['found "conection-leak"', 'did you mean connection-leak'],
    },
    {
      words: ['--fault', 'mail-slow', '--level', 'hard'],
      says: ['level of mail-slow (mild, normal)', '"hard"'],
    },
  ])('tour $words is refused before anything starts', async ({ words, says }) => {
    expect(
      faultsOf(await firebreak(['tour', '--data', data, ...words], { cwd: '/' }), { code: 2, says }),
    ).toEqual([])
  })
})

describe('places that will not do', () => {
  test('a folder of something else keeps what is in it', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'logs'))
    writeFileSync(join(folder, 'logs', 'precious.log'), 'mine')
    const says = ['expected an empty folder or that of a lab', folder, 'logs', `--data ${folder}/lab`]
    expect(faultsOf(await lab('up', '--data', folder), { code: 2, says })).toEqual([])
    expect(readFileSync(join(folder, 'logs', 'precious.log'), 'utf8')).toBe('mine')
  })

  test('a file', async () => {
    const file = join(temporaryFolder(), 'lab')
    writeFileSync(file, '')
    expect(
      faultsOf(await lab('up', '--data', file), { code: 1, says: ['that can be written', file] }),
    ).toEqual([])
  })

  test('a folder that cannot be written', async () => {
    const folder = temporaryFolder()
    chmodSync(folder, 0o555)
    const says = ['expected a folder for the lab that can be written', 'give --data DIR']
    // Root may write anywhere but where the kernel itself does not let it.
    const place = isRoot ? '/proc/firebreak-lab' : join(folder, 'lab')
    expect(faultsOf(await lab('up', '--data', place), { code: 1, says })).toEqual([])
  })

  test.runIf(isRoot)('a volume without room', async () => {
    const folder = temporaryFolder()
    spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=40m', 'tmpfs', folder])
    onTestFinished(() => void spawnSync('umount', [folder]))
    const says = ['the lab needs 1000 MB at', 'are free', 'another volume']
    expect(faultsOf(await lab('up', '--data', join(folder, 'lab')), { code: 1, says })).toEqual([])
  })

  test.each([0, 10, 11])('port n + %i is taken, and by whom', async (above) => {
    const port = await freePort()
    const server = createServer().listen(port + above, '127.0.0.1')
    onTestFinished(() => void server.close())
    const says = [`expected port ${port + above} of 127.0.0.1`, `(process ${process.pid})`, '--port N']
    expect(faultsOf(await here('up', '--port', String(port)), { code: 1, says })).toEqual([])
    expect(await here('status')).toMatchObject({ stdout: 'the lab is down\n' })
  })
})

describe('with a lab up', () => {
  let port = 0
  const up = (): Promise<Ended> => here('up', '--detach', '--small', '--rate', '5/s', '--port', String(port))
  beforeAll(async () => {
    port = await freePort()
    const { code, stderr } = await up()
    if (code !== 0) throw new Error(stderr)
  })
  afterAll(() => here('down'))

  test('a second one in the same folder, or at the same port', async () => {
    const says = [`a lab is up at ${data} (process `, 'firebreak lab status', '--data DIR with --port N']
    expect(faultsOf(await up(), { code: 1, says })).toEqual([])
    const tour = await firebreak(['tour', '--data', data], { cwd: '/' })
    expect(faultsOf(tour, { code: 1, says })).toEqual([])
    const elsewhere = temporaryFolder()
    const other = await lab('up', '--data', elsewhere, '--port', String(port))
    const portSays = [`expected port ${port} of 127.0.0.1 to be free, but`, '(process ']
    expect(faultsOf(other, { code: 1, says: portSays })).toEqual([])
  })

  test.each([
    { words: ['break', 'nonsense'], code: 2, says: ['found "nonsense"', 'firebreak lab faults'] },
    { words: ['break', 'payment-slwo'], code: 2, says: ['did you mean payment-slow'] },
    {
      words: ['break', 'connection-leak', '--level', 'ruinous'],
      code: 2,
      says: ['(mild, normal)', '"ruinous"'],
    },
    { words: ['break', 'nothing', '--seed', 'x'], code: 2, says: ['expected a seed'] },
    { words: ['break'], code: 2, says: ['expected one word after it'] },
    { words: ['mend', 'nothing'], code: 2, says: ['nothing'] },
    { words: ['deploy', 'f00f00f00f'], code: 1, says: ['expected a commit of the shop', 'log --oneline'] },
    { words: ['load', 'fast'], code: 2, says: ['expected requests a second'] },
    { words: ['load', '0'], code: 2, says: ['expected requests a second'] },
  ])('lab $words is refused, and nothing changes', async ({ words, code, says }) => {
    expect(faultsOf(await here(...words), { code, says })).toEqual([])
    expect(JSON.parse((await here('status', '--json')).stdout)).toMatchObject({ state: 'up', faults: [] })
  })

  test('impatient shoppers are shown, and ordinary ones again', async () => {
    expect((await here('load', '6/s', '--impatient')).stdout).toContain('ask again at once')
    const load = async () => (JSON.parse((await here('status', '--json')).stdout) as { load: object }).load
    expect(await load()).toEqual({ perSecond: 6, clients: 'impatient' })
    await here('load', '5/s')
    expect(await load()).toEqual({ perSecond: 5, clients: 'impatient' })
    await here('load', '5/s', '--no-impatient')
    expect(await load()).toEqual({ perSecond: 5, clients: 'everyday' })
  })

  test('a lab.json that somebody changed is named, and the lab still ends', async () => {
    writeFileSync(join(data, 'lab.json'), '{"half": ')
    for (const words of [['status'], ['mend'], ['load', '5/s']]) {
      expect(
        faultsOf(await here(...words), { code: 1, says: [join(data, 'lab.json'), 'firebreak lab down'] }),
      ).toEqual([])
    }
    expect(await here('down')).toMatchObject({ code: 0, stdout: 'the lab is down\n' })
    expect(await up()).toMatchObject({ code: 0 })
  })
})
