import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

/** One process, as the system lists it. */
export type ProcessInfo = {
  readonly pid: number
  readonly parent: number
  readonly group: number
  readonly residentBytes: number
}

/**
 * How the processes of one program are told from all others: by its process group, by descent from its first process,
 * and by a mark in the environment, which also those inherit that made a session of their own and lost their parent.
 */
export type ProcessTree = {
  readonly marker: string
  /** The first process, which leads the group; null before it has started. */
  readonly root: number | null
}

/** The variable that carries the mark; every child of the program inherits it. */
export const MARKER_VARIABLE = 'FIREBREAK_RUN'

/** All living processes of a program. Zombies are dead; without /proc the mark is not looked at. */
export function membersOf(tree: ProcessTree): readonly ProcessInfo[] {
  const all = listProcesses()
  const members = new Map<number, ProcessInfo>()
  for (const info of all) {
    if (info.pid === process.pid) continue
    if (isOfGroup(info, tree) || carriesMarker(info.pid, tree.marker)) members.set(info.pid, info)
  }
  // Descendants that cleared their environment and left the group; a few rounds reach every depth.
  for (let before = -1; before !== members.size;) {
    before = members.size
    for (const info of all)
      if (members.has(info.parent) && info.pid !== process.pid) members.set(info.pid, info)
  }
  return [...members.values()]
}

function isOfGroup(info: ProcessInfo, tree: ProcessTree): boolean {
  return tree.root !== null && (info.group === tree.root || info.pid === tree.root)
}

/**
 * Ends a program with all its processes: SIGTERM, and after `graceMs` SIGKILL to whatever is left, looked up anew each
 * round because processes fork while they are being ended. Returns what could not be ended (another user's, or stuck
 * in the kernel); usually nothing.
 */
export async function endTree(tree: ProcessTree, graceMs: number): Promise<readonly ProcessInfo[]> {
  let left = signalMembers(tree, 'SIGTERM')
  for (let waitedMs = 0; left.length > 0 && waitedMs < graceMs; waitedMs += POLL_MS) {
    await pause(POLL_MS)
    left = membersOf(tree)
  }
  for (let round = 0; left.length > 0 && round < KILL_ROUNDS; round += 1) {
    signalMembers(tree, 'SIGKILL')
    await pause(POLL_MS)
    left = membersOf(tree)
  }
  return left
}

const POLL_MS = 25
const KILL_ROUNDS = 80

function signalMembers(tree: ProcessTree, signal: NodeJS.Signals): readonly ProcessInfo[] {
  const members = membersOf(tree)
  // The group first and at once, so that a parent cannot start a new child for one that we just ended.
  if (tree.root !== null && members.some((member) => member.group === tree.root)) send(-tree.root, signal)
  for (const member of members) if (member.group !== tree.root) send(member.pid, signal)
  return members
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // Gone already, or not ours to end: the caller looks again and reports what is left.
  }
}

function listProcesses(): readonly ProcessInfo[] {
  const pids = readProc(() => readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
  if (pids === null || pids.length === 0) return listByPs()
  return pids.flatMap((pid) => {
    const stat = readProc(() => readFileSync(`/proc/${pid}/stat`, 'latin1'))
    return stat === null ? [] : fromStat(Number(pid), stat)
  })
}

/** `pid (name) state parent group …`; the name may hold anything, also brackets. See proc_pid_stat(5). */
function fromStat(pid: number, stat: string): readonly ProcessInfo[] {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (fields[0] === 'Z' || fields[0] === 'X') return []
  const residentPages = Number(fields[21] ?? 0)
  return [
    { pid, parent: Number(fields[1]), group: Number(fields[2]), residentBytes: residentPages * PAGE_BYTES },
  ]
}

/** 4 kB on every platform that we ship for but arm64 kernels built with larger pages, where memory reads low. */
const PAGE_BYTES = 4096

function carriesMarker(pid: number, marker: string): boolean {
  const environment = readProc(() => readFileSync(`/proc/${pid}/environ`))
  return environment !== null && environment.includes(`${MARKER_VARIABLE}=${marker}\0`)
}

function readProc<T>(read: () => T): T | null {
  try {
    return read()
  } catch {
    return null // the process ended meanwhile, is another user's, or there is no /proc
  }
}

/** macOS and others without /proc. */
function listByPs(): readonly ProcessInfo[] {
  const { stdout } = spawnSync('ps', ['-axo', 'pid=,ppid=,pgid=,rss=,stat='], { encoding: 'utf8' })
  return (stdout ?? '').split('\n').flatMap((line) => {
    const [pid, parent, group, kilobytes, state] = line.trim().split(/\s+/)
    if (pid === undefined || state === undefined || state.startsWith('Z')) return []
    const residentBytes = Number(kilobytes) * 1024
    return [{ pid: Number(pid), parent: Number(parent), group: Number(group), residentBytes }]
  })
}
