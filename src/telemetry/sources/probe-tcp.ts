import { once } from 'node:events'
import { connect } from 'node:net'
import { AS_EXPECTED } from './probe-check.ts'
import type { ProbeCheck } from './probe-check.ts'

export type TcpCheckOptions = { readonly kind: 'tcp'; readonly host: string; readonly port: number }

/** Opens a connection and closes it: something listens there, and lets us in. */
export function openTcpCheck({ host, port }: TcpCheckOptions): ProbeCheck {
  return {
    kind: 'tcp',
    target: `${host}:${port}`,
    async look(signal) {
      const socket = connect({ host, port })
      try {
        await once(socket, 'connect', { signal })
        return AS_EXPECTED
      } finally {
        socket.on('error', () => {}) // one that comes after the end of the look
        socket.destroy()
      }
    },
    close: async () => {},
  }
}
