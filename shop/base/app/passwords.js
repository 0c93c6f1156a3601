import { createHash, timingSafeEqual } from 'node:crypto'

export function isPassword(given, { salt, hash }) {
  const found = createHash('sha256').update(`${salt}:${given}`).digest()
  const expected = Buffer.from(hash, 'hex')
  return expected.length === found.length && timingSafeEqual(found, expected)
}
