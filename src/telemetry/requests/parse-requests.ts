import { z } from 'zod'
import { AppError } from '../../errors.ts'
import {
  parseAddress,
  REDACTED,
  REQUEST_EXAMPLE,
  type PlannedRequest,
  type RecordedRequest,
} from './recorded-request.ts'

const line = z.strictObject({
  url: z.string(),
  method: z
    .string()
    .regex(/^[A-Za-z]{1,20}$/, 'expected a method such as GET')
    .default('GET'),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  // Anything but a string is sent as JSON.
  body: z.unknown().optional(),
  weight: z.number().positive().max(1_000_000).default(1),
  observed: z
    .object({
      requests: z.number().int().min(0),
      failed: z.number().int().min(0),
      answers: z.record(z.string(), z.number()),
    })
    .nullable()
    .default(null),
})

/** As `readRequests`, from text; `file` is for messages. */
export function parseRequests(text: string, file: string): readonly RecordedRequest[] {
  return text.split('\n').flatMap((raw, index) => {
    const content = raw.trim()
    if (content === '' || content.startsWith('#') || content.startsWith('//')) return []
    return [parseLine(content, `${file}:${index + 1}`)]
  })
}

function parseLine(content: string, where: string): RecordedRequest {
  const refuse = (problem: string): AppError =>
    new AppError('REQUESTS_INVALID', `expected a request at ${where}, found ${problem}`, {
      hint: REQUEST_EXAMPLE,
    })
  let json: unknown
  try {
    json = JSON.parse(content)
  } catch {
    throw refuse(`no JSON: ${content.slice(0, 80)}`)
  }
  const parsed = line.safeParse(json)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const path = issue?.path.join('.') ?? ''
    throw refuse(`${path === '' ? '' : `${path}: `}${issue?.message ?? 'something else'}`)
  }
  const { url, method, headers, body, weight, observed } = parsed.data
  const text = JSON.stringify({ url, headers, body })
  if (text.includes(REDACTED)) {
    throw refuse(`"${REDACTED}" where a secret was left out; put the value back to send this request`)
  }
  const address = parseAddress(url)
  if (address === null) throw refuse(`the url "${url}", not an http(s) address`)
  return { url: address, method: method.toUpperCase(), ...withBody(headers, body), weight, observed }
}

function withBody(
  given: Record<string, string | number | boolean>,
  body: unknown,
): Pick<PlannedRequest, 'headers' | 'body'> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(given)) headers[name.toLowerCase()] = String(value)
  if (body === undefined || body === null) return { headers, body: null }
  if (typeof body === 'string') return { headers, body }
  return { headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) }
}
