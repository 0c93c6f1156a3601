import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { endTree } from './process-tree.ts'
import type { ProcessTree } from './process-tree.ts'

/** Cleans up when we cannot: after SIGKILL, or a crash. */
export type ProcessGuard = {
  /** Ends this program when we are gone. May be told again once the first process is known. */
  endWithUs(tree: ProcessTree): void
  /** Removes this folder when we are gone. */
  removeWithUs(folder: string): void
  /** All is cleaned up: the guard has nothing to do any more, and ends. */
  release(): Promise<void>
}

/**
 * A small Node process that holds the reading end of a pipe whose writing end only we have. However we end, the
 * system closes it, and the guard ends the programs and removes the folders it was told of.
 *
 *     firebreak ──pipe──> guard          (a session of its own: Ctrl-C does not reach it)
 *         └──────> program ── children   (a process group of its own)
 *
 * Portable, unlike Linux' parent-death signal, which also reaches only direct children.
 */
export function startGuard(): ProcessGuard {
  const code = `import { guard } from ${JSON.stringify(import.meta.url)}; await guard(process.stdin)`
  const child = spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', code], {
    cwd: '/',
    // Nothing of our environment: not NODE_OPTIONS, and not the mark of a run that we are ourselves part of.
    env: {},
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  child.on('error', () => {}) // without a guard the program is still ended on every ordinary way out
  child.stdin?.on('error', () => {})
  child.unref()

  const tell = (order: Order): void => {
    child.stdin?.write(`${JSON.stringify(order)}\n`)
  }
  return {
    endWithUs: (tree) => tell({ kind: 'end', tree }),
    removeWithUs: (folder) => tell({ kind: 'remove', folder }),
    async release() {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
      const ended = new Promise((resolve) => child.once('exit', resolve))
      tell({ kind: 'done' })
      child.stdin?.end()
      await endOf(child, ended)
    },
  }
}

async function endOf(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.ref()
  const tooLong = setTimeout(() => child.kill('SIGKILL'), 2_000)
  await ended
  clearTimeout(tooLong)
}

type Order =
  | { readonly kind: 'end'; readonly tree: ProcessTree }
  | { readonly kind: 'remove'; readonly folder: string }
  | { readonly kind: 'done' }

/** Runs in the guard's own process; `orders` ends when the one that gave them is gone. */
export async function guard(orders: Readable): Promise<void> {
  const trees = new Map<string, ProcessTree>()
  const folders = new Set<string>()
  for await (const line of createInterface({ input: orders })) {
    const order = JSON.parse(line) as Order // written by startGuard above, nobody else has the pipe
    if (order.kind === 'done') return
    if (order.kind === 'end') trees.set(order.tree.marker, order.tree)
    else folders.add(order.folder)
  }
  await Promise.all([...trees.values()].map((tree) => endTree(tree, 1_000)))
  await Promise.all([...folders].map((folder) => rm(folder, { recursive: true, force: true })))
}
