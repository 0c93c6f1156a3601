import { expect, test } from 'vitest'
import { applyRecipe, learnRequest } from './request-recipe.ts'
import { recogniseFormat } from './recognise.ts'

const context = { timeZone: 'UTC', now: Date.UTC(2026, 10, 21) }

test.each([
  [
    'nginx',
    (at: number) =>
      `10.0.0.${at} - - [20/Nov/2026:10:00:00 +0000] "GET /u/${at}?a=b&c=${at} HTTP/1.1" ${200 + at} 5 "-" "Mozilla/5.0 (X11; y)" 0.${100 + at}`,
  ],
  [
    'werkzeug',
    (at: number) => `127.0.0.${at} - - [20/Nov/2026 10:00:00] "GET /u/${at} HTTP/1.1" ${200 + at} -`,
  ],
  ['uvicorn', (at: number) => `INFO:     127.0.0.${at}:5000 - "GET /u/${at} HTTP/1.1" ${200 + at} OK`],
  [
    'a program’s own',
    (at: number) => `2026-03-03 09:00:00 INFO POST /api/${at} ${200 + at} request_id=ab${at} ${40 + at}ms`,
  ],
  ['morgan', (at: number) => `GET /x/${at} ${200 + at} ${30 + at}.5 ms - 17`],
])('reads %s lines as the full parser does', (_, write) => {
  const format = recogniseFormat([write(1), write(2)])
  const requestOf = (line: string) => format.parse(line, context)?.request ?? null
  const first = requestOf(write(1))
  const recipe = first && learnRequest(Buffer.from(write(1)), first)
  expect(recipe).not.toBeNull()
  for (let at = 2; at < 60; at++) {
    const line = Buffer.from(write(at))
    const quick = recipe && applyRecipe(line, { start: 0, end: line.length }, recipe)
    expect(quick).toEqual(requestOf(write(at)))
  }
})

test('is not learned where the line does not show the request plainly', () => {
  const hidden = { method: 'GET', path: '/a b', status: 200, durationMs: null, client: null }
  expect(learnRequest(Buffer.from('GET /a b 200'), hidden)).toBeNull()
  expect(learnRequest(Buffer.from('GET /a'), { ...hidden, path: '/a', status: 200 })).toBeNull()
})

test('refuses a line that is shorter than what was learned', () => {
  const line = Buffer.from('x GET /a 200 done')
  const recipe = learnRequest(line, {
    method: 'GET',
    path: '/a',
    status: 200,
    durationMs: null,
    client: null,
  })
  expect(recipe && applyRecipe(Buffer.from('x GET'), { start: 0, end: 5 }, recipe)).toBeNull()
})
