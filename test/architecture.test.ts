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
  'service',
  'respond',
])
const EVERY_STAGE = ['telemetry', 'detect', 'incident', 'diagnose', 'act', 'verify', 'review']
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
  respond: EVERY_STAGE, // puts the stages together for one incident; keeps nothing, so it needs no store
  service: [...EVERY_STAGE, 'store'], // puts together what runs for long; is handed its door, so it knows none
  cli: [...EVERY_STAGE, 'lab', 'respond', 'service'],
  serve: [...EVERY_STAGE, 'service'],
}
const ENTRY_FILES = new Set(['main.ts', 'app.ts', 'lab/load/shoppers-main.ts'])
/**
 * Small words stand in src/ itself and know nothing but each other; these alone put things together. Doors know the
 * app, compositions know what they are handed.
 */
const COMPOSITION: Readonly<Record<string, readonly string[]>> = {
  'main.ts': [],
  'app.ts': ['cli'],
  'parts.ts': ['respond', 'service'],
}
/** It loads one job without the others, and so goes past the front doors of those who keep them. */
const LOADS_JOBS: Readonly<Record<string, readonly string[]>> = { 'app.ts': ['respond', 'service'] }

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
  if (fromStage === toStage) return fromStage !== SMALL_WORDS || from in COMPOSITION || !(to in COMPOSITION)
  if (fromStage === SMALL_WORDS) return from in COMPOSITION || toStage === 'contract'
  if (toStage === SMALL_WORDS) return !(to in COMPOSITION) || COMPOSITION[to]?.includes(fromStage) === true
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
  const around = crossing.filter(
    ({ from, to, toStage }) => to !== `${toStage}/index.ts` && LOADS_JOBS[from]?.includes(toStage) !== true,
  )
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
