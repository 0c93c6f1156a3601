/** What load balancers, orchestrators and monitors ask, under the names that they go by; `{id}` never occurs in one. */
const NAMES = '_?health(?:z|[-_]?check|/(?:live|ready|liveness|readiness))?|livez?|liveness|readyz?|readiness'
/** Words that a program of users may use too (`/orders/status`): health checks only at the root of the site or API. */
const COMMON = '(?:(?:api|internal|v[0-9]+)/){0,2}(?:ping|status|heartbeat|up)'
const PROBE = new RegExp(`^(?:GET|HEAD) /(?:(?:[\\w.-]+/){0,2}(?:${NAMES})|${COMMON})/?$`, 'i')

/** Whether a route is a health check: machines ask it, always the same, and no user waits for the answer. */
export function isHealthProbe(route: string): boolean {
  return PROBE.test(route)
}
