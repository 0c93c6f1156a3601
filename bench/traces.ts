// node bench/traces.ts DATA_DIR
// Reads every trace of DATA_DIR/expected.json and prints the share of exceptions whose chain, type, message and frames
// are found, as the data set's own scorer counts them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseTrace } from '../src/telemetry/exceptions/parse-trace.ts'
import type { ExceptionLink, StackFrame } from '../src/telemetry/exception.ts'

type WantedFrame = { file: string | null; line: number | null; function: string | null; in_app: boolean }
type Wanted = {
  language: string
  exceptions: { type: string; message: string | null; frames: WantedFrame[] }[]
}

const places = (frames: readonly { file: string | null; line: number | null }[]) =>
  JSON.stringify(frames.map((frame) => [frame.file, frame.line]))

function compare(want: Wanted['exceptions'][number], got: ExceptionLink | undefined, sameLength: boolean) {
  const frames: readonly StackFrame[] = got?.frames ?? []
  return {
    chain: sameLength,
    type: got?.type === want.type,
    message: (got?.message ?? '').trim() === (want.message ?? '').trim(),
    'in-app frames':
      places(frames.filter((frame) => frame.inApp)) === places(want.frames.filter((frame) => frame.in_app)),
    'all frames': places(frames) === places(want.frames),
    functions:
      JSON.stringify(frames.map((frame) => frame.function)) ===
      JSON.stringify(want.frames.map((frame) => frame.function)),
  }
}

function score(folder: string): number {
  const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Record<string, Wanted>
  const hits = new Map<string, number>()
  let exceptions = 0
  for (const [name, want] of Object.entries(expected)) {
    const got = parseTrace(readFileSync(join(folder, name), 'utf8')) ?? []
    for (const [index, exception] of want.exceptions.entries()) {
      exceptions += 1
      const result = compare(exception, got[index], got.length === want.exceptions.length)
      for (const [what, ok] of Object.entries(result)) hits.set(what, (hits.get(what) ?? 0) + Number(ok))
      const wrong = Object.entries(result).flatMap(([what, ok]) => (ok ? [] : [what]))
      if (wrong.length > 0) console.log(`  ${name} #${index + 1}: ${wrong.join(', ')}`)
    }
  }
  console.log(`traces  ${Object.keys(expected).length}  exceptions ${exceptions}`)
  for (const [what, count] of hits) console.log(`${what.padEnd(14)} ${(count / exceptions).toFixed(3)}`)
  return [...hits.values()].every((count) => count === exceptions) ? 0 : 1
}

const [folder] = process.argv.slice(2)
if (folder === undefined) {
  console.error(
    'usage: node bench/traces.ts DATA_DIR   (a folder with expected.json and the traces it names)',
  )
  process.exitCode = 2
} else process.exitCode = score(folder)
