import { basename, resolve } from 'node:path'
import type { Git } from '../../git.ts'
import { resolveCommit } from '../../git.ts'
import type { EpochMs } from '../../time.ts'
import type { Change } from '../change.ts'
import { shortened } from './change-words.ts'
import { createHandOver } from './hand-over.ts'
import { isFields } from './json-fields.ts'
import { scheduledState } from './scheduled-state.ts'
import { startSchedule } from './schedule.ts'
import type { Source, SourceDeps } from './source.ts'
import { stateFile } from './state-file.ts'

export type WatchedRepositoryOptions = {
  /** A work tree or a bare repository on this machine. */
  readonly path: string
  /** Whose releases its tags are; null: not known. */
  readonly service: string | null
  /** What HEAD points to where it is left out. */
  readonly branch?: string | undefined
  /** 10 s where it is left out. */
  readonly everyMs?: number | undefined
  /** Where it is kept what was seen last; null: a start tells nothing of what came before it. */
  readonly stateFile: string | null
}

const EVERY_MS = 10_000
/** Of one look: a merge of a long branch is not told commit by commit. */
const MOST_COMMITS = 50
const MOST_TAGS = 200

/** What was there at the last look. */
type Seen = { readonly head: string; readonly tags: ReadonlySet<string> }

/**
 * Watches a git repository on this machine: a new tag is a deploy, a new commit on the branch is a change of kind
 * `other`. The first look of all only remembers. Names of people are not read. What somebody pushed is a change when
 * it is seen here, whatever time its author's clock showed.
 */
export function startWatchedRepository(
  deps: SourceDeps & { readonly git: Git },
  options: WatchedRepositoryOptions,
): Source {
  const handOver = createHandOver(deps)
  const store = stateFile(options.stateFile)
  let seen: Seen | null = null
  let reason: string | null = null

  const look = async (): Promise<boolean> => {
    try {
      seen ??= seenBefore(await store.read())
      const now = await read(deps.git, options)
      const changes = seen === null ? [] : await changesBetween(deps, options, { before: seen, now })
      if (changes.length > 0) handOver.give([{ kind: 'changes', items: changes }])
      if (seen === null || changes.length > 0 || seen.head !== now.head) {
        await store.write({ version: 1, head: now.head, tags: [...now.tags] })
      }
      seen = now
      reason = ''
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error)
    }
    return reason === ''
  }
  const { everyMs = EVERY_MS } = options
  const schedule = startSchedule({ everyMs, random: deps.random, signal: deps.signal, look })
  return {
    async stop() {
      await schedule.stop()
      await handOver.close()
    },
    state: () => scheduledState(handOver, reason),
  }
}

function seenBefore(kept: unknown): Seen | null {
  if (!isFields(kept) || typeof kept['head'] !== 'string' || !Array.isArray(kept['tags'])) return null
  return { head: kept['head'], tags: new Set(kept['tags'].map(String)) }
}

async function read(git: Git, { path, branch }: WatchedRepositoryOptions): Promise<Seen> {
  const format = '--format=%(refname:strip=2)%00%(objectname)'
  const args = ['for-each-ref', '--sort=-creatordate', `--count=${MOST_TAGS}`, format, 'refs/tags']
  // Tags before the branch: of a commit and its tag that come in between, the tag must not be told first.
  const { bytes } = await git.run(path, args)
  const head = (await resolveCommit(git, path, branch ?? 'HEAD')) ?? ''
  return { head, tags: new Set(bytes.toString('utf8').split('\n').filter(Boolean)) }
}

type Between = { readonly before: Seen; readonly now: Seen }

async function changesBetween(
  deps: { readonly git: Git; readonly now: () => EpochMs },
  options: WatchedRepositoryOptions,
  { before, now }: Between,
): Promise<readonly Change[]> {
  const about = { at: deps.now(), service: options.service, repository: basename(resolve(options.path)) }
  const commits = await newCommits(deps.git, options, { before, now })
  const told = commits.map(({ sha, subject }, index) =>
    commitChange(about, { sha, subject, from: commits[index - 1]?.sha ?? (before.head || null) }),
  )
  const tags = [...now.tags].filter((tag) => !before.tags.has(tag)).reverse()
  const releases = await Promise.all(
    tags.map(async (tag) => {
      const [name = ''] = tag.split('\0')
      const commit = await resolveCommit(deps.git, options.path, `refs/tags/${name}`)
      return tagChange(about, { tag, name, commit })
    }),
  )
  return [...told, ...releases]
}

type NewCommit = { readonly sha: string; readonly subject: string }

/** Oldest first. After a rewrite of history, what is new on the branch. */
async function newCommits(
  git: Git,
  { path }: WatchedRepositoryOptions,
  { before, now }: Between,
): Promise<readonly NewCommit[]> {
  if (now.head === '' || now.head === before.head) return []
  const known = before.head === '' ? null : await resolveCommit(git, path, before.head)
  const range =
    known === null ? [`--max-count=1`, now.head] : [`--max-count=${MOST_COMMITS}`, now.head, `^${known}`]
  const { bytes } = await git.run(path, ['log', '--first-parent', '--format=%H%x00%s', ...range, '--'])
  const lines = bytes.toString('utf8').split('\n').filter(Boolean)
  return lines.reverse().map((line) => {
    const [sha = '', subject = ''] = line.split('\0')
    return { sha, subject }
  })
}

type About = { readonly at: EpochMs; readonly service: string | null; readonly repository: string }

function commitChange(
  { at, service, repository }: About,
  { sha, subject, from }: NewCommit & { readonly from: string | null },
): Change {
  const summary = `${repository}: ${shortened(subject)}`
  return {
    at,
    kind: 'other',
    service,
    from,
    to: sha,
    commit: sha,
    who: null,
    summary,
    source: 'git',
    id: `git:${repository}:${sha}`,
  }
}

function tagChange(
  { at, service, repository }: About,
  { tag, name, commit }: { readonly tag: string; readonly name: string; readonly commit: string | null },
): Change {
  return {
    at,
    kind: 'deploy',
    service,
    from: null,
    to: name,
    commit,
    who: null,
    summary: `${repository}: tag ${shortened(name)}`,
    source: 'git',
    id: `git:${repository}:${tag.replace('\0', ':')}`,
  }
}
