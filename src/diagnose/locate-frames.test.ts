import { expect, test } from 'vitest'
import type { StackFrame } from '../telemetry/index.ts'
import type { LocatedFrame } from './locate-frames.ts'
import { locateFrame, placeFrames, simpleName, weighByChange } from './locate-frames.ts'
import { sourceTexts } from './function-edits.ts'
import type { Symptoms } from './symptoms.ts'

const files = [
  'README.md',
  'app.py',
  'src/shop/__init__.py',
  'src/shop/orders/__init__.py',
  'src/shop/orders/store.py',
  'src/shop/stock/store.py',
  'src/main/java/com/acme/orders/Store.java',
  'src/main/java/com/acme/stock/Store.java',
  'web/src/cart.ts',
  'src/Shop/OrderStore.cs',
]

function symptomsOf(frames: readonly StackFrame[]): Symptoms {
  const chain = [{ type: 'Error', message: '', frames }]
  return { exceptions: [{ chain, count: 1, isNew: true }], messages: [], findingKinds: [], onsetAt: null }
}

function frame(file: string | null, name = 'f', line = 1): StackFrame {
  return { file, line, function: name, inApp: true }
}

test.each([
  ['/srv/app/src/shop/orders/store.py', 'f', 'src/shop/orders/store.py'],
  ['/usr/lib/x/shop/orders/__init__.py', 'f', 'src/shop/orders/__init__.py'],
  ['/code/app.py', 'f', 'app.py'],
  ['app.py', 'f', 'app.py'],
  ['Store.java', 'com.acme.stock.Store.find', 'src/main/java/com/acme/stock/Store.java'],
  ['file:///srv/web/dist/cart.js', 'f', 'web/src/cart.ts'],
  [String.raw`C:\build\src\Shop\OrderStore.cs`, 'Shop.OrderStore.Find', 'src/Shop/OrderStore.cs'],
  [null, 'Shop.OrderStore.Find', 'src/Shop/OrderStore.cs'],
  ['/x/site-packages/shop/orders/store.py', 'f', null],
  ['/srv/store.py', 'f', null],
  ['/srv/unknown.py', 'f', null],
  ['<frozen posixpath>', 'f', null],
])('places %s (%s) at %s', (file, name, want) => {
  const placed = placeFrames(symptomsOf([frame(file, name)]), files)
  expect(placed[0]?.file ?? null).toBe(want)
})

test.each([
  ['com.acme.OrderStore.find', 'find'],
  ['main.(*Store).Find', 'Find'],
  ['acme.example/shop/internal/order.(*Store).Find.func1', 'Find'],
  ['Object.<anonymous>', 'Object'],
  ['async OrderStore.find [as load]', 'find'],
  ['Shop.Store.<FindAsync>d__5.MoveNext()', 'FindAsync'],
  ['com.acme.Store.lambda$find$0', 'find'],
  ['shop::store::Store::load', 'load'],
  ['<module>', null],
  [null, null],
])('the simple name of %s is %s', (full, want) => {
  expect(simpleName(full)).toBe(want)
})

test('a frame that comes again counts once, where it is innermost', () => {
  const placed = placeFrames(
    symptomsOf([frame('app.py', 'a', 3), frame('app.py', 'b', 9), frame('app.py', 'a', 3)]),
    files,
  )
  expect(placed.map(({ depth, frame: { function: name } }) => [name, depth])).toEqual([
    ['a', 0],
    ['b', 1],
  ])
})

test('takes the statement with all its lines, and the function around it', () => {
  const text = 'class A:\n    def f(self):\n        x = call(\n            1,\n        )\n        return x\n'
  const [placed] = placeFrames(symptomsOf([frame('app.py', 'f', 3)]), files)
  if (placed === undefined) throw new Error('expected a place')
  const located = locateFrame(placed, sourceTexts(new Map([['b', text]]))('b'))
  expect(located).toMatchObject({ owner: 'A', function: 'f', functionRange: [2, 6], line: 3 })
  expect(located.statement.split('\n')).toHaveLength(3)
})

test('a line that cannot be of this version is not trusted, the name still is', () => {
  const [placed] = placeFrames(symptomsOf([frame('app.py', 'g', 1)]), files)
  if (placed === undefined) throw new Error('expected a place')
  const located = locateFrame(
    placed,
    sourceTexts(new Map([['b', 'def f():\n    pass\n\ndef g():\n    pass\n']]))('b'),
  )
  expect(located).toMatchObject({ line: null, function: 'g', functionRange: [4, 5] })
})

test('what nobody touched moves its caller up', () => {
  const at = (depth: number): LocatedFrame => ({
    file: 'app.py',
    line: depth,
    function: `f${depth}`,
    owner: null,
    functionRange: null,
    statement: '',
    depth,
    trace: 0,
    worth: 1,
    weight: 1,
  })
  const weighed = weighByChange([at(0), at(1), at(2)], ({ depth }) => depth === 1)
  expect(weighed.map(({ depth, weight }) => [depth, Math.round(weight * 100)])).toEqual([
    [0, 100],
    [1, 89],
    [2, 62],
  ])
})
