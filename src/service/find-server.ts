import { AppError } from '../errors.ts'
import { dataDirectoryAt, defaultDataRoot } from './data-directory.ts'
import { readServeFile } from './serve-file.ts'

export type ServerAddress = { readonly url: string; readonly token: string | null }

export type WantedServer = {
  readonly url: string | null
  readonly token: string | null
  readonly data: string | null
  readonly env: Readonly<Record<string, string | undefined>>
  readonly isRoot: boolean
}

/**
 * Where the server is: as told, else as it wrote into its data directory, else where it is by default. Throws
 * `SERVER_UNREACHABLE` where none runs on the data that was named: another one's answers would be taken for its own.
 */
export async function findServer({ url, token, data, env, isRoot }: WantedServer): Promise<ServerAddress> {
  if (url !== null) return { url: url.replace(/\/+$/, ''), token }
  const { serveFile } = dataDirectoryAt(data ?? defaultDataRoot(env, isRoot))
  const found = await readServeFile(serveFile)
  if (found !== null) return { url: found.url, token: token ?? found.token }
  if (data === null) return { url: 'http://127.0.0.1:4400', token }
  throw new AppError('SERVER_UNREACHABLE', `expected a Firebreak server that runs on ${data}, found none`, {
    hint: `start one with firebreak serve --data ${data}, or name it with --url`,
  })
}
