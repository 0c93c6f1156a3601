import { X509Certificate } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { EpochMs } from '../../time.ts'
import type { Certificate } from './lab-system.ts'
import { issueCertificate } from './x509.ts'
import type { Certified } from './x509.ts'

const AUTHORITY = 'Shop internal CA'
const DAY_MS = 86_400_000
const NAMES = ['payment', 'payment.shop.internal', 'localhost', '127.0.0.1']

/** The files of the lab's own certificates: what the apps trust, and what the payment service shows. */
export type CertificateFiles = {
  readonly authority: string
  readonly certificate: string
  readonly key: string
}

export function certificateFiles(folder: string): CertificateFiles {
  return {
    authority: join(folder, 'ca.pem'),
    certificate: join(folder, 'payment.pem'),
    key: join(folder, 'payment-key.pem'),
  }
}

type CertificateDeps = {
  readonly folder: string
  readonly now: () => EpochMs
  /** The payment service takes up the new files. */
  readonly reload: () => Promise<void>
}

/** An authority and the payment service's certificate, both new at every start of the lab. */
export async function makeCertificates(deps: CertificateDeps): Promise<Certificate> {
  const files = certificateFiles(deps.folder)
  await mkdir(deps.folder, { recursive: true })
  const authority = issueCertificate(
    {
      commonName: AUTHORITY,
      names: [],
      notBefore: deps.now() - 100 * DAY_MS,
      notAfter: deps.now() + 3650 * DAY_MS,
    },
    null,
  )
  await writeFile(files.authority, authority.certificate)

  async function issue(notAfter: EpochMs): Promise<void> {
    const issuer = { ...authority, commonName: AUTHORITY }
    const span = { notBefore: deps.now() - 90 * DAY_MS, notAfter }
    await writePair(
      files,
      issueCertificate({ commonName: 'payment.shop.internal', names: NAMES, ...span }, issuer),
    )
  }

  await issue(deps.now() + 275 * DAY_MS)
  let expiresAt = await expiryOf(files.certificate)
  async function replace(notAfter: EpochMs): Promise<void> {
    await issue(notAfter)
    expiresAt = await expiryOf(files.certificate)
    await deps.reload()
  }
  return {
    file: files.certificate,
    get expiresAt() {
      return expiresAt
    },
    expire: () => replace(deps.now() - 60_000),
    renew: () => replace(deps.now() + 365 * DAY_MS),
  }
}

async function writePair(files: CertificateFiles, { certificate, key }: Certified): Promise<void> {
  await writeFile(files.key, key, { mode: 0o600 })
  await writeFile(files.certificate, certificate)
}

async function expiryOf(file: string): Promise<EpochMs> {
  return Date.parse(new X509Certificate(await readFile(file)).validTo)
}
