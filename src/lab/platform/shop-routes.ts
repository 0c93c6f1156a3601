/** The shop's routes as its balancer counts them: what varies in a path has a name in its template. */
const TEMPLATES: readonly (readonly [RegExp, string])[] = [
  [/^\/products\/[^/]+$/, '/products/:id'],
  [/^\/cart\/[^/]+\/items$/, '/cart/:id/items'],
  [/^\/cart\/[^/]+\/coupon$/, '/cart/:id/coupon'],
  [/^\/cart\/[^/]+$/, '/cart/:id'],
  [/^\/orders\/[^/]+$/, '/orders/:id'],
  [/^\/accounts\/[^/]+\/orders$/, '/accounts/:id/orders'],
  [/^\/l\/[^/]+$/, '/l/:code'],
]
const PLAIN = new Set([
  '/',
  '/products',
  '/search',
  '/checkout',
  '/login',
  '/links',
  '/health',
  '/ready',
  '/reports/daily',
])

/** `METHOD /template`; what the shop has no route for is one route, so that their number stays small. */
export function shopRoute(method: string, target: string): string {
  const query = target.indexOf('?')
  const path = query < 0 ? target : target.slice(0, query)
  if (PLAIN.has(path)) return `${method} ${path}`
  for (const [pattern, template] of TEMPLATES) if (pattern.test(path)) return `${method} ${template}`
  return `${method} (other)`
}
