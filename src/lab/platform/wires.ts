import { createChannel } from './channel.ts'
import { endingTurn } from './end-with-supervisor.ts'
import type { Toxic, Wire, WireName } from './lab-system.ts'
import { ownProgram } from './own-program.ts'
import type { ProcessSpec } from './process-spec.ts'

export type WireControl = { readonly wire: Wire; readonly spec: ProcessSpec }

/** A wire's process, and what it is told; a new one is told again. */
export function createWireControl(
  name: WireName,
  ports: { readonly listen: number; readonly target: number },
): WireControl {
  let toxic: Toxic | null = null
  const channel = createChannel({
    name: `wire-${name}`,
    onReady: () => {
      if (toxic !== null) void channel.ask({ toxic }).catch(() => {})
    },
  })
  return {
    wire: {
      port: ports.listen,
      async set(next) {
        toxic = next
        await channel.ask({ toxic })
      },
    },
    spec: {
      name: `wire-${name}`,
      channel: 'ipc',
      launch: () => ({
        ...ownProgram('platform', 'wire-main'),
        cwd: '/',
        env: {
          TZ: 'UTC',
          ...endingTurn(name === 'payment' ? 1 : 2),
          PORT: String(ports.listen),
          TARGET_PORT: String(ports.target),
        },
      }),
      onStart: (child) => channel.attach(child),
      isReady: async () => channel.isReady,
      readyWithinMs: 10_000,
      stopSignals: [['SIGTERM', 500]],
    },
  }
}
