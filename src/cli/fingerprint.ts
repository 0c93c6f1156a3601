import { toIso, type EpochMs } from '../time.ts'
import type { FingerprintJson } from '../contract/incident-json.ts'
import { exitCodes, interruptible, type ExitCode, type Io } from './io.ts'
import { textOption, timeZoneOption } from './options.ts'
import { createProgress } from './progress.ts'

const SHOWN = 50

function shortTime(iso: string | null): string {
  return iso === null ? '-' : iso.slice(0, 19).replace('T', ' ')
}

function share(value: number): string {
  const percent = value * 100
  return percent >= 10 ? `${percent.toFixed(0)}%` : percent >= 0.1 ? `${percent.toFixed(1)}%` : '<0.1%'
}

function exceptionLines(fingerprint: FingerprintJson): readonly string[] {
  const chain = fingerprint.exception?.chain ?? []
  return chain.flatMap((link, index) => {
    const frame = link.frames.find(({ inApp }) => inApp) ?? link.frames[0]
    const place = frame?.file
      ? `  at ${frame.file}${frame.line === null ? '' : `:${frame.line}`}${frame.function ? ` in ${frame.function}` : ''}`
      : ''
    return index === 0 && !place ? [] : [`${index === 0 ? '' : 'caused by '}${link.type}${place}`]
  })
}

function entry(fingerprint: FingerprintJson, width: number): string {
  const head = [
    String(fingerprint.count).padStart(9),
    share(fingerprint.share).padStart(6),
    shortTime(fingerprint.firstSeen).padEnd(19),
    shortTime(fingerprint.lastSeen).padEnd(19),
    (fingerprint.severityText || '-').padEnd(5),
  ].join('  ')
  const room = Math.max(40, width - head.length - 2)
  const { template } = fingerprint
  const text = template.length > room ? `${template.slice(0, room - 1)}…` : template
  const indent = ' '.repeat(head.length + 2)
  return [`${head}  ${text}`, ...exceptionLines(fingerprint).map((line) => `${indent}${line}`)].join('\n')
}

function table(fingerprints: readonly FingerprintJson[], width: number, all: boolean): string {
  const shown = all ? fingerprints : fingerprints.slice(0, SHOWN)
  const header = `${'count'.padStart(9)}  ${'share'.padStart(6)}  ${'first'.padEnd(19)}  ${'last'.padEnd(19)}  ${'level'.padEnd(5)}  kind`
  const rest = fingerprints.length - shown.length
  const more = rest > 0 ? [`… and ${rest} more kinds; --all shows them`] : []
  return [header, ...shown.map((fingerprint) => entry(fingerprint, width)), ...more].join('\n')
}

/** `firebreak fingerprint FILE…` */
export async function fingerprintCommand(
  io: Io,
  files: readonly string[],
  options: Record<string, unknown>,
): Promise<ExitCode> {
  const groupsFile = textOption(options, 'groups')
  const progress = createProgress(io)
  const app = await io.loadApp()
  const plan = {
    files,
    repository: textOption(options, 'repo'),
    timeZone: timeZoneOption(options),
    groupsFile,
  }
  const { lines, fingerprints, notes, firstSeen, lastSeen } = await app.fingerprint(plan, {
    progress,
    signal: interruptible(io),
    stdin: io.stdin,
  })
  progress.end()
  for (const note of notes) io.stderr.write(`${note}\n`)
  if (options['json'] === true) {
    io.stdout.write(`${JSON.stringify({ schema: 1, lines, fingerprints })}\n`)
    return exitCodes.done
  }
  io.stdout.write(`${table(fingerprints, io.stdout.columns ?? 160, options['all'] === true)}\n`)
  io.stdout.write(`\n${lines} lines, ${fingerprints.length} kinds${span(firstSeen, lastSeen)}\n`)
  return exitCodes.done
}

function span(first: EpochMs | null, last: EpochMs | null): string {
  return first === null || last === null ? ', no times' : `, ${toIso(first)} to ${toIso(last)}`
}
