import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'

/** Something that the integration tests need of the machine. */
export type Need = {
  readonly name: string
  readonly isThere: () => boolean
  readonly debianPackages: readonly string[]
  readonly hint: string
}

/** Debian's own interpreter: its packages (Flask, PyMySQL) are for it, not for another python3 earlier on PATH. */
export const PYTHON = '/usr/bin/python3'

function runs(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0
}

function needsPython(module: string, debianPackage: string): Need {
  return {
    name: `Python's ${module}`,
    isThere: () => runs(PYTHON, ['-c', `import ${module}`]),
    debianPackages: ['python3', debianPackage],
    hint: `Expected '${PYTHON} -c "import ${module}"' to work; on Debian: apt-get install ${debianPackage}`,
  }
}

export const needs: readonly Need[] = [
  {
    name: 'git',
    isThere: () => runs('git', ['--version']),
    debianPackages: ['git'],
    hint: 'Expected git on PATH; on Debian: apt-get install git',
  },
  needsPython('flask', 'python3-flask'),
  needsPython('pymysql', 'python3-pymysql'),
  needsPython('sqlalchemy', 'python3-sqlalchemy'),
  {
    name: 'MariaDB',
    isThere: () => existsSync('/usr/sbin/mariadbd') && existsSync('/usr/bin/mariadb-install-db'),
    debianPackages: ['mariadb-server'],
    hint: 'Expected /usr/sbin/mariadbd; on Debian: apt-get install mariadb-server',
  },
  {
    name: 'Alertmanager',
    isThere: () => existsSync('/usr/bin/prometheus-alertmanager'),
    debianPackages: ['prometheus-alertmanager'],
    hint: 'Expected /usr/bin/prometheus-alertmanager; on Debian: apt-get install prometheus-alertmanager',
  },
  {
    name: 'Prometheus',
    isThere: () => existsSync('/usr/bin/prometheus'),
    debianPackages: ['prometheus'],
    hint: 'Expected /usr/bin/prometheus; on Debian: apt-get install prometheus',
  },
  {
    name: 'Chromium',
    isThere: () => existsSync('/usr/bin/chromium'),
    debianPackages: ['chromium'],
    hint: 'Expected /usr/bin/chromium; on Debian: apt-get install chromium',
  },
]

function isDebianRoot(): boolean {
  if (process.getuid?.() !== 0 || !existsSync('/etc/os-release')) return false
  return /^ID(_LIKE)?=.*debian/m.test(readFileSync('/etc/os-release', 'utf8'))
}

const POLICY = '/usr/sbin/policy-rc.d'

/** Installs Debian packages and lets none of them start a system service (policy-rc.d, exit 101: forbidden). */
function install(packages: readonly string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const ownPolicy = !existsSync(POLICY)
  if (ownPolicy) {
    writeFileSync(POLICY, '#!/bin/sh\nexit 101\n')
    chmodSync(POLICY, 0o755)
  }
  try {
    console.log(`installing: ${packages.join(' ')}`)
    spawnSync('apt-get', ['update', '-qq'], { stdio: ['ignore', 'inherit', 'inherit'], env })
    const args = ['install', '-y', '-qq', '--no-install-recommends', ...packages]
    spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], env })
  } finally {
    if (ownPolicy) rmSync(POLICY, { force: true })
  }
}

/** What is missing: after installing it where that is allowed (Debian, root), else as found. */
export function missingNeeds(): readonly Need[] {
  const missing = needs.filter((need) => !need.isThere())
  if (missing.length === 0 || !isDebianRoot()) return missing
  install([...new Set(missing.flatMap((need) => need.debianPackages))])
  return needs.filter((need) => !need.isThere())
}
