import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

// The table of docs/architecture.md, as data. A stage sees only what happened before it.
const SMALL_WORDS = '.'
const STAGES = new Set([
  'telemetry',
  'detect',
  'incident',
  'diagnose',
  'act',
  'verify',
  'review',
  'lab',
  'drill',
  'store',
])
const mayImport: Readonly<Record<string, readonly string[]>> = {
  contract: [],
  telemetry: [],
  detect: ['telemetry'],
  incident: ['telemetry', 'detect'],
  diagnose: ['telemetry', 'detect', 'incident'],
  act: ['telemetry', 'detect', 'incident'],
  verify: ['telemetry', 'detect', 'incident'],
  lab: [], // it is somebody else's system
  review: ['telemetry', 'detect', 'incident', 'diagnose', 'act', 'verify'],
  store: ['telemetry', 'detect', 'incident'], // the types of what it keeps
  cli: ['app', 'telemetry', 'detect', 'incident', 'diagnose', 'act', 'verify', 'review', 'lab'],
  serve: ['telemetry', 'detect', 'incident', 'diagnose', 'act', 'verify', 'review'],
}
const ENTRY_FILES = new Set(['main.ts', 'app.ts', 'lab/load/shoppers-main.ts'])
/** Small words stand in src/ itself and know nothing but each other. */
const COMPOSITION = new Set([
  'main.ts',
  'app.ts',
  'parts.ts',
  'responders.ts',
  'respond.ts',
  'respond-to-run.ts',
  'respond-to-files.ts',
  'fingerprint-logs.ts',
  'replay-file.ts',
  'run-example.ts',
  'build-service.ts',
  'check-config.ts',
  'check-installation.ts',
  'live-configuration.ts',
  'service.ts',
  'service-config.ts',
  'service-detection.ts',
  'service-events.ts',
  'service-intake.ts',
  'service-policies.ts',
  'service-receivers.ts',
  'service-sources.ts',
  'service-webhooks.ts',
  'start-service.ts',
])
/** Doors call the app, and are handed what it made. */
const DOORS = new Set(['cli', 'serve'])

type Import = { from: string; to: string; fromStage: string; toStage: string }

const src = resolve(dirname(fileURLToPath(import.meta.url)), '..', 'src')

function sourceFiles(): string[] {
  return readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => file.split(sep).join('/'))
}

function stageOf(file: string): string {
  return file.includes('/') ? file.slice(0, file.indexOf('/')) : SMALL_WORDS
}

function imports(): Import[] {
  return sourceFiles().flatMap((from) => {
    const text = readFileSync(join(src, from), 'utf8')
    const specifiers = text.matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g)
    return [...specifiers].map(([, specifier = '']) => {
      const to = relative(src, resolve(src, dirname(from), specifier))
        .split(sep)
        .join('/')
      return { from, to, fromStage: stageOf(from), toStage: stageOf(to) }
    })
  })
}

function isAllowed({ from, to, fromStage, toStage }: Import): boolean {
  if (fromStage === toStage) return fromStage !== SMALL_WORDS || COMPOSITION.has(from) || !COMPOSITION.has(to)
  if (fromStage === SMALL_WORDS) return COMPOSITION.has(from) || toStage === 'contract'
  if (toStage === SMALL_WORDS) return !COMPOSITION.has(to) || DOORS.has(fromStage)
  if (toStage === 'contract') return true
  return mayImport[fromStage]?.includes(toStage) ?? false
}

test('a stage imports only what happened before it', () => {
  const edges = imports()
  expect(edges.length).toBeGreaterThan(30) // it saw edges, so it cannot pass empty
  expect(edges.filter((edge) => !isAllowed(edge)).map(({ from, to }) => `${from} imports ${to}`)).toEqual([])
})

test('a stage is entered through its front door', () => {
  const crossing = imports().filter(({ fromStage, toStage }) => fromStage !== toStage && STAGES.has(toStage))
  expect(crossing.length).toBeGreaterThan(10)
  const around = crossing.filter(({ to, toStage }) => to !== `${toStage}/index.ts`)
  expect(around.map(({ from, to }) => `${from} imports ${to}`)).toEqual([])
})

test('no stage imports its own front door', () => {
  const own = imports().filter(({ from, to, fromStage }) => to === `${fromStage}/index.ts` && from !== to)
  expect(own.map(({ from, fromStage }) => (fromStage === SMALL_WORDS ? '' : from)).filter(Boolean)).toEqual(
    [],
  )
})

test('folders go no deeper than a family of siblings', () => {
  expect(sourceFiles().filter((file) => file.split('/').length > 3)).toEqual([])
})

test('every stage has a front door', () => {
  const stages = new Set(sourceFiles().map(stageOf))
  const doors = new Set(
    sourceFiles()
      .filter((file) => file.endsWith('/index.ts'))
      .map(stageOf),
  )
  expect([...stages].filter((stage) => STAGES.has(stage) && !doors.has(stage))).toEqual([])
})

test('the clock, chance, the environment and the exit are touched in entry files only', () => {
  const ambient = /\bDate\.now\(|\bMath\.random\(|\bnew Date\(\)|\bprocess\.env\b|\bprocess\.exit\(/
  const offenders = sourceFiles().filter((file) => {
    if (ENTRY_FILES.has(file) || file.endsWith('-main.ts')) return false // programs of their own
    const code = readFileSync(join(src, file), 'utf8')
      .replaceAll(/\/\*[\s\S]*?\*\//g, '') // what a comment or a quoted text says is not a call
      .replaceAll(/\/\/.*$/gm, '')
      .replaceAll(/`(?:\\.|[^`\\])*`|'(?:\\.|[^'\\\n])*'|\/(?:\\.|[^/\\\n])+\/[a-z]*/g, '')
    return ambient.test(code)
  })
  expect(offenders).toEqual([])
})
