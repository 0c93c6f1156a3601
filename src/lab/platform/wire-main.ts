import { endWithSupervisor } from './end-with-supervisor.ts'
import type { Toxic } from './lab-system.ts'
import { WireProxy } from './wire.ts'

// A wire as a process of its own. It is told over its parent's channel, and ends with it.
const { HOST = '127.0.0.1', PORT = '0', TARGET_PORT = '0' } = process.env
const wire = new WireProxy({ host: HOST, listenPort: Number(PORT), targetPort: Number(TARGET_PORT) })
await wire.listen()

process.on('message', (message: { id: number; toxic: Toxic | null }) => {
  wire.set(message.toxic).then(
    () => process.send?.({ kind: 'answer', id: message.id, problem: null }),
    (error: unknown) => process.send?.({ kind: 'answer', id: message.id, problem: String(error) }),
  )
})
endWithSupervisor({ env: process.env, leave: () => process.exit(0) })
process.send?.({ kind: 'ready' })
