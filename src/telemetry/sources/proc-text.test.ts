import { describe, expect, test } from 'vitest'
import {
  cpuShares,
  parseCpuTimes,
  parseMemory,
  parseMounts,
  parseNetwork,
  parseOpenFilesLimit,
  parseProcessStat,
} from './proc-text.ts'

describe('CPU', () => {
  test('is shared out by mode; waiting for a disk is not busy', () => {
    const before = parseCpuTimes('cpu  100 0 50 800 40 5 5 0 0 0\ncpu0 1 2 3\n')
    const now = parseCpuTimes('cpu  160 0 70 880 60 10 10 10 0 0\n')
    if (before === null || now === null) throw new Error('expected times')
    const shares = cpuShares(before, now)
    expect(shares?.byMode.get('user')).toBeCloseTo(0.3)
    expect(shares?.byMode.get('interrupt')).toBeCloseTo(0.05)
    expect(shares?.busy).toBeCloseTo(0.5)
    expect([...(shares?.byMode.values() ?? [])].reduce((sum, share) => sum + share, 0)).toBeCloseTo(1)
    expect(cpuShares(now, now)).toBeNull()
  })
  test('is nothing where there is no such line', () => expect(parseCpuTimes('')).toBeNull())
})

test('memory is in bytes', () => {
  const memory = parseMemory('MemTotal:       16384 kB\nActive(anon):   8 kB\nHugePages_Total:       0\n')
  expect(memory.get('MemTotal')).toBe(16_777_216)
  expect(memory.get('Active')).toBe(8_192)
})

test('network leaves out the loopback', () => {
  const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 10 1 0 0 0 0 0 0 10 1 0 0 0 0 0 0
  eth0:1234 5 0 0 0 0 0 0 99 6 0 0 0 0 0 0
`
  expect(parseNetwork(text)).toEqual([{ name: 'eth0', received: 1_234, sent: 99 }])
})

test('file systems are those on devices, each once', () => {
  const text = `proc /proc proc rw 0 0
overlay / overlay rw 0 0
/dev/sda1 /data/inner ext4 rw 0 0
/dev/sda1 /data ext4 rw 0 0
/dev/loop1 /snap/x squashfs ro 0 0
tmpfs /run tmpfs rw 0 0
nas:/x /mnt/my\\040disk nfs4 rw 0 0
`
  expect(parseMounts(text).map(({ mountpoint }) => mountpoint)).toEqual(['/', '/data', '/mnt/my disk'])
})

test('a process is read behind its name, whatever that holds', () => {
  const stat =
    '17 (a) b (c)) S 1 17 17 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 11 0 98765 1000000 2500 18446744073709551615'
  expect(parseProcessStat(stat)).toEqual({
    ticks: 300,
    threads: 11,
    startTicks: 98_765,
    residentPages: 2_500,
  })
  expect(parseProcessStat('')).toBeNull()
})

test.each([
  ['Max open files            1024                 4096                 files     \n', 1_024],
  ['Max open files            unlimited            unlimited            files     \n', null],
])('the limit of open files in %j', (limits, expected) => expect(parseOpenFilesLimit(limits)).toBe(expected))
