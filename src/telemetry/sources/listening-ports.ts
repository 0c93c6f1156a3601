import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** A TCP port that a process accepts connections on. */
export type ListeningPort = { readonly port: number; readonly host: string; readonly pid: number }

/** What the sockets of some processes are connected to. */
export type Connection = { readonly host: string; readonly port: number; readonly localPort: number }

type Socket = { readonly inode: string; readonly state: string; readonly local: End; readonly remote: End }
type End = { readonly host: string; readonly port: number }

const LISTENING = '0A'
const ESTABLISHED = '01'

/** The ports that these processes listen on, the lowest first. Linux only: empty where there is no /proc/net. */
export function listeningPorts(pids: readonly number[]): readonly ListeningPort[] {
  const owners = socketOwners(pids)
  return tcpSockets()
    .filter((socket) => socket.state === LISTENING && owners.has(socket.inode))
    .map((socket) => ({ ...socket.local, pid: owners.get(socket.inode) ?? 0 }))
    .sort((a, b) => a.port - b.port)
}

/** Connections that these processes opened to others: databases, caches, other services. Linux only. */
export function outboundConnections(pids: readonly number[]): readonly Connection[] {
  const owners = socketOwners(pids)
  const sockets = tcpSockets().filter((socket) => owners.has(socket.inode))
  const served = new Set(
    sockets.filter((socket) => socket.state === LISTENING).map((socket) => socket.local.port),
  )
  return (
    sockets
      .filter((socket) => socket.state === ESTABLISHED && !served.has(socket.local.port))
      // Its own workers talking to each other are not the outside.
      .filter((socket) => !(isLoopback(socket.remote.host) && served.has(socket.remote.port)))
      .map((socket) => ({ ...socket.remote, localPort: socket.local.port }))
  )
}

/** Regular files that these processes hold open for writing. Linux only. */
export function filesOpenForWriting(pids: readonly number[]): readonly string[] {
  const files = pids.flatMap((pid) =>
    (attempt(() => readdirSync(`/proc/${pid}/fd`)) ?? []).flatMap((name) => {
      const target = attempt(() => readlinkSync(`/proc/${pid}/fd/${name}`)) ?? ''
      if (!target.startsWith('/') || /^\/(?:dev|proc|sys|memfd:)|\(deleted\)$/.test(target)) return []
      const info = attempt(() => readFileSync(`/proc/${pid}/fdinfo/${name}`, 'latin1')) ?? ''
      // The access mode, octal: 1 is write only, 2 is read and write. See open(2).
      return /^flags:\s*\d*[1256]$/m.test(info) ? [target] : []
    }),
  )
  return [...new Set(files)]
}

const isLoopback = (host: string): boolean => host.startsWith('127.') || host === '::1'

/** Socket inode → one of the processes that hold it. */
function socketOwners(pids: readonly number[]): ReadonlyMap<string, number> {
  const owners = new Map<string, number>()
  for (const pid of pids) {
    for (const name of attempt(() => readdirSync(`/proc/${pid}/fd`)) ?? []) {
      const target = attempt(() => readlinkSync(`/proc/${pid}/fd/${name}`))
      const inode = /^socket:\[(\d+)\]$/.exec(target ?? '')?.[1]
      if (inode !== undefined) owners.set(inode, pid)
    }
  }
  return owners
}

function tcpSockets(): readonly Socket[] {
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => {
    const rows = (attempt(() => readFileSync(file, 'latin1')) ?? '').split('\n').slice(1)
    return rows.flatMap((row) => {
      const [, local, remote, state, , , , , , inode] = row.trim().split(/\s+/)
      if (local === undefined || remote === undefined || state === undefined || inode === undefined) return []
      return [{ inode, state, local: endOf(local), remote: endOf(remote) }]
    })
  })
}

/** `0100007F:1F90` is 127.0.0.1:8080: 32-bit words in the machine's byte order (little-endian on all we ship for). */
function endOf(text: string): End {
  const [address = '', port = ''] = text.split(':')
  const words = address.match(/.{8}/g) ?? []
  const bytes = words.flatMap((word) =>
    (word.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16)),
  )
  return { host: hostOf(bytes), port: Number.parseInt(port, 16) }
}

function hostOf(bytes: readonly number[]): string {
  if (bytes.length === 4) return bytes.join('.')
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255
  if (mapped) return bytes.slice(12).join('.')
  if (bytes.every((byte) => byte === 0)) return '::'
  if (bytes.slice(0, 15).every((byte) => byte === 0) && bytes[15] === 1) return '::1'
  const groups = [0, 2, 4, 6, 8, 10, 12, 14].map((at) =>
    ((bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0)).toString(16),
  )
  return groups.join(':')
}

function attempt<T>(read: () => T): T | null {
  try {
    return read()
  } catch {
    return null // the process ended meanwhile, is another user's, or there is no /proc
  }
}
