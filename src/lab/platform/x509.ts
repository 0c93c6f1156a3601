import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { isIP } from 'node:net'
import type { EpochMs } from '../../time.ts'

/** A certificate with its key, both PEM. */
export type Certified = { readonly certificate: string; readonly key: string }

export type CertificateRequest = {
  readonly commonName: string
  /** DNS names and addresses that it is good for; none for an authority. */
  readonly names: readonly string[]
  readonly notBefore: EpochMs
  readonly notAfter: EpochMs
}

/**
 * Issues X.509 v3 certificates (RFC 5280) over P-256, because node:crypto reads them but cannot make them, and a fresh
 * machine has no openssl. Without an issuer the certificate signs itself and is an authority.
 */
export function issueCertificate(
  request: CertificateRequest,
  issuer: (Certified & { readonly commonName: string }) | null,
): Certified {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const signer = issuer === null ? privateKey : issuer.key
  const issuerName = issuer?.commonName ?? request.commonName
  const body = sequence(
    tagged(0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])), // positive, whatever is drawn
    ECDSA_SHA256,
    name(issuerName),
    sequence(time(request.notBefore), time(request.notAfter)),
    name(request.commonName),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(3, sequence(...extensions(request, issuer === null))),
  )
  const signature = sign('sha256', body, signer)
  const der = sequence(body, ECDSA_SHA256, bitString(signature))
  return { certificate: pem(der), key: exported(privateKey) }
}

function exported(key: KeyObject): string {
  return String(key.export({ type: 'pkcs8', format: 'pem' }))
}

function extensions({ names }: CertificateRequest, isAuthority: boolean): readonly Buffer[] {
  const critical = der(0x01, Buffer.from([0xff]))
  if (isAuthority) {
    return [
      sequence(objectId('551d13'), critical, octets(sequence(critical))), // basicConstraints: CA
      sequence(objectId('551d0f'), critical, octets(der(0x03, Buffer.from([1, 0b0000_0110])))), // signs certificates
    ]
  }
  const general = names.map((text) =>
    isIP(text) === 4
      ? der(0x87, Buffer.from(text.split('.').map(Number)))
      : der(0x82, Buffer.from(text, 'ascii')),
  )
  return [
    sequence(objectId('551d11'), octets(sequence(...general))), // subjectAltName
    sequence(objectId('551d25'), octets(sequence(objectId('2b06010505070301')))), // extKeyUsage: serverAuth
  ]
}

const ECDSA_SHA256 = sequence(objectId('2a8648ce3d040302'))

function name(commonName: string): Buffer {
  return sequence(der(0x31, sequence(objectId('550403'), der(0x0c, Buffer.from(commonName)))))
}

/** UTCTime, which is right until 2049. */
function time(at: EpochMs): Buffer {
  const text = new Date(at).toISOString().replaceAll(/[-:T]/g, '').slice(2, 14)
  return der(0x17, Buffer.from(`${text}Z`))
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts))
}

function objectId(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'))
}

function integer(bytes: Buffer): Buffer {
  return der(0x02, bytes)
}

function octets(content: Buffer): Buffer {
  return der(0x04, content)
}

function bitString(bytes: Buffer): Buffer {
  return der(0x03, Buffer.concat([Buffer.from([0]), bytes]))
}

function tagged(number: number, content: Buffer): Buffer {
  return der(0xa0 + number, content)
}

/** Tag, length, content: the three parts of everything in DER. */
function der(tag: number, content: Buffer): Buffer {
  const { length } = content
  if (length < 128) return Buffer.concat([Buffer.from([tag, length]), content])
  const bytes = length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...bytes]), content])
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}
