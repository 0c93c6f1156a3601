import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { AppError } from '../../errors.ts'
import { portHolder } from './port-holder.ts'

/** A port of loopback that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Throws `PORT_IN_USE` where somebody listens already. */
export async function refuseTakenPort(host: string, port: number): Promise<void> {
  const server = createServer()
  try {
    const listening = once(server, 'listening')
    server.listen(port, host)
    await listening
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    const why = code === 'EADDRINUSE' ? `${portHolder(port) ?? 'something else'} listens there` : String(code)
    throw new AppError('PORT_IN_USE', `expected port ${port} of ${host} to be free, but ${why}`, {
      hint: '`lab up --port N` uses N for the shop, N + 10 and N + 11 for its two APIs',
      cause,
    })
  }
  await new Promise((resolve) => server.close(resolve))
}
