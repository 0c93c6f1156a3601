import { expect, test } from 'vitest'
import { viewOf } from '../../test/commit-view.ts'
import { isInert } from './inert-edit.ts'
import { withoutTypes } from './without-types.ts'

test('annotations of Python are taken away, values stay', () => {
  const typed = ['def find(self, key: str, limit: Optional[int] = None) -> List[str]:', '    count: int = 3']
  const bare = ['def find(self, key, limit=None):', '    count=3']
  expect(withoutTypes('a.py', typed)).toEqual(bare)
  expect(withoutTypes('a.py', ['    return {"a": b}'])).toEqual(['    return {"a": b}'])
})

test('a commit of type hints changes only how code looks', () => {
  const before = 'def find(key, limit=None):\n    return key\n'
  const after = 'def find(key: str, limit: int | None = None) -> str:\n    return key\n'
  const [edit] = viewOf([{ path: 'a.py', before, after }]).files.flatMap(({ edits }) => edits)
  expect(edit?.cosmetic).toBe(true)
})

test('an added log line is inert, an added statement is not', () => {
  const before = 'def find(key):\n    return key\n'
  const editOf = (line: string): boolean | undefined => {
    const after = before.replace('    return', `    ${line}\n    return`)
    return viewOf([{ path: 'a.py', before, after }])
      .files.flatMap(({ edits }) => edits)
      .map(isInert)[0]
  }
  expect(editOf('logger.debug("find")')).toBe(true)
  expect(editOf('key = key.strip()')).toBe(false)
})
