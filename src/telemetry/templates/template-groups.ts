import { ANY, type MessageTokens } from './message-tokens.ts'
import { isFilledIn } from './missing-word.ts'
import { withoutQuoted } from './quoted-values.ts'
import { areVariable, isVariable, PUNCTUATION, WORD, type Place } from './variable-place.ts'

/** A kind of line as its form alone tells it, and how often it was seen. */
export type TokenShape = MessageTokens & { readonly count: number }

export type TemplateGroups = {
  /** Index into `templates` for each shape. */
  readonly groupOf: Int32Array
  readonly templates: readonly MessageTokens[]
}

/**
 * Groups shapes into templates: equal ones first, then those that differ at one position only, where that position
 * has so many values that it must be a variable.
 */
export function groupShapes(shapes: readonly TokenShape[]): TemplateGroups {
  const groups = new Map<string, Group>()
  const keyOf: string[] = []
  shapes.forEach((shape) => {
    const key = shape.tokens.join(' ')
    keyOf.push(key)
    const group = groups.get(key)
    if (group) group.count += shape.count
    else groups.set(key, { ...shape, parent: null })
  })
  const alive = (): Group[] => [...new Set([...groups.values()].map(root))]
  for (const step of steps()) step(alive())
  const index = new Map<Group, number>()
  const templates: MessageTokens[] = []
  const groupOf = new Int32Array(shapes.length)
  keyOf.forEach((key, shape) => {
    const group = groups.get(key)
    if (!group) return
    const top = root(group)
    const known = index.get(top)
    if (known === undefined) {
      index.set(top, templates.length)
      groupOf[shape] = templates.length
      templates.push(top)
    } else groupOf[shape] = known
  })
  return { groupOf, templates }
}

type Step = (alive: readonly Group[]) => void

/** From the surest way to see values to the least sure. What one step has seen lets the next see more. */
function steps(): readonly Step[] {
  const names = new Set<string>()
  const byPlace: Step = (alive) => {
    for (const bucket of buckets(alive)) mergeBucket(bucket, names)
  }
  return [
    (alive) => buckets(alive).forEach(mergeRareWords),
    byPlace,
    // A word that was a value in one place is one in others, which may have come before.
    byPlace,
    (alive) => mergeAllPairs(buckets(alive)),
    mergeQuoted,
    byPlace,
    mergeMissing,
    mergeNames,
    mergeEqual,
    absorbRare,
  ]
}

type Group = MessageTokens & { count: number; parent: Group | null }

/** Only templates of one length are compared place by place. */
function buckets(alive: readonly Group[]): readonly (readonly Group[])[] {
  return [...Map.groupBy(alive, ({ tokens }) => tokens.length).values()]
}

function root(group: Group): Group {
  let top = group
  while (top.parent) top = top.parent
  return top
}

/** Fewer templates of one length than this tell nothing about which words are common. */
const MANY_TEMPLATES = 100
const MIN_FAMILY = 30

/**
 * Among very many templates of one length, words that hardly any of the others has at their place are values: lines
 * with two names in them (`mail to ann about cats`) differ from each other in two places at once.
 */
function mergeRareWords(bucket: readonly Group[]): void {
  if (bucket.length < MANY_TEMPLATES) return
  const counts = new Map<string, number>()
  const placed = (token: string, position: number): string => `${position} ${token}`
  for (const { tokens } of bucket) {
    tokens.forEach((token, position) => {
      const key = placed(token, position)
      counts.set(key, (counts.get(key) ?? 0) + 1)
    })
  }
  const rare = Math.max(2, bucket.length / 50)
  const masked = (group: Group): readonly string[] =>
    group.tokens.map((token, position) => ((counts.get(placed(token, position)) ?? 0) < rare ? ANY : token))
  for (const members of Map.groupBy(bucket, (group) => masked(group).join(' ')).values()) {
    const tokens = members[0] ? masked(members[0]) : []
    const constantWords = tokens.filter((token) => WORD.test(token)).length
    if (members.length >= MIN_FAMILY && constantWords >= 2) join(members, tokens)
  }
}

/** Rounds of: find the position whose wildcard joins most groups, join them, until nothing joins. */
function mergeBucket(bucket: readonly Group[], names: Set<string>): void {
  let alive = [...bucket]
  for (let round = 0; round < 6 && alive.length > 1; round++) {
    const merged = mergeRound(alive, names)
    if (merged.length === alive.length) return
    alive = merged
  }
}

function mergeRound(alive: readonly Group[], names: Set<string>): Group[] {
  const families = new Map<number, { readonly position: number; readonly members: Group[] }>()
  for (const group of alive) {
    const whole = hashOf(group.tokens)
    group.tokens.forEach((token, position) => {
      if (PUNCTUATION.test(token)) return
      // The hash of all tokens but one, by taking it out again; and its place.
      const key = placedKey(without(whole, partHash(token, position)), position)
      const family = families.get(key)
      if (family) family.members.push(group)
      else families.set(key, { position, members: [group] })
    })
  }
  const ranked = [...families.values()]
    .filter(({ position, members }) => members.length >= 2 && isVariable(placeOf(members, position), names))
    .sort((a, b) => b.members.length - a.members.length)
  const out = new Set(alive)
  for (const { position, members } of ranked) {
    const open = members.filter((member) => member.parent === null)
    const first = open[0]
    if (!first || open.length < 2) continue
    for (const member of open) noteName(names, member.tokens[position] ?? '')
    const joined = join(open, first.tokens.toSpliced(position, 1, ANY))
    for (const member of open) out.delete(member)
    out.add(joined)
  }
  return [...out]
}

/** Pairs of places are many: this many are looked at, of the shortest and fewest templates first. */
const MAX_PAIRS = 1_000_000
const MIN_PAIRED = 3

function mergeAllPairs(buckets: readonly (readonly Group[])[]): void {
  let left = MAX_PAIRS
  const costs = buckets.map((bucket) => ({
    bucket,
    cost: (bucket.length * (bucket[0]?.tokens.length ?? 0) ** 2) / 2,
  }))
  for (const { bucket, cost } of costs.sort((a, b) => a.cost - b.cost)) {
    left -= cost
    if (left < 0) return
    mergePairs(bucket)
  }
}

/** Joins templates that differ at the same two places. */
function mergePairs(bucket: readonly Group[]): void {
  const families = new Map<number, { readonly places: [number, number]; readonly members: Group[] }>()
  for (const group of bucket) {
    const whole = hashOf(group.tokens)
    const parts = group.tokens.map((token, position) => partHash(token, position))
    eachPair(group.tokens, (first, second) => {
      const rest = without(without(whole, parts[first]), parts[second])
      const key = placedKey(rest, first * 0xff_ff + second)
      const family = families.get(key)
      if (family) family.members.push(group)
      else families.set(key, { places: [first, second], members: [group] })
    })
  }
  const ranked = [...families.values()]
    .filter(({ members }) => members.length >= MIN_PAIRED)
    .sort((a, b) => b.members.length - a.members.length)
  for (const { places, members } of ranked) {
    const open = members.filter((member) => member.parent === null)
    if (open.length < MIN_PAIRED) continue
    const [first, second] = places
    if (!areVariable(placeOf(open, first), placeOf(open, second))) continue
    const tokens = (open[0]?.tokens ?? []).with(first, ANY).with(second, ANY)
    join(open, tokens)
  }
}

function eachPair(tokens: readonly string[], visit: (first: number, second: number) => void): void {
  const places = [...tokens.keys()].filter((at) => !PUNCTUATION.test(tokens[at] ?? ''))
  places.forEach((first, at) => {
    for (const second of places.slice(at + 1)) visit(first, second)
  })
}

function placeOf(members: readonly Group[], position: number): Place {
  return {
    tokens: members[0]?.tokens ?? [],
    position,
    values: members.map((member) => member.tokens[position] ?? ''),
  }
}

/** Words that turned out to be values: names of users, hosts and the like. */
function noteName(names: Set<string>, value: string): void {
  if (value.length > 2 && !value.includes(ANY)) names.add(value)
}

type Hash = { readonly lane1: number; readonly lane2: number }

function hashOf(tokens: readonly string[]): Hash {
  let lane1 = 0
  let lane2 = 0
  tokens.forEach((token, position) => {
    const part = partHash(token, position)
    lane1 ^= part.lane1
    lane2 ^= part.lane2
  })
  return { lane1, lane2 }
}

function partHash(token: string, position: number): Hash {
  let lane1 = Math.imul(position + 1, 0x9e_37_79_b1)
  let lane2 = Math.imul(position + 1, 0x85_eb_ca_6b)
  for (let at = 0; at < token.length; at++) {
    lane1 = Math.imul(lane1 ^ token.charCodeAt(at), 0x01_00_01_93)
    lane2 = Math.imul(lane2 ^ token.charCodeAt(at), 0x5b_d1_e9_95)
  }
  return { lane1: lane1 ^ (lane1 >>> 15), lane2: lane2 ^ (lane2 >>> 13) }
}

function without(whole: Hash, part: Hash | undefined): Hash {
  return part ? { lane1: whole.lane1 ^ part.lane1, lane2: whole.lane2 ^ part.lane2 } : whole
}

function placedKey({ lane1, lane2 }: Hash, place: number): number {
  return (lane1 >>> 0) * 0x20_00_00 + ((lane2 ^ Math.imul(place + 1, 0xc2_b2_ae_35)) >>> 11)
}

/** More than these have two blanks for other reasons. */
const MAX_MISSING = 200

/** `user  from <*>` is `user <*> from <*>` with a name that is empty. */
function mergeMissing(alive: readonly Group[]): void {
  const byLength = Map.groupBy(alive, ({ tokens }) => tokens.length)
  const lacking = alive.filter(({ missingAt }) => missingAt > 0)
  if (lacking.length > MAX_MISSING) return
  for (const group of lacking) {
    const filled = (byLength.get(group.tokens.length + 1) ?? []).filter(
      (other) => other.parent === null && isFilledIn(group, other.tokens),
    )
    const first = filled[0]
    if (group.parent === null && first) join([...filled, group], first.tokens.with(group.missingAt, ANY))
  }
}

/** Quoted values vary together, and in how many words they have: `'new order' renamed to 'sent'`. */
function mergeQuoted(alive: readonly Group[]): void {
  const families = new Map<string, { readonly soft: MessageTokens; readonly members: Group[] }>()
  for (const group of alive) {
    const soft = withoutQuoted(group)
    if (soft === null) continue
    const key = soft.tokens.join(' ')
    const family = families.get(key)
    if (family) family.members.push(group)
    else families.set(key, { soft, members: [group] })
  }
  for (const { soft, members } of families.values()) {
    const constantWords = soft.tokens.filter((token) => WORD.test(token)).length
    if (members.length >= 2 && constantWords >= 2) join(members, soft.tokens, soft.gaps)
  }
}

/** Several dotted names in one line vary together (`Registering class a.B for class a.C`). */
function mergeNames(alive: readonly Group[]): void {
  const families = Map.groupBy(alive, (group) => group.tokens.map(softened).join(' '))
  for (const [key, members] of families) {
    if (members.length >= 6 && key.includes(ANY)) join(members, members[0]?.tokens.map(softened) ?? [])
  }
}

/** Wildcards may have made templates equal. */
function mergeEqual(alive: readonly Group[]): void {
  for (const members of Map.groupBy(alive, (group) => group.tokens.join(' ')).values()) {
    if (members.length > 1) join(members, members[0]?.tokens ?? [])
  }
}

function softened(token: string): string {
  return DOTTED.test(token) && !token.endsWith('Exception') && !token.endsWith('Error') ? ANY : token
}

const DOTTED = /^[\w$-]+(?:\.[\w$-]+){2,}$/

function join(members: readonly Group[], tokens: readonly string[], gaps = members[0]?.gaps ?? []): Group {
  const count = members.reduce((sum, member) => sum + member.count, 0)
  const joined: Group = {
    tokens,
    gaps,
    missingAt: members[0]?.tokens.length === tokens.length ? members[0].missingAt : -1,
    count,
    parent: null,
  }
  for (const member of members) member.parent = joined
  return joined
}

/**
 * A rare template that is a frequent one with a longer value in a wildcard's place (`synchronized to LOCAL(0)` where
 * an address is usual) belongs to the frequent one.
 */
function absorbRare(alive: readonly Group[]): void {
  const byStart = Map.groupBy(alive, startKey)
  for (const family of byStart.values()) {
    const frequent = family.filter((group) => group.tokens.includes(ANY)).sort((a, b) => b.count - a.count)
    for (const rare of family) {
      const host = frequent.find(
        (group) => group.count >= 5 * rare.count && absorbs(group.tokens, rare.tokens),
      )
      if (host) rare.parent = root(host)
    }
  }
}

function startKey(group: Group): string {
  return group.tokens.find((token) => WORD.test(token)) ?? ''
}

/** Does `pattern` match `tokens` when each wildcard may stand for up to four tokens that are not plain words? */
function absorbs(pattern: readonly string[], tokens: readonly string[]): boolean {
  if (tokens.length < pattern.length || tokens.length > pattern.length + 6) return false
  if (pattern.filter((token) => WORD.test(token)).length < 2) return false
  return matchFrom(pattern, tokens, { at: 0, from: 0 })
}

function matchFrom(
  pattern: readonly string[],
  tokens: readonly string[],
  { at, from }: { at: number; from: number },
): boolean {
  const expected = pattern[at]
  if (expected === undefined) return from === tokens.length
  if (expected !== ANY)
    return tokens[from] === expected && matchFrom(pattern, tokens, { at: at + 1, from: from + 1 })
  for (let taken = 1; taken <= 4; taken++) {
    const token = tokens[from + taken - 1]
    if (token === undefined || (taken > 1 && PLAIN_WORD.test(token))) return false
    if (matchFrom(pattern, tokens, { at: at + 1, from: from + taken })) return true
  }
  return false
}

const PLAIN_WORD = /^[a-z]{2,}$/
