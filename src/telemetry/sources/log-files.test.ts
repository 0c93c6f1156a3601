import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readLogs } from './log-files.ts'

const NOW = Date.UTC(2026, 10, 20, 12)
const deps = { now: () => NOW }

let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'log-files-'))
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

async function put(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name)
  await mkdir(join(path, '..'), { recursive: true })
  await writeFile(path, content)
  return path
}

const line = (minute: number, text = 'INFO x') =>
  `2026-11-20T10:${String(minute).padStart(2, '0')}:00Z ${text}\n`

async function filesOf(inputs: readonly string[]) {
  const digest = await readLogs(deps, inputs, {})
  return digest.files.map(({ file, lines }) => [file.replace(`${folder}/`, ''), lines])
}

describe('readLogs', () => {
  test('reads the files of a folder oldest first, rotated and compressed ones too', async () => {
    await put('app.log', line(30))
    await put('app.log.1', line(20))
    await put('app.log.2.gz', Buffer.concat([gzipSync(line(1)), gzipSync(line(2))]))
    await put('deep/er/worker.log.zst', zstdCompressSync(line(10)))
    await put('out.txt', line(40))
    expect(await filesOf([folder])).toEqual([
      ['app.log.2.gz', 2],
      ['deep/er/worker.log.zst', 1],
      ['app.log.1', 1],
      ['app.log', 1],
      ['out.txt', 1],
    ])
  })

  test('leaves out of a folder what is no log, and does not walk in circles', async () => {
    await put('app.log', line(1))
    await put('app.py', line(1))
    await put('README.md', 'hello')
    await put('notes.txt', 'hello\nworld\n')
    await put('package.json', '{\n  "name": "x"\n}\n')
    await put('photo.log', Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1'))
    await put('empty.log', '')
    await put('node_modules/x/debug.log', line(1))
    await put('.git/app.log', line(1))
    await symlink(folder, join(folder, 'loop'))
    await symlink(join(folder, 'app.log'), join(folder, 'current.log'))
    expect(await filesOf([folder])).toEqual([['app.log', 1]])
  })

  test('groups follow the order in which the files were named', async () => {
    const late = await put('late.log', line(30, 'INFO late'))
    const early = await put('early.log', line(1, 'ERROR early') + line(2, 'ERROR early'))
    const digest = await readLogs(deps, [late, early], { withGroups: true })
    expect(digest.groups).toHaveLength(3)
    expect(digest.groups?.[1]).toBe(digest.groups?.[2])
    expect(digest.groups?.[0]).not.toBe(digest.groups?.[1])
    expect(digest.files.map(({ file }) => file)).toEqual([late, early])
  })

  test('a file that is named and lies in a named folder counts once', async () => {
    const path = await put('app.log', line(1))
    expect(await filesOf([path, folder])).toEqual([['app.log', 1]])
  })

  test('standard input is read as -', async () => {
    const stdin = Readable.from([Buffer.from(line(1).slice(0, 9)), Buffer.from(line(1).slice(9))])
    const digest = await readLogs({ ...deps, stdin }, ['-'], {})
    expect(digest).toMatchObject({ lines: 1, firstSeen: Date.UTC(2026, 10, 20, 10, 1) })
  })

  test.each([
    ['UTF-16 with a mark', Buffer.from(`\ufeff${line(1, 'ERROR größe')}`, 'utf16le')],
    ['UTF-16 without a mark', Buffer.from(line(1, 'ERROR größe'), 'utf16le')],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${line(1, 'ERROR größe')}`)],
    ['a hole at its start', Buffer.concat([Buffer.alloc(200_000), Buffer.from(line(1, 'ERROR größe'))])],
    ['Windows line ends', Buffer.from(line(1, 'ERROR größe').replace('\n', '\r\n'))],
  ])('reads %s', async (_, content) => {
    const path = await put('app.log', content)
    const digest = await readLogs(deps, [path], {})
    expect(digest.lines).toBe(1)
    expect(digest.fingerprints[0]).toMatchObject({ severityText: 'ERROR', template: 'größe' })
    expect(digest.firstSeen).toBe(Date.UTC(2026, 10, 20, 10, 1))
  })

  test('damaged archives are read as far as they go, with a note', async () => {
    const whole = gzipSync(
      Array.from({ length: 20_000 }, (_, i) => line(i % 60, `INFO line ${i * 7919}`)).join(''),
    )
    const cut = await put('cut.log.gz', whole.subarray(0, whole.length / 2))
    const digest = await readLogs(deps, [cut], {})
    expect(digest.lines).toBeGreaterThan(1000)
    expect(digest.files[0]?.notes.join()).toContain('the gzip data is damaged (unexpected end of file)')
  })

  test('an archive of which nothing can be read is refused', async () => {
    const path = await put('bad.log.gz', Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xff, 0xff, 0xff]))
    await expect(readLogs(deps, [path], {})).rejects.toMatchObject({ code: 'INPUT_UNREADABLE' })
  })

  test('an empty file beside a log is told of', async () => {
    const empty = await put('empty.log', '')
    const full = await put('app.log', line(1))
    const digest = await readLogs(deps, [empty, full], {})
    expect(digest.files.find(({ file }) => file === empty)).toMatchObject({
      lines: 0,
      notes: ['the file is empty'],
    })
  })

  test('pretty-printed JSON is read record by record', async () => {
    const events = [1, 2].map((minute) => ({
      timestamp: NOW - minute * 60_000,
      message: 'ERROR boom',
      logStreamName: 's',
    }))
    const path = await put('events.json', JSON.stringify({ events, searchedLogStreams: [] }, null, 4))
    const digest = await readLogs(deps, [path], {})
    expect(digest).toMatchObject({ firstSeen: NOW - 120_000, lastSeen: NOW - 60_000 })
    expect(digest.fingerprints[0]).toMatchObject({ severityText: 'ERROR', count: 2 })
  })

  test('years that lines leave out are counted back from when the file was last written', async () => {
    const path = await put('syslog', 'Dec 24 09:00:00 web01 shop[1]: x\n')
    const written = new Date('2024-12-24T10:00:00Z')
    await utimes(path, written, written)
    const digest = await readLogs(deps, [path], {})
    expect(digest.firstSeen).toBe(Date.UTC(2024, 11, 24, 9))
  })

  test('tells how far it is', async () => {
    const path = await put('app.log', line(1).repeat(100))
    const seen: number[] = []
    const onProgress = ({ bytes, totalBytes }: { bytes: number; totalBytes: number }) =>
      seen.push(bytes / totalBytes)
    await readLogs({ ...deps, onProgress }, [path], {})
    expect(seen.at(-1)).toBe(1)
  })

  test('stops when it is told to', async () => {
    const path = await put('app.log', line(1))
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(readLogs(deps, [path], { signal })).rejects.toThrow('enough')
  })

  test('stops while a pipe is silent', async () => {
    const stdin = new Readable({ read: () => undefined })
    const stop = new AbortController()
    const reading = readLogs({ ...deps, stdin }, ['-'], { signal: stop.signal })
    stop.abort(new Error('enough'))
    await expect(reading).rejects.toThrow('enough')
  })

  test('padding behind a gzip archive is no damage', async () => {
    const path = await put('app.log.gz', Buffer.concat([gzipSync(line(1)), Buffer.alloc(512)]))
    const digest = await readLogs(deps, [path], {})
    expect(digest.files[0]).toMatchObject({ lines: 1, notes: [] })
  })

  test('zstd frames one after the other are one log', async () => {
    const path = await put(
      'app.log.zst',
      Buffer.concat([zstdCompressSync(line(1)), zstdCompressSync(line(2))]),
    )
    expect(await filesOf([path])).toEqual([['app.log.zst', 2]])
  })

  test.each([
    ['nowhere.log', null, 'INPUT_NOT_FOUND', 'expected a log file or folder at'],
    ['empty.log', '', 'INPUT_EMPTY', 'found nothing: it is empty'],
    ['photo.log', '\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'INPUT_NOT_A_LOG', 'found an image'],
    ['old.log.xz', '\xfd7zXZ\0\0\x04', 'INPUT_NOT_A_LOG', 'found an xz archive'],
    ['random.log', '\x01\x02\x80\x03\x04\x05\xff\x06', 'INPUT_NOT_A_LOG', 'found binary data'],
  ])('%s is refused in plain words', async (...row) => {
    const [name, content, code, message] = row
    if (content !== null) await put(name, Buffer.from(content, 'latin1'))
    await expect(readLogs(deps, [join(folder, name)], {})).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message) as string,
    })
  })

  test('a folder without logs is refused', async () => {
    await put('app.py', 'print(1)')
    await expect(readLogs(deps, [folder], {})).rejects.toMatchObject({ code: 'INPUT_NOT_A_LOG' })
  })

  test('binary data through a pipe is refused', async () => {
    const stdin = Readable.from([Buffer.from('\x7fELF\x02\x01\x01\0\0\0', 'latin1')])
    await expect(readLogs({ ...deps, stdin }, ['-'], {})).rejects.toMatchObject({
      code: 'INPUT_NOT_A_LOG',
      message: 'expected a text log in standard input, found a program',
    })
  })

  test('a log without any time is read, and a note says so', async () => {
    const path = await put('plain.log', 'hello\nTypeError: no\n')
    const digest = await readLogs(deps, [path], {})
    expect(digest.firstSeen).toBeNull()
    expect(digest.files[0]?.notes.join()).toContain('time')
  })
})
