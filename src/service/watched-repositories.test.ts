import { expect, test } from 'vitest'
import { configSchema } from '../contract/config.ts'
import { watchedRepositories } from './watched-repositories.ts'

type Row = { what: string; given: object; watched: readonly object[] }

const rows: readonly Row[] = [
  { what: 'nothing where nobody names one', given: { services: { shop: {} } }, watched: [] },
  {
    what: 'that of a service, for this service',
    given: { services: { shop: { repository: 'code/shop' } } },
    watched: [{ path: '/etc/firebreak/code/shop', service: 'shop' }],
  },
  {
    what: 'it once where sources name it, too, in other words',
    given: {
      services: { shop: { repository: '/code/shop/' } },
      sources: { repositories: [{ path: '/code/../code/shop', branch: 'live', every: '30s' }] },
    },
    watched: [{ path: '/code/shop', service: null, branch: 'live', every: 30_000 }],
  },
  {
    what: 'one that services share for none of them',
    given: { services: { shop: { repository: '/code' }, mail: { repository: '/code' }, till: {} } },
    watched: [{ path: '/code', service: null }],
  },
]

test.each(rows)('watches $what', ({ given, watched }) => {
  expect(watchedRepositories(configSchema.parse(given), '/etc/firebreak')).toEqual(watched)
})
