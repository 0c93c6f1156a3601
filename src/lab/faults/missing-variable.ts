import { defineFault } from './fault.ts'
import { configured, errorsOver, routeFails } from './signs.ts'

export const missingVariable = defineFault({
  name: 'missing-variable',
  kind: 'configuration',
  summary: 'A variable that the app needs is not set any more',
  where: 'PAYMENT_URL of the app',
  mechanism:
    'The variable is taken out of the environment and the instances restart without it, one after the other',
  symptoms: ['what needs the variable fails, or the instances do not start', 'the log names what is missing'],
  causes: ['missing-configuration', 'wrong-configuration'],
  levels: { normal: { variable: 'PAYMENT_URL' } },
  async inject(system, { parameters: { variable }, defer }) {
    defer(await system.configuration.set('app', { [variable]: null }, { who: 'platform team', gate: false }))
    return {
      truth: [
        {
          chain: [
            `a configuration change dropped ${variable}`,
            'shop',
            'the app does not know where payment is',
            'checkouts fail, or whole instances do not start',
          ],
          service: 'shop',
        },
      ],
      signs: {
        isDisturbing: true,
        all: [configured('app', variable, null)],
        any: [routeFails(/checkout/, 0.3), errorsOver(0.02)],
      },
    }
  },
})
