import { createMemoryStore } from '../src/store/index.ts'
import { storeConformance } from './store-conformance.ts'

storeConformance('the store in memory', async () => createMemoryStore())
