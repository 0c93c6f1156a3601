import { ByteSink } from './byte-sink.ts'
import type { Column } from './native-columns.ts'

/** Rows on their way to one table. */
export type Block = {
  readonly table: string
  readonly columnNames: readonly string[]
  rows(): number
  bytes(): number
  /** The block in Native format; valid until `clear`. */
  encode(): Buffer
  clear(): void
}

/** What a table's rows are made of: its columns, and how one item becomes a row of them. */
export type BlockWriter<Item> = Block & { add(item: Item): void }

type Fields<Item> = readonly {
  readonly name: string
  readonly type: string
  push(item: Item): void
  readonly column: Pick<Column<unknown>, 'bytes' | 'writePrefix' | 'write' | 'clear'>
}[]

/** One column and where its value comes from. */
export function field<Item, Value>(
  name: string,
  column: Column<Value>,
  valueOf: (item: Item) => Value,
): Fields<Item>[number] {
  return { name, type: column.type, column, push: (item) => column.push(valueOf(item)) }
}

/** A block of `table` with these columns, empty. */
export function createBlock<Item>(table: string, fields: Fields<Item>): BlockWriter<Item> {
  const out = new ByteSink()
  let rows = 0

  function encode(): Buffer {
    out.clear()
    out.varint(fields.length)
    out.varint(rows)
    for (const { name, type, column } of fields) {
      out.text(name)
      out.text(type)
      column.writePrefix(out)
      column.write(out)
    }
    return out.view()
  }

  return {
    table,
    columnNames: fields.map(({ name }) => name),
    rows: () => rows,
    bytes: () => fields.reduce((sum, { column }) => sum + column.bytes(), 0),
    add: (item) => {
      for (const one of fields) one.push(item)
      rows++
    },
    encode,
    clear: () => {
      out.clear()
      for (const { column } of fields) column.clear()
      rows = 0
    },
  }
}
