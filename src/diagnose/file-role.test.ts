import { expect, test } from 'vitest'
import { fileRole, isRuntimeRole, tracedFileRole } from './file-role.ts'

test.each([
  ['src/orders/store.py', 'source'],
  ['lib/router/index.js', 'source'],
  ['src/main/java/com/acme/OrderStore.java', 'source'],
  ['cmd/shop/main.go', 'source'],
  ['app/models/order.rb', 'source'],
  ['tests/test_orders.py', 'test'],
  ['src/orders/store.test.ts', 'test'],
  ['internal/order/store_test.go', 'test'],
  ['src/test/java/com/acme/OrderStoreTest.java', 'test'],
  ['tests/Shop.Tests/OrderTests.cs', 'test'],
  ['spec/models/order_spec.rb', 'test'],
  ['docs/usage.rst', 'documentation'],
  ['README.md', 'documentation'],
  ['CHANGES', 'documentation'],
  ['src/attr/__init__.pyi', 'type-declaration'],
  ['types/index.d.ts', 'type-declaration'],
  ['.github/workflows/ci.yml', 'continuous-integration'],
  ['tox.ini', 'continuous-integration'],
  ['requirements.txt', 'dependency'],
  ['requirements/prod.txt', 'dependency'],
  ['web/package-lock.json', 'dependency'],
  ['pyproject.toml', 'dependency'],
  ['src/Shop/Shop.csproj', 'dependency'],
  ['go.sum', 'dependency'],
  ['config/production.yml', 'configuration'],
  ['src/main/resources/application.properties', 'configuration'],
  ['Dockerfile', 'configuration'],
  ['appsettings.Production.json', 'configuration'],
  ['db/migrate/20260102_drop.rb', 'migration'],
  ['shop/migrations/0004_index.py', 'migration'],
  ['schema.sql', 'migration'],
  ['data/zones.csv', 'other'],
])('%s is %s', (path, role) => {
  expect(fileRole(path)).toBe(role)
})

test('a library for tests that is in a trace is source; a test in a trace stays one', () => {
  expect(fileRole('django/test/client.py')).toBe('test')
  expect(tracedFileRole('django/test/client.py')).toBe('source')
  expect(tracedFileRole('tests/test_client.py')).toBe('test')
})

test('documentation, tests, CI and type declarations do not run', () => {
  const roles = ['docs/a.md', 'tests/test_a.py', 'tox.ini', 'a.pyi', 'a.py', 'go.mod', 'a.yml', 'a.sql'].map(
    fileRole,
  )
  expect(roles.map(isRuntimeRole)).toEqual([false, false, false, false, true, true, true, true])
})
