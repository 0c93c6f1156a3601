import { expect, test } from 'vitest'
import { isHealthProbe } from './health-route.ts'

test.each([
  ['GET /health', true],
  ['HEAD /healthz', true],
  ['GET /api/v1/health', true],
  ['GET /actuator/health', true],
  ['GET /health/ready', true],
  ['GET /livez', true],
  ['GET /readyz', true],
  ['GET /ping', true],
  ['GET /status', true],
  ['POST /health', false],
  ['GET /', false],
  ['GET /health/{id}', false],
  ['GET /api/v1/status', true],
  ['GET /orders/{id}/status', false],
  ['GET /orders/status', false],
  ['GET /healthcare', false],
  ['GET /shipping', false],
])('%s is a health check: %s', (route, expected) => {
  expect(isHealthProbe(route)).toBe(expected)
})
