import { readFile } from 'node:fs/promises'
import { AppError } from '../../errors.ts'
import { REQUEST_EXAMPLE, type RecordedRequest } from './recorded-request.ts'

/**
 * Reads a requests or replay file: JSON Lines of `{"url", "method"?, "headers"?, "body"?, "weight"?}`. Empty lines and
 * lines that begin with `#` or `//` are skipped. Throws `REQUESTS_INVALID` with the number of the first wrong line.
 */
export async function readRequests(file: string): Promise<readonly RecordedRequest[]> {
  const text = await readText(file)
  // Loaded only here: most runs have no such file, and its schema is slow to load.
  const { parseRequests } = await import('./parse-requests.ts')
  const requests = parseRequests(text, file)
  if (requests.length === 0) {
    throw new AppError('REQUESTS_INVALID', `expected at least one request in ${file}, found none`, {
      hint: REQUEST_EXAMPLE,
    })
  }
  return requests
}

async function readText(file: string): Promise<string> {
  try {
    const text = await readFile(file, 'utf8')
    return text.replace(/^\uFEFF/, '')
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
    if (missing)
      throw new AppError('INPUT_NOT_FOUND', `expected a requests file, found no ${file}`, { cause })
    throw new AppError('INPUT_UNREADABLE', `expected to read requests from ${file}, but ${String(cause)}`, {
      cause,
    })
  }
}
