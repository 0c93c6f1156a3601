import { createHash, timingSafeEqual } from 'node:crypto'

/** Whether an `Authorization` says the token, as Bearer or as the password of Basic. */
export function saysToken(authorization: string | undefined, token: string): boolean {
  const [, scheme = '', said = ''] = /^(\S+)\s+(.+)$/.exec(authorization ?? '') ?? []
  if (scheme.toLowerCase() === 'bearer') return isSame(said, token)
  if (scheme.toLowerCase() !== 'basic') return false
  // For browsers, which ask for a name and a password: the token is the password.
  const [, password = ''] = /^[^:]*:([\s\S]*)$/.exec(Buffer.from(said, 'base64').toString('utf8')) ?? []
  return isSame(password, token)
}

/** Hashed first, so that neither the length nor the beginning shows in the time it takes. */
function isSame(said: string, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(said), digest(token))
}
