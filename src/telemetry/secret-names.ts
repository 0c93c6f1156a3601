/** Words of an attribute's name whose value is a secret, whatever it looks like. */
const SECRET_WORDS = new Set([
  'password',
  'passwd',
  'passphrase',
  'pwd',
  'secret',
  'secrets',
  'token',
  'apikey',
  'authorization',
  'credential',
  'credentials',
  'cookie',
  'cookies',
  'signature',
  'csrf',
  'xsrf',
  'otp',
  'cvv',
  'cvc',
  'ssn',
  'iban',
  'jsessionid',
  'phpsessid',
  'sessid',
])
const SECRET_PAIRS = new Set([
  'api key',
  'access key',
  'private key',
  'secret key',
  'signing key',
  'encryption key',
  'account key',
  'card number',
  'session token',
  'credit card',
  'mail address',
])
/** `token.count` and `secret.name` tell about a secret and are none. */
const TELLS_ABOUT = new Set([
  'name',
  'count',
  'counts',
  'type',
  'kind',
  'length',
  'size',
  'expiry',
  'expires',
  'age',
  'ttl',
  'present',
  'used',
  'limit',
  'total',
  'status',
  'algorithm',
  'scope',
  'version',
])

/** Whether what stands under this name is a secret: `db.password`, `http.request.header.x-api-key`, `accessKeyId`. */
export function isSecretName(name: string): boolean {
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean)
  if (TELLS_ABOUT.has(words.at(-1) ?? '')) return false
  return words.some(
    (word, at) => SECRET_WORDS.has(word) || SECRET_PAIRS.has(`${word} ${words[at + 1] ?? ''}`),
  )
}
