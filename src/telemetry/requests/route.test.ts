import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { routeOf } from './route.ts'

describe('routeOf', () => {
  test.each([
    ['/', '/'],
    ['/health', '/health'],
    ['/users/42', '/users/{id}'],
    ['/users/42?tab=1', '/users/{id}'],
    ['/users/42/', '/users/{id}/'],
    ['//users//42', '/users/{id}'],
    ['/search?q=12', '/search'],
    ['/a;jsessionid=8F2A?x', '/a'],
    ['/api/v1/orders', '/api/v1/orders'],
    ['/api/v2.1/orders', '/api/v2.1/orders'],
    ['/oauth2/token', '/oauth2/token'],
    ['/s3/x86/h264', '/s3/x86/h264'],
    ['/orders/550e8400-e29b-41d4-a716-446655440000', '/orders/{id}'],
    ['/commits/3f9ac2b1', '/commits/{id}'],
    ['/facade/deadbeef', '/facade/deadbeef'],
    ['/blobs/deadbeefdeadbeefdeadbeefdeadbeef', '/blobs/{id}'],
    ['/days/2026-03-03', '/days/{id}'],
    ['/orders/order-42', '/orders/{id}'],
    ['/s/aB3xY9', '/s/{id}'],
    ['/static/app.3f9ac2b1.js', '/static/app.{id}.js'],
    ['/images/12345.jpg', '/images/{id}.jpg'],
    ['/users/a@example.org', '/users/{id}'],
    ['/caf%C3%A9', '/{id}'],
    ['/users/:id/posts/{post}', '/users/{id}/posts/{id}'],
    ['/this-is-a-very-long-but-readable-page', '/this-is-a-very-long-but-readable-page'],
    ['/tokens/eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9', '/tokens/{id}'],
    ['http://shop.example/users/7?x', '/users/{id}'],
    ['https://shop.example', '/'],
    ['*', '*'],
    ['\\x16\\x03\\x01', '/…'],
    ['/1/2/3/4/5/a/b/c/d/e/f', '/{id}/{id}/{id}/{id}/{id}/a/b/c/d/e/…'],
  ])('%s is %s', (path, template) => {
    expect(routeOf('get', path)).toBe(`GET ${template}`)
  })

  test('says OTHER for what is no method', () => {
    expect(routeOf('\\x16\\x03', '/')).toBe('OTHER /')
  })

  test('never keeps a query, and numbers do not make new routes', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true }), fc.nat(), fc.nat(), (url, a, b) => {
        expect(routeOf('GET', url)).not.toContain('?')
        expect(routeOf('GET', `/items/${a}`)).toBe(routeOf('GET', `/items/${b}`))
      }),
    )
  })

  test('is stable: the template of a template is itself', () => {
    fc.assert(
      fc.property(fc.webPath(), (path) => {
        const once = routeOf('GET', path)
        expect(routeOf('GET', once.slice(4))).toBe(once)
      }),
    )
  })
})
