import { z } from 'zod'
import { silenceSchema, type Silence } from '../contract/rules.ts'
import { readKept, writeKept } from './kept-file.ts'
import { AppError } from '../errors.ts'
import type { EpochMs } from '../time.ts'

/** Silences that were made while running, kept in a file; those of the configuration come on top. */
export type Silences = {
  /** Those of the configuration, then our own; what is over for a day is gone. */
  readonly all: () => readonly Silence[]
  /** Throws `USAGE` where the id is taken. */
  readonly add: (silence: Silence) => Promise<void>
  /** Ends it now; false where there is none of that id. Throws `USAGE` for one of the configuration. */
  readonly end: (id: string) => Promise<boolean>
  readonly configure: (configured: readonly Silence[]) => void
}

const KEPT_AFTER_END_MS = 86_400_000
const MOST = 1_000

export async function openSilences(path: string, now: () => EpochMs): Promise<Silences> {
  const read = z.array(silenceSchema).safeParse((await readKept(path)) ?? [])
  let own: readonly Silence[] = read.success ? read.data : []
  let configured: readonly Silence[] = []
  const isRecent = ({ until }: Silence): boolean => Date.parse(until) > now() - KEPT_AFTER_END_MS
  const keep = async (silences: readonly Silence[]): Promise<void> => {
    own = silences.filter(isRecent)
    await writeKept(path, own)
  }
  return {
    all: () => [...configured, ...own],
    async add(silence) {
      if (own.length >= MOST) throw new AppError('USAGE', `expected at most ${MOST} silences: end some first`)
      if ([...configured, ...own].some(({ id }) => id === silence.id)) {
        throw new AppError(
          'USAGE',
          `expected a new id for the silence, found "${silence.id}", which is taken`,
        )
      }
      await keep([...own, silence])
    },
    async end(id) {
      if (configured.some((silence) => silence.id === id)) {
        throw new AppError('USAGE', `the silence "${id}" is one of the configuration: end it there`)
      }
      if (!own.some((silence) => silence.id === id)) return false
      await keep(
        own.map((silence) =>
          silence.id === id ? { ...silence, until: new Date(now()).toISOString() } : silence,
        ),
      )
      return true
    },
    configure: (silences) => void (configured = silences),
  }
}
