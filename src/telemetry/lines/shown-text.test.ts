import { expect, test } from 'vitest'
import { shownText } from './shown-text.ts'

test('colours and secrets are not shown', () => {
  expect(shownText('\u001B[33mPress CTRL+C\u001B[0m password=hunter2 ok')).toBe(
    'Press CTRL+C password=[redacted] ok',
  )
  expect(shownText('plain [33m')).toBe('plain [33m')
})
