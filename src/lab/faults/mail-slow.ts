import { defineFault } from './fault.ts'
import { usersFeelNothing } from './signs.ts'
import { timeToAnswer } from './time-to-answer.ts'

export const mailSlow = defineFault({
  name: 'mail-slow',
  kind: 'control',
  summary: 'The mail service answers late, and nobody waits for it',
  where: 'the way from the app to mail',
  mechanism:
    'What comes back from mail is held up on its way; the app sends mail from a queue, after it has answered',
  symptoms: ['calls to mail are slow', 'users feel nothing'],
  causes: [],
  levels: { mild: { delayMs: 500 }, normal: { delayMs: 3_000 } },
  async inject(system, { parameters: { delayMs }, defer }) {
    defer(() => system.wires.mail.set(null))
    await system.wires.mail.set({ kind: 'latency', ms: delayMs })
    return {
      truth: [],
      signs: {
        all: [
          usersFeelNothing,
          async () => {
            const ms = await timeToAnswer(system.wires.mail.port, delayMs * 3 + 1_000)
            return { seen: ms !== null && ms > delayMs * 0.9, says: `mail answers after ${ms ?? 'never'} ms` }
          },
        ],
      },
    }
  },
})
