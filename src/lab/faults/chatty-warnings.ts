import { defineFault } from './fault.ts'
import { instancesOf } from './instances.ts'
import { preload } from './preload.ts'
import { logged, usersFeelNothing } from './signs.ts'

/** As monitoring agents do when their own server is away. */
function metricsAgent(everyMs: number): string {
  return `const name = process.env.INSTANCE ?? 'app'
let attempt = 0

setInterval(() => {
  attempt += 1
  const at = new Date().toISOString()
  console.error(\`\${at} WARN \${name} metrics agent: collector did not answer, attempt \${attempt}, will try again\`)
}, ${everyMs}).unref()
`
}

export const chattyWarnings = defineFault({
  name: 'chatty-warnings',
  kind: 'control',
  summary: 'An agent in the app warns all the time, about itself',
  where: 'all instances of the app',
  mechanism:
    'A module loaded beside the app writes a warning to its log again and again; nothing else changes',
  symptoms: ['many warnings in the log', 'users feel nothing'],
  causes: [],
  levels: { mild: { everyMs: 2_000 }, normal: { everyMs: 200 }, hard: { everyMs: 20 } },
  async inject(system, { parameters: { everyMs }, defer }) {
    const processes = instancesOf(system)
    defer(await preload(system, { name: 'metrics-agent.mjs', code: metricsAgent(everyMs), processes }))
    return {
      truth: [],
      signs: {
        isDisturbing: true,
        all: [usersFeelNothing, logged(/metrics agent: collector did not answer/)],
      },
    }
  },
})
