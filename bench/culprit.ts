// culprit.ts [CASES_DIR GIT_DIR…] [--seeds N] [--out FILE]: how often the commit that broke it is ranked first, with two
// peers beside it: the newest commit of the range, and git blame of the innermost own frame. Without CASES_DIR, only the
// generated repositories with a known leak. GIT_DIR is a git directory of a case's repository; its path names it.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { findChangeRange, rankCommits, type ChangeRange, type Symptoms } from '../src/diagnose/index.ts'
import { blameLines, createGit, listFiles } from '../src/git.ts'
import { parseDeploys } from '../src/telemetry/deploys.ts'
import { createLogDigester, type Deploy } from '../src/telemetry/index.ts'
import { placeFrames } from '../src/diagnose/locate-frames.ts'
import { leakLanguages, makeLeakRepository } from '../test/leak-repositories.ts'

type Case = {
  readonly name: string
  readonly group: string
  readonly repository: string
  readonly log: Uint8Array
  readonly deploys: readonly Deploy[]
  readonly culprit: string | null
}
type Result = Record<'ours' | 'newest' | 'blame', readonly string[]> & { readonly ms: number }

const git = createGit({ environment: process.env })
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seeds: { type: 'string', default: '10' }, out: { type: 'string' } },
})
const scratch = mkdtempSync(join(tmpdir(), 'culprit-'))
process.once('exit', () => rmSync(scratch, { recursive: true, force: true }))

const rows = new Map<
  string,
  { cases: number; ours: number; inThree: number; newest: number; blame: number; ms: number }
>()
const predictions: Record<string, readonly string[]> = {}
for (const one of [...publicCases(), ...leakCases(Number(values.seeds))]) {
  const result = await solve(one)
  predictions[one.name] = result.ours
  if (one.culprit !== null) tally(one, result)
}
if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(predictions, null, 1)}\n`)
print()

/** Real regressions of public projects: a log, two deploys and a repository each. */
function* publicCases(): Generator<Case> {
  const [directory, ...gitDirectories] = positionals
  if (directory === undefined) return
  for (const name of readdirSync(directory).sort()) {
    const folder = join(directory, name)
    const about = JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8')) as {
      repo: string
      bad_commit: string
    }
    const source = gitDirectories.find((path) =>
      path.toLowerCase().includes(basename(about.repo).toLowerCase()),
    )
    if (source === undefined) {
      console.error(`${name}: no git directory of ${about.repo} was given`)
      continue
    }
    yield {
      name,
      group: 'public',
      repository: workTreeOf(resolve(source), about.bad_commit, join(scratch, name)),
      log: readFileSync(join(folder, 'app.log')),
      deploys: parseDeploys(readFileSync(join(folder, 'deploys.jsonl'), 'utf8'), 'deploys.jsonl'),
      culprit: labelOf(folder),
    }
  }
}

function labelOf(folder: string): string | null {
  try {
    return (JSON.parse(readFileSync(join(folder, 'label.json'), 'utf8')) as { culprit_commit: string })
      .culprit_commit
  } catch {
    return null // held out: predictions only
  }
}

function workTreeOf(source: string, commit: string, target: string): string {
  mkdirSync(target, { recursive: true })
  const run = (...args: readonly string[]): void =>
    void execFileSync('git', ['-C', target, ...args], { stdio: 'ignore' })
  const upload = 'git -c uploadpack.allowAnySHA1InWant=true -c safe.directory=* upload-pack'
  run('init', '-q')
  run('fetch', '-q', '--depth', '300', '--upload-pack', upload, `file://${source}`, commit)
  run('reset', '-q', '--hard', 'FETCH_HEAD')
  return target
}

function* leakCases(seeds: number): Generator<Case> {
  for (const language of leakLanguages) {
    for (let seed = 1; seed <= seeds; seed++) {
      const made = makeLeakRepository(join(scratch, `${language.name}-${seed}`), language, seed)
      const deploy = {
        at: made.deployedAt,
        service: null,
        version: null,
        commit: made.bad,
        previousCommit: made.good,
      }
      yield {
        name: `leak-${language.name}-${seed}`,
        group: `leak, ${language.name}`,
        repository: made.repository,
        log: Buffer.from(made.log),
        deploys: [deploy],
        culprit: made.culprit,
      }
    }
  }
}

async function solve(one: Case): Promise<Result> {
  const { repository } = one
  const symptoms = await symptomsOf(one)
  const started = performance.now()
  const range = await findChangeRange(
    { git },
    { repository, deploys: one.deploys, onsetAt: symptoms.onsetAt },
  )
  if (range === null) return { ours: [], newest: [], blame: [], ms: 0 }
  const ranked = await rankCommits({ git }, { repository, range, symptoms })
  const ms = performance.now() - started
  const newest = ranked.toSorted((a, b) => b.committedAt - a.committedAt).map(({ sha }) => sha)
  return { ours: ranked.map(({ sha }) => sha), newest, blame: await blameOfTop(one, range, symptoms), ms }
}

async function symptomsOf(one: Case): Promise<Symptoms> {
  const files = new Set(await listFiles(git, one.repository, 'HEAD'))
  const deployedAt = one.deploys.at(-1)?.at ?? 0
  const digester = createLogDigester({ now: deployedAt + 86_400_000, repositoryFiles: files })
  digester.write('app.log', one.log)
  digester.end('app.log')
  const failing = digester
    .digest()
    .fingerprints.filter(({ exception, severityText }) => exception !== null || severityText === 'ERROR')
  const isNew = (seen: number | null): boolean => seen === null || seen >= deployedAt
  const news = failing
    .filter(({ firstSeen }) => isNew(firstSeen))
    .map(({ firstSeen }) => firstSeen ?? deployedAt)
  return {
    exceptions: failing.flatMap(({ exception, count, firstSeen }) =>
      exception === null ? [] : [{ chain: exception, count, isNew: isNew(firstSeen) }],
    ),
    messages: failing
      .filter(({ exception }) => exception === null)
      .map(({ template, severityText, count, firstSeen }) => ({
        template,
        severityText,
        count,
        isNew: isNew(firstSeen),
      })),
    findingKinds: [],
    onsetAt: news.length === 0 ? deployedAt : Math.min(...news),
  }
}

/** The peer that everybody has: who last touched the innermost own line. */
async function blameOfTop(one: Case, range: ChangeRange, symptoms: Symptoms): Promise<readonly string[]> {
  const files = await listFiles(git, one.repository, range.badCommit)
  const top = placeFrames(symptoms, files)[0]
  if (top === undefined || top.frame.line === null) return []
  const lines = [[top.frame.line, top.frame.line] as const]
  const within = `${range.goodCommit ?? ''}..${range.badCommit}`
  const origins = await blameLines(git, { repository: one.repository, range: within, file: top.file, lines })
  return origins.map(({ sha }) => sha)
}

function tally(one: Case, result: Result): void {
  const row = rows.get(one.group) ?? { cases: 0, ours: 0, inThree: 0, newest: 0, blame: 0, ms: 0 }
  const isFirst = (list: readonly string[]): number => (list[0] === one.culprit ? 1 : 0)
  row.cases += 1
  row.ours += isFirst(result.ours)
  row.inThree += result.ours.slice(0, 3).includes(one.culprit ?? '') ? 1 : 0
  row.newest += isFirst(result.newest)
  row.blame += isFirst(result.blame)
  row.ms += result.ms
  rows.set(one.group, row)
  if (result.ours[0] !== one.culprit)
    console.error(`${one.name}: rank ${result.ours.indexOf(one.culprit ?? '') + 1}`)
}

function print(): void {
  console.log('| cases | n | first | in three | newest commit | blame of top frame | ms each |')
  console.log('|---|---|---|---|---|---|---|')
  for (const [group, row] of rows) {
    const cells = [row.cases, row.ours, row.inThree, row.newest, row.blame, Math.round(row.ms / row.cases)]
    console.log(`| ${group} | ${cells.join(' | ')} |`)
  }
}
