import { NO_ATTRIBUTES } from '../attributes.ts'
import type { Resource, Scope } from '../resource.ts'
import type { DecodeRun } from './decode-run.ts'
import type { MessageCache } from './message-cache.ts'
import { resourceOf, UNKNOWN_RESOURCE, UNKNOWN_SCOPE } from './origin.ts'
import type { Origin } from './origin.ts'
import { findMessage, nextTag, readLength, skipField } from './protobuf-reader.ts'
import type { Reader } from './protobuf-reader.ts'
import { readAttribute, readName } from './protobuf-value.ts'

export type OriginCaches = {
  readonly resources: MessageCache<Resource>
  readonly scopes: MessageCache<Scope>
}

/** One record, span or metric with its length in front. */
export type ReadItem = (reader: Reader, origin: Origin) => void

/**
 * Walks an export request down to its records. The three requests have one shape:
 *
 *   request { 1: block { 1: Resource, 2: scope block { 1: Scope, 2: record … } … } … }
 *
 * Resource and scope are looked for first: no rule says that a sender writes them in front.
 */
export function readExport(
  reader: Reader,
  { run, caches }: { run: DecodeRun; caches: OriginCaches },
  read: ReadItem,
): void {
  const { length } = reader.bytes
  for (let tag = nextTag(reader, length, 'Export…ServiceRequest'); tag !== 0;) {
    if (tag === 0x0a) readResourceBlock(reader, readLength(reader))
    else skipField(reader, tag)
    tag = nextTag(reader, length, 'Export…ServiceRequest')
  }

  function readResourceBlock(reader: Reader, end: number): void {
    reader.message = 'Resource…'
    const resource = resourceAt(reader, end)
    for (let tag = nextTag(reader, end, 'Resource…'); tag !== 0; tag = nextTag(reader, end, 'Resource…')) {
      if (tag === 0x12) readScopeBlock(reader, readLength(reader), resource)
      else skipField(reader, tag)
    }
  }

  function readScopeBlock(reader: Reader, end: number, resource: Resource): void {
    reader.message = 'Scope…'
    const origin = { resource, scope: scopeAt(reader, end) }
    for (let tag = nextTag(reader, end, 'Scope…'); tag !== 0; tag = nextTag(reader, end, 'Scope…')) {
      if (tag === 0x12) read(reader, origin)
      else skipField(reader, tag)
    }
  }

  function resourceAt(reader: Reader, end: number): Resource {
    const found = findMessage(reader, end, 0x0a)
    if (found === null) return UNKNOWN_RESOURCE
    const make = (): Resource => readResource(reader, run, found)
    return caches.resources.get(reader.bytes, found.start, { end: found.end, make })
  }

  function scopeAt(reader: Reader, end: number): Scope {
    const found = findMessage(reader, end, 0x0a)
    if (found === null) return UNKNOWN_SCOPE
    const make = (): Scope => readScope(reader, run, found)
    return caches.scopes.get(reader.bytes, found.start, { end: found.end, make })
  }
}

type Place = { readonly start: number; readonly end: number }

function readResource(reader: Reader, run: DecodeRun, { start, end }: Place): Resource {
  const back = reader.at
  reader.at = start
  let attributes: Map<string, string> | null = null
  for (let tag = nextTag(reader, end, 'Resource'); tag !== 0; tag = nextTag(reader, end, 'Resource')) {
    if (tag === 0x0a) attributes = readAttribute(reader, run, attributes)
    else skipField(reader, tag)
  }
  reader.at = back
  return attributes === null ? UNKNOWN_RESOURCE : resourceOf(attributes)
}

function readScope(reader: Reader, run: DecodeRun, { start, end }: Place): Scope {
  const back = reader.at
  reader.at = start
  let name = ''
  let version = ''
  let attributes: Map<string, string> | null = null
  for (let tag = nextTag(reader, end, 'Scope'); tag !== 0; tag = nextTag(reader, end, 'Scope')) {
    if (tag === 0x0a) name = readName(reader, run)
    else if (tag === 0x12) version = readName(reader, run)
    else if (tag === 0x1a) attributes = readAttribute(reader, run, attributes)
    else skipField(reader, tag)
  }
  reader.at = back
  return { name, version, attributes: attributes ?? NO_ATTRIBUTES }
}
