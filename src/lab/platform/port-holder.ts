import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'

/** Who listens on a TCP port of this machine: `python3 (process 4711)`; null where the system does not tell us. */
export function portHolder(port: number): string | null {
  const inodes = new Set(['tcp', 'tcp6'].flatMap((table) => listeningInodes(table, port)))
  if (inodes.size === 0) return null
  const pid = readNames('/proc').find((name) => /^\d+$/.test(name) && holdsOneOf(name, inodes))
  if (pid === undefined) return null // another user's
  const [program = ''] = readText(`/proc/${pid}/cmdline`).split('\0') // `comm` may be the name of a thread
  return `${basename(program)} (process ${pid})`
}

const LISTENING = '0A'

/** `sl local_address rem_address st … inode`, addresses and ports in hexadecimal; see proc_pid_net(5). */
function listeningInodes(table: string, port: number): readonly string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return readText(`/proc/net/${table}`)
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/)
      return state === LISTENING && local.endsWith(suffix) ? [inode] : []
    })
}

function holdsOneOf(pid: string, inodes: ReadonlySet<string>): boolean {
  return readNames(`/proc/${pid}/fd`).some((fd) => {
    const [, inode] = /^socket:\[(\d+)\]$/.exec(readLink(`/proc/${pid}/fd/${fd}`)) ?? []
    return inode !== undefined && inodes.has(inode)
  })
}

// The process ended meanwhile, is another user's, or there is no /proc: then we know nothing of it.
const readNames = (folder: string): readonly string[] => attempt(() => readdirSync(folder), [])
const readText = (file: string): string => attempt(() => readFileSync(file, 'latin1'), '')
const readLink = (file: string): string => attempt(() => readlinkSync(file), '')

function attempt<T>(read: () => T, otherwise: T): T {
  try {
    return read()
  } catch {
    return otherwise
  }
}
