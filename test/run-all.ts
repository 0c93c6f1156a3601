// Everything there is: the build, the checks, then the tests against real servers, interpreters and the browser.
// The last line is `N passed, N failed`; the exit code is 0 only when nothing failed.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { missingNeeds, needs } from './needs.ts'

type Count = { passed: number; failed: number }

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const scratch = mkdtempSync(join(tmpdir(), 'firebreak-test-'))

function run(command: string, args: readonly string[]): boolean {
  const bin = join(root, 'node_modules', '.bin')
  const env = { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}`, FORCE_COLOR: '0' }
  return spawnSync(command, args, { cwd: root, stdio: 'inherit', env }).status === 0
}

/** One check counts as one test: a file that is not formatted must not hide behind a thousand green tests. */
function check(name: string, command: string, args: readonly string[]): Count {
  console.log(`\n── ${name}`)
  const ok = run(command, args)
  if (!ok) console.log(`── ${name}: FAILED`)
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1 }
}

function vitest(project: string): Count {
  console.log(`\n── tests: ${project}`)
  const report = join(scratch, `${project}.json`)
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const ok = run('vitest', ['run', '--project', project, ...reporters])
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8')) as {
      numPassedTests: number
      numFailedTests: number
    }
    // A file that cannot be loaded fails the run and has no failed test of its own.
    return { passed: numPassedTests, failed: ok ? numFailedTests : Math.max(1, numFailedTests) }
  } catch {
    return { passed: 0, failed: 1 }
  }
}

const counts = [
  check('build', 'tsc', ['-p', 'tsconfig.build.json']),
  check('format', 'oxfmt', ['--check']),
  check('lint', 'oxlint', ['--type-aware']),
  check('types', 'tsc', ['-p', 'tsconfig.json']),
  check('unused code', 'knip', []),
  vitest('unit'),
]

console.log('\n── what the integration tests need')
const missing = missingNeeds()
if (missing.length === 0) {
  counts.push(vitest('integration'))
} else {
  for (const need of missing) console.log(`missing: ${need.name}. ${need.hint}`)
  counts.push({ passed: 0, failed: missing.length })
}
console.log(`(${needs.length} needs known, ${missing.length} missing)`)

rmSync(scratch, { recursive: true, force: true })
const total = counts.reduce((sum, { passed, failed }) => ({
  passed: sum.passed + passed,
  failed: sum.failed + failed,
}))
process.exitCode = total.failed === 0 ? 0 : 1
console.log(`\n${total.passed} passed, ${total.failed} failed`)
