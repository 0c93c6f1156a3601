import { expect, test } from 'vitest'
import { dataOffset, insertFromFile, literal, placeholdersOf, readStatement } from './engine-statement.ts'

test.each([
  ['SELECT 1', { kind: 'rows', sql: 'SELECT 1', format: 'TabSeparated' }],
  [
    'SELECT 1 FORMAT JSONEachRow;\n',
    { kind: 'rows', sql: 'SELECT 1 FORMAT JSONEachRow', format: 'JSONEachRow' },
  ],
  ['SHOW TABLES', { kind: 'whole', sql: 'SHOW TABLES', format: 'TabSeparated' }],
  ['select 1 format JSON', { kind: 'whole', sql: 'select 1 format JSON', format: 'JSON' }],
  ['-- why\nSELECT 1', { kind: 'rows', sql: '-- why\nSELECT 1', format: 'TabSeparated' }],
  [
    'CREATE TABLE t (a UInt8) ENGINE = Memory',
    { kind: 'whole', sql: 'CREATE TABLE t (a UInt8) ENGINE = Memory', format: 'TabSeparated' },
  ],
  ['INSERT INTO t (a) FORMAT Native', { kind: 'insert', head: 'INSERT INTO t (a)', format: 'Native' }],
  [
    'INSERT INTO t SETTINGS x=1 FORMAT CSV',
    { kind: 'insert', head: 'INSERT INTO t SETTINGS x=1', format: 'CSV' },
  ],
  ['INSERT INTO t VALUES (1)', { kind: 'whole', sql: 'INSERT INTO t VALUES (1)', format: 'TabSeparated' }],
  ['INSERT INTO t SELECT 1', { kind: 'whole', sql: 'INSERT INTO t SELECT 1', format: 'TabSeparated' }],
])('reads %j', (text, expected) => {
  expect(readStatement(text, 'TabSeparated')).toEqual(expected)
})

test('finds where the data begins behind a statement in a body', () => {
  const found = dataOffset('INSERT INTO t FORMAT JSONEachRow\n{"a":1}\n')
  expect(found).toEqual({ head: 'INSERT INTO t FORMAT JSONEachRow\n', offset: 33 })
  expect(dataOffset('SELECT 1 FORMAT CSV\n')).toBe(null)
  expect(dataOffset('INSERT INTO t VALUES (1)')).toBe(null)
})

test('an insert reads its data from a file, with its settings where they belong', () => {
  const insert = { head: 'INSERT INTO t (a) SETTINGS x = 1', format: 'Native' }
  expect(insertFromFile(insert, "/d/o'f")).toBe(
    "INSERT INTO t (a) FROM INFILE '/d/o\\'f' COMPRESSION 'none' SETTINGS x = 1 FORMAT Native",
  )
})

test('text cannot end its literal', () => {
  expect(literal("a\\' OR 1 = 1 --")).toBe("'a\\\\\\' OR 1 = 1 --'")
})

test('finds the placeholders of a statement', () => {
  expect(placeholdersOf('SELECT {a:String}, { b : UInt8 }, map(1, 2)')).toEqual(new Set(['a', 'b']))
})
