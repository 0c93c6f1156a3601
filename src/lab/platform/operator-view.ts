import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { lastLines } from './last-lines.ts'
import type { StateDirectory } from './state-directory.ts'

/** What somebody wrote to support. */
export type UserReport = { readonly at: string; readonly text: string; readonly page: string }

/** Oldest first; what does not read as a report is left out. */
export async function readUserReports({ logs }: StateDirectory): Promise<readonly UserReport[]> {
  const text = await readFile(join(logs, 'user-reports.jsonl'), 'utf8').catch(() => '') // nobody has written yet
  return text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as UserReport] // written by the shoppers' process
    } catch {
      return [] // the empty one at the end, or one that is just being written
    }
  })
}

const LOOK_AT_LINES = 60
const LEVEL = /^\S+ ERROR \S+ (.*)$/
/** `TypeError: …`, `error: …`: what a log line of the shop is followed by. */
const CAUSE = /^\s*(?:\[cause\]: )?(\w*[Ee]rror: .*)$/

/** `GET / failed: TypeError: …`, from the log of the first instance that has one at its end. */
export async function readLastError({ logs }: StateDirectory): Promise<string | null> {
  const names = await readdir(logs).catch(() => [])
  for (const name of names.filter((file) => /^app-\d+\.log$/.test(file)).sort()) {
    const lines = (await lastLines(join(logs, name), LOOK_AT_LINES)).split('\n')
    const at = lines.findLastIndex((line) => LEVEL.test(line))
    if (at < 0) continue
    const [, what = ''] = LEVEL.exec(lines[at] ?? '') ?? []
    const [, why] = CAUSE.exec(lines[at + 1] ?? '') ?? []
    return why === undefined ? what : `${what}: ${why}`
  }
  return null
}
