import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const main = new URL('../src/main.ts', import.meta.url).pathname

/** One thing that the stream told, when it came. */
export type Event = {
  readonly at: number
  /** Of its detection. */
  readonly id: string
  readonly kind: string
  readonly urgency: string
  readonly rule: string
  readonly summary: string
}
/** A `firebreak serve` of one's own, and what it told so far. */
export type Watcher = {
  readonly way: string
  readonly events: readonly Event[]
  readonly stop: () => Promise<void>
}

/** `firebreak serve` with its event stream read as it comes. */
export async function watch(
  way: string,
  folder: string,
  { port, config, env }: { port: number; config: string; env?: Readonly<Record<string, string>> },
): Promise<Watcher> {
  const file = join(folder, `${way}.yaml`)
  writeFileSync(file, config)
  const words = ['serve', '--config', file, '--port', String(port), '--data', join(folder, `data-${way}`)]
  const child = spawn(process.execPath, [main, ...words], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'ignore'],
  })
  await untilReady(port, child)
  const events: Event[] = []
  const controller = new AbortController()
  void follow(port, events, controller.signal)
  return {
    way,
    events,
    async stop() {
      controller.abort()
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGINT')
      await ended
    },
  }
}

async function untilReady(port: number, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`serve ended with ${child.exitCode}`)
    const ready = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null)
    if (ready?.ok === true) return
    await pause(100)
  }
}

/** Server-sent events: blocks of `name: value` lines with an empty line after each. */
async function follow(port: number, events: Event[], signal: AbortSignal): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/events`, { signal }).catch(() => null)
  if (response === null || response.body === null) return
  let text = ''
  try {
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      text += chunk
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) note(block, events)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

function note(block: string, events: Event[]): void {
  const data = /^data: ?(.*)$/m.exec(block)?.[1]
  if (data === undefined) return
  const { kind, detection } = JSON.parse(data) as {
    kind?: string
    detection?: { id: string; urgency: string; rule: string; summary: string; suppressedBy: string | null }
  }
  if (kind === undefined || detection === undefined) return
  console.error(`    ${kind} ${detection.urgency} ${detection.rule}: ${detection.summary}`)
  // Flap control keeps the fourth outage of a quarter of an hour from telling anybody: not what is measured here.
  events.push({
    at: Date.now(),
    id: detection.id,
    kind,
    urgency: detection.urgency,
    rule: detection.rule,
    summary: detection.summary,
  })
}

/** Somebody is woken by it. */
export const pages = ({ kind, urgency }: Event): boolean => kind !== 'ended' && urgency !== 'P4'
