import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseEvents, type ServerEvent } from './api-client.ts'

async function* inPieces(bytes: Uint8Array, cuts: readonly number[]): AsyncIterable<Uint8Array> {
  const places = [
    0,
    ...cuts.map((cut) => cut % bytes.length).toSorted((one, other) => one - other),
    bytes.length,
  ]
  for (const [at, from] of places.slice(0, -1).entries()) yield bytes.subarray(from, places[at + 1])
}

async function all(events: AsyncIterable<ServerEvent>): Promise<readonly ServerEvent[]> {
  const found: ServerEvent[] = []
  for await (const event of events) found.push(event)
  return found
}

test('events are the same however the bytes are cut', async () => {
  const events = [
    { id: '1-1', kind: 'detection', data: { summary: 'ü: 45 %' } },
    { id: null, kind: 'reset', data: {} },
    { id: '1-2', kind: 'message', data: 'x' },
  ]
  const text = [
    'retry: 1000\n\n',
    'id: 1-1\nevent: detection\ndata: {"summary":"ü: 45 %"}\n\n',
    ': still here\n\n',
    'event: reset\ndata: {}\n\n',
    'id: 1-2\ndata: "x"\n\n',
    'id: 1-3\ndata: "cut o',
  ].join('')
  const bytes = Buffer.from(text)
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(), { maxLength: 8 }), async (cuts) => {
      expect(await all(parseEvents(inPieces(bytes, cuts)))).toEqual(events)
    }),
  )
})
