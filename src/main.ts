import { enableCompileCache } from 'node:module'

// The entry: picks a door lazily and hands it the app. Compiled code is cached between starts, so that `--help`
// answers before anyone looks up.
enableCompileCache()
/** A closed terminal ends what runs in it, but for what serves: that reads its configuration again. */
let hangUp: (() => void) | null = null
const { runCli } = await import('./cli/index.ts')
process.exitCode = await runCli(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  cwd: process.cwd(),
  env: process.env,
  now: Date.now,
  loadApp: async () => {
    const { createApp } = await import('./app.ts')
    return createApp({ env: process.env, cwd: process.cwd() })
  },
  openDoor: async (service, place) => (await import('./serve/index.ts')).openDoor(service, place),
  onInterrupt: (handle) => {
    process.on('SIGINT', handle)
    process.on('SIGTERM', handle)
    process.on('SIGHUP', () => (hangUp ?? handle)())
  },
  onHangUp: (handle) => {
    hangUp = handle
  },
  exitNow: (code) => process.exit(code),
})
