import { describe, expect, test } from 'vitest'
import { parseRequests } from './parse-requests.ts'
import { readRequests } from './read-requests.ts'
import { requestForUrl, toReplayFile } from './recorded-request.ts'
import type { RecordedRequest } from './recorded-request.ts'

describe('parseRequests', () => {
  test('fills in what is left out, sends a non-string body as JSON, skips comments', () => {
    const text = [
      '# the shop',
      '{"url": "http://127.0.0.1:1/a"}',
      '',
      '{"url": "127.0.0.1:1/b#top", "method": "post", "body": {"n": 1}, "headers": {"X-N": 2}, "weight": 3}\r',
    ].join('\n')
    expect(parseRequests(text, 'r.jsonl')).toEqual([
      { url: 'http://127.0.0.1:1/a', method: 'GET', headers: {}, body: null, weight: 1, observed: null },
      {
        url: 'http://127.0.0.1:1/b',
        method: 'POST',
        headers: { 'x-n': '2', 'content-type': 'application/json' },
        body: '{"n":1}',
        weight: 3,
        observed: null,
      },
    ])
  })

  test.each([
    ['nonsense', /r\.jsonl:2, found no JSON/],
    ['{"method": "GET"}', /r\.jsonl:2, found url/],
    ['{"url": "ftp://x/"}', /r\.jsonl:2, found the url "ftp:\/\/x\/"/],
    ['{"url": "http://x/", "weight": 0}', /weight/],
    ['{"url": "http://x/", "methode": "GET"}', /methode/],
    ['{"url": "http://x/", "headers": {"authorization": "<redacted>"}}', /put the value back/],
    ['[1]', /r\.jsonl:2/],
  ])('refuses %s with the line', (line, message) => {
    expect(() => parseRequests(`{"url": "http://x/"}\n${line}`, 'r.jsonl')).toThrow(message)
  })

  test('a missing file is named', async () => {
    await expect(readRequests('/no/such/file')).rejects.toMatchObject({ code: 'INPUT_NOT_FOUND' })
  })
})

describe('requestForUrl', () => {
  test.each(['', 'ftp://x', 'http://', 'http://user:pw@x/', 'not a url'])('refuses "%s"', (url) => {
    expect(() => requestForUrl(url)).toThrow(/expected a URL/)
  })

  test('takes an address without a scheme', () => {
    expect(requestForUrl('localhost:8000').url).toBe('http://localhost:8000/')
  })
})

describe('toReplayFile', () => {
  const request: RecordedRequest = {
    url: 'http://127.0.0.1:1/a?q=1',
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"n":1}',
    weight: 2,
    observed: { requests: 200, failed: 98, answers: { '500': 98 } },
  }

  test('is read back as it was written', () => {
    expect(parseRequests(toReplayFile([request, request]), 'f')).toEqual([request, request])
  })

  test('leaves secrets out, and such a line is not sent by mistake', () => {
    const secret = {
      ...request,
      url: 'http://x/?access_token=s3cret&page=1',
      headers: { authorization: 'Bearer s3cret', cookie: 'sid=s3cret', 'x-api-key': 's3cret', accept: '*/*' },
      body: '{"user":{"password":"s3cret","name":"n"},"clientSecret":"s3cret"}',
    }
    const text = toReplayFile([secret, { ...secret, body: 'user=n&password=s3cret' }])
    expect(text).not.toContain('s3cret')
    expect(text).toContain('"accept":"*/*"')
    expect(text).toContain('page=1')
    expect(() => parseRequests(text, 'f')).toThrow(/put the value back/)
  })
})
