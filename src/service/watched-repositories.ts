import { resolve } from 'node:path'
import type { Config } from '../contract/config.ts'

export type WatchedRepository = {
  /** Absolute. */
  readonly path: string
  /** Null: not known, or several share it. */
  readonly service: string | null
  readonly branch?: string | undefined
  /** Milliseconds; the source's own default where it is left out. */
  readonly every?: number | undefined
}

/**
 * Every repository once: those of `sources.repositories` as they say, and that of each service that none of them names.
 * One that several services share belongs to none of them: whose release a tag of it is, nobody can tell.
 */
export function watchedRepositories(
  { services, sources }: Pick<Config, 'services' | 'sources'>,
  cwd: string,
): readonly WatchedRepository[] {
  const watched = new Map<string, WatchedRepository>(
    sources.repositories.map((named) => {
      const path = resolve(cwd, named.path)
      return [path, { ...named, path }]
    }),
  )
  const named = new Set(watched.keys())
  for (const [service, { repository }] of Object.entries(services)) {
    if (repository === null) continue
    const path = resolve(cwd, repository)
    if (!named.has(path)) watched.set(path, { path, service: watched.has(path) ? null : service })
  }
  return [...watched.values()]
}
