import { defineFault } from './fault.ts'
import { usersFeelNothing } from './signs.ts'

export const nothing = defineFault({
  name: 'nothing',
  kind: 'control',
  summary: 'Nothing at all happens',
  where: 'nowhere',
  mechanism: 'None: who finds a cause here has made it up',
  symptoms: [],
  causes: [],
  levels: { normal: {} },
  inject: async () => ({ truth: [], signs: { all: [usersFeelNothing] } }),
})
