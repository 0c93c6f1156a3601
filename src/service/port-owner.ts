import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

export type PortOwner = { readonly pid: number; readonly command: string }

const LISTENING = '0A'

/** Which process listens on a TCP port, as far as we may see it. Linux only: null elsewhere. */
export function portOwner(port: number): PortOwner | null {
  const inodes = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => listeners(table, port)))
  if (inodes.size === 0) return null
  for (const pid of attempt(() => readdirSync('/proc')) ?? []) {
    if (!/^\d+$/.test(pid)) continue
    for (const descriptor of attempt(() => readdirSync(`/proc/${pid}/fd`)) ?? []) {
      const target = attempt(() => readlinkSync(`/proc/${pid}/fd/${descriptor}`)) ?? ''
      if (inodes.has(target)) return { pid: Number(pid), command: commandOf(pid) }
    }
  }
  return null
}

/** The sockets that listen on the port, as links of /proc name them. */
function listeners(table: string, port: number): readonly string[] {
  const text = attempt(() => readFileSync(table, 'latin1')) ?? ''
  return text.split('\n').flatMap((line) => {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/)
    const isHere = state === LISTENING && Number.parseInt(local.split(':')[1] ?? '', 16) === port
    return isHere && inode ? [`socket:[${inode}]`] : []
  })
}

/** Its name only: arguments may hold secrets. */
function commandOf(pid: string): string {
  return (attempt(() => readFileSync(`/proc/${pid}/comm`, 'utf8')) ?? 'unknown').trim()
}

function attempt<Value>(read: () => Value): Value | null {
  try {
    return read()
  } catch {
    return null
  }
}
