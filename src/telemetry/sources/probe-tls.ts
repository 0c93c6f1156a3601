import { once } from 'node:events'
import { isIP } from 'node:net'
import { connect } from 'node:tls'
import type { TLSSocket } from 'node:tls'
import type { EpochMs } from '../../time.ts'
import { toIso } from '../../time.ts'
import type { ProbeCheck, ProbeSight } from './probe-check.ts'

export type TlsCheckOptions = {
  readonly kind: 'tls'
  readonly host: string
  /** 443 where it is left out. */
  readonly port?: number | undefined
  /** The name that the certificate must have; the host where it is left out. */
  readonly serverName?: string | undefined
  /** Certificates (PEM) of an authority of one's own, instead of the machine's. */
  readonly ca?: string | undefined
  /** Fewer days left are a failure; 14 where it is left out. */
  readonly minimumDaysLeft?: number | undefined
}

const DAY_S = 86_400

/** Looks at the certificate of a server: who vouches for it, whether it has the name, how long it is good. */
export function openTlsCheck(now: () => EpochMs, options: TlsCheckOptions): ProbeCheck {
  const { host, port = 443, serverName = host, ca, minimumDaysLeft = 14 } = options
  return {
    kind: 'tls',
    target: `${host}:${port}`,
    async look(signal) {
      const socket = connect({
        host,
        port,
        // An address is no server name (RFC 6066); it is compared with the certificate all the same.
        ...(isIP(serverName) === 0 ? { servername: serverName } : {}),
        ...(ca === undefined ? {} : { ca }),
        // Judged below: of a certificate that is refused, the time it ran out is wanted too.
        rejectUnauthorized: false,
      })
      try {
        await once(socket, 'secureConnect', { signal })
        return judge(socket, now(), minimumDaysLeft)
      } finally {
        socket.on('error', () => {})
        socket.destroy()
      }
    },
    close: async () => {},
  }
}

function judge(socket: TLSSocket, now: EpochMs, minimumDaysLeft: number): ProbeSight {
  const certificate = socket.getPeerCertificate()
  const endsAt = Date.parse(certificate.valid_to ?? '')
  if (Number.isNaN(endsAt)) return { reason: 'expected a certificate, found none', expiresInSeconds: null }
  const expiresInSeconds = Math.round((endsAt - now) / 1000)
  const days = Math.floor(Math.abs(expiresInSeconds) / DAY_S)
  const isEnding = expiresInSeconds < minimumDaysLeft * DAY_S
  if (isEnding) {
    const found = expiresInSeconds < 0 ? `that it ran out ${days} days ago` : `${days} days`
    const reason = `expected a certificate with at least ${minimumDaysLeft} days left, found ${found} (${toIso(endsAt)})`
    return { reason, expiresInSeconds }
  }
  if (socket.authorized) return { reason: '', expiresInSeconds }
  const why = wordsOf(socket.authorizationError)
  return { reason: `expected a certificate that can be trusted, found: ${why}`, expiresInSeconds }
}

/** Typed as an Error, and a code as text in fact. */
function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
