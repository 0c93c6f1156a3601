import { z } from 'zod'
import { AppError } from '../errors.ts'
import type { Deploy } from './change.ts'
import { createTimestampReader } from './lines/timestamp.ts'

const text = z.string().trim().min(1).nullish()
const commit = z
  .string()
  .trim()
  .regex(/^[0-9a-zA-Z][\w./^~-]{0,250}$/, 'expected a commit hash, a tag or a branch')
  .nullish()

const deploySchema = z.object({
  at: z.union([z.string(), z.number()]),
  service: text,
  version: z.union([z.string(), z.number()]).nullish(),
  commit,
  previousCommit: commit,
})

/** Deploys, oldest first. Blank lines are skipped; the first wrong line is refused with its number. */
export function parseDeploys(content: string, file = 'deploys'): Deploy[] {
  const deploys: Deploy[] = []
  for (const [index, line] of content
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .entries()) {
    if (line.trim() !== '') deploys.push(parseDeploy(line, `${file}:${index + 1}`))
  }
  return deploys.sort((a, b) => a.at - b.at)
}

function parseDeploy(line: string, where: string): Deploy {
  const parsed = deploySchema.safeParse(jsonOf(line, where))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const field = issue === undefined || issue.path.length === 0 ? 'a deploy' : `"${issue.path.join('.')}"`
    throw invalid(where, `${field}: ${issue?.message ?? 'not as expected'}`)
  }
  const { at, service, version, commit, previousCommit } = parsed.data
  return {
    at: momentOf(at, where),
    service: service ?? null,
    version: version === undefined || version === null ? null : String(version),
    commit: commit ?? null,
    previousCommit: previousCommit ?? null,
  }
}

function jsonOf(line: string, where: string): unknown {
  try {
    return JSON.parse(line)
  } catch (cause) {
    throw invalid(where, `no JSON: ${line.length > 60 ? `${line.slice(0, 60)}…` : line}`, cause)
  }
}

/** A deploy without a zone is in UTC: the file is written by machines, `--tz` speaks of logs. */
function momentOf(value: string | number, where: string): number {
  const reader = createTimestampReader({ timeZone: 'UTC', now: 0 })
  const day = typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) ? `${value}T00:00:00Z` : value
  const at = typeof day === 'string' && !/^\d{4}-/.test(day.trim()) ? Number.NaN : reader.fromValue(day)
  if (Number.isNaN(at)) throw invalid(where, `"at": ${JSON.stringify(value)}`)
  return at
}

function invalid(where: string, found: string, cause?: unknown): AppError {
  const hint = 'one deploy per line: {"at": "2026-03-03T09:00:00Z", "commit": "1a2b3c4"}'
  return new AppError('DEPLOYS_INVALID', `expected a deploy at ${where}, found ${found}`, { hint, cause })
}
