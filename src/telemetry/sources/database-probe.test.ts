import { createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { AppError } from '../../errors.ts'
import { probeDatabase, watchDatabase } from './database-probe.ts'

const deps = { now: () => 1_700_000_000_000, signal: new AbortController().signal }

async function failure(task: Promise<unknown>): Promise<AppError> {
  const error: unknown = await task.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(error instanceof AppError)) throw new Error(`expected an AppError, found ${String(error)}`)
  return error
}

/** A server that answers every connection with these bytes and hangs up. */
async function answering(bytes: Buffer, use: (port: number) => Promise<void>): Promise<void> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end(bytes))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  try {
    await use(typeof address === 'object' && address !== null ? address.port : 0)
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
}

/** PostgreSQL's ErrorResponse: `E`, length, fields of a letter and a zero-ended text, a zero. */
function postgresqlError(code: string, message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0\0`)
  const length = Buffer.alloc(4)
  length.writeInt32BE(fields.length + 4)
  return Buffer.concat([Buffer.from('E'), length, fields])
}

describe('probeDatabase', () => {
  test.each([
    ['redis://localhost', /redis:/],
    ['not a url', /no URL/],
  ])('refuses %s as wrong usage', async (url, found) => {
    const error = await failure(probeDatabase(deps, url))
    expect(error.code).toBe('USAGE')
    expect(error.message).toMatch(found)
  })

  test.each(['postgresql', 'mysql', 'mariadb'])(
    'says that nothing listens, without the password, for %s',
    async (scheme) => {
      // Nothing listens on port 1 of a machine that has not been set up to.
      const error = await failure(probeDatabase(deps, `${scheme}://app:s3cr3t%21@127.0.0.1:1/shop`))
      expect(error.code).toBe('DATABASE_UNREACHABLE')
      expect(error.message).toContain(`${scheme}://127.0.0.1:1/shop`)
      expect(error.message).toContain('ECONNREFUSED')
      expect(JSON.stringify([error.message, error.hint, error.stack])).not.toMatch(/s3cr3t/)
    },
  )

  test('takes "too many clients" as an answer', async () => {
    await answering(postgresqlError('53300', 'sorry, too many clients already'), async (port) => {
      const probe = await probeDatabase(deps, `postgresql://app:pw@127.0.0.1:${port}/shop`)
      expect(probe.refused).toEqual({ reason: 'sorry, too many clients already', tooManyConnections: true })
      expect(probe.target).toBe(`postgresql://127.0.0.1:${port}/shop`)
    })
  })

  test('takes a server that starts up as an answer', async () => {
    await answering(postgresqlError('57P03', 'the database system is starting up'), async (port) => {
      const probe = await probeDatabase(deps, `postgresql://app:pw@127.0.0.1:${port}/shop`)
      expect(probe.refused?.tooManyConnections).toBe(false)
    })
  })

  test('hides a password that the server repeats', async () => {
    await answering(postgresqlError('28P01', 'no login with hunter2 here'), async (port) => {
      const error = await failure(probeDatabase(deps, `postgresql://app:hunter2@127.0.0.1:${port}/shop`))
      expect(error.code).toBe('DATABASE_UNREACHABLE')
      expect(error.message).toContain('no login with *** here')
    })
  })
})

describe('watchDatabase', () => {
  test('keeps the refusal that it meets first, and stops', async () => {
    await answering(postgresqlError('53300', 'sorry, too many clients already'), async (port) => {
      const watch = await watchDatabase(deps, `postgresql://app:pw@127.0.0.1:${port}/shop`, 60_000)
      expect(watch.probes()).toHaveLength(1)
      expect(await watch.stop()).toHaveLength(1)
    })
  })
})
