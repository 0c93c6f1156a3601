import fc from 'fast-check'
import { expect, test } from 'vitest'
import { messageTokens, renderTokens } from './message-tokens.ts'

const template = (message: string) => renderTokens(messageTokens(message))

test.each([
  [
    'Received block blk_-3544583377289625738 of size 67108864 from /10.251.39.209',
    'Received block blk_<*> of size <*> from <*>',
  ],
  ['connect to postgres://app@db:5432/shop?sslmode=off failed', 'connect to <*> failed'],
  ['user 550e8400-e29b-41d4-a716-446655440000 left', 'user <*> left'],
  ['rejected 2001:db8:85a3::8a2e:370:7334 and 00:11:43:e3:ba:c3', 'rejected <*> and <*>'],
  ['open /var/www/html/x.php: No such file', 'open <*>: No such file'],
  ['load C:\\Windows\\winsxs\\amd64_x\\cbscore.dll done', 'load <*> done'],
  ['took 12ms, 3.5 s or 1,024 KB (99.5%)', 'took <*> or <*> (<*>)'],
  ['since Thu Aug 04 15:29:45 PDT 2005 up', 'since <*> up'],
  ['1293 bytes (1.26 KB) sent', '<*> bytes sent'],
  ['Old: msra-sa-41/10.190.173.170:9000 New: msra-sa-41:9000', 'Old: <*> New: <*>'],
  ['delete blk_1 blk_2 blk_3 now', 'delete <*> now'],
  ['ids 1, 2, 3, 4 of 9', 'ids <*> of <*>'],
  ['wl0: IPV6 Addr: fe80::1', 'wl<*>: IPV6 Addr: <*>'],
  ['key=true other=false tag="View Lock"', 'key=<*> other=<*> tag=<*>'],
  ['jA9J1UvC004306: from=root', '<*>: from=root'],
  ['"GET / HTTP/1.1" 200 "Mozilla/5.0 (X11; Linux x86_64) Gecko"', '"GET <*> HTTP/<*>" <*> "<*>"'],
  ['tasks [] and [a, b-c, d] of [x]', 'tasks [<*>] and [<*>] of [x]'],
  ['name \'\' is not ""', 'name \'<*>\' is not "<*>"'],
  ["don't take it''s byte[] for nothing", "don't take it''s byte[] for nothing"],
  ['Part(id=1, name=new orders) of {a=b, c=d}', 'Part(<*>) of {<*>}'],
  ['waited 1h2m0.5s for 90m and 5m', 'waited <*> for <*> and <*>'],
  ['*17 connect() failed', 'connect() failed'],
  ['no route to gw-22:443.', 'no route to <*>.'],
  ['session zAKJjSSr9cjh4mnq of OAuth2TokenProvider', 'session <*> of OAuth<*>TokenProvider'],
  ['  many   blanks here ', 'many blanks here'],
  ['', ''],
])('%s becomes %s', (message, expected) => {
  expect(template(message)).toBe(expected)
})

test('says the same of itself: a template has only its own wildcards', () => {
  for (const message of ['order 7 of bob', 'a=b, c=5', 'GET /x 200']) {
    expect(template(template(message))).toBe(template(message))
  }
})

test('is quick and never throws, whatever the message is', () => {
  const parts = fc.constantFrom(
    'a',
    '1',
    '.',
    '/',
    ':',
    '-',
    ' ',
    '@',
    '=',
    '"',
    '0x',
    'f0',
    '\\',
    '(',
    '[',
    '<*>',
    ',',
    "'",
    '(',
    '{',
    ']',
    'm',
  )
  fc.assert(
    fc.property(fc.array(parts, { minLength: 2000, maxLength: 4000 }), (noise) => {
      const started = performance.now()
      messageTokens(noise.join(''))
      expect(performance.now() - started).toBeLessThan(500)
    }),
    { numRuns: 30 },
  )
  for (const part of [
    '1.',
    'a.',
    '1:',
    'a/',
    '/',
    '0',
    'a-',
    'f',
    'a@',
    '[',
    'a1',
    '[a,',
    '(a=b, ',
    '{a=',
    '1h',
    "'",
    '[]',
    'aB1',
    ', a',
  ]) {
    const started = performance.now()
    messageTokens(part.repeat(4000))
    expect(performance.now() - started).toBeLessThan(500)
  }
})
