import { createMemoryStore } from '../src/store/index.ts'
import { metricConformance } from './metric-conformance.ts'
import { storeConformance } from './store-conformance.ts'

storeConformance('the store in memory', async () => createMemoryStore())
metricConformance('the store in memory', async () => createMemoryStore())
