import { namesIn, withoutComment } from './code-words.ts'

/** A resource that a function takes, and how surely it gives it back. */
export type Hold = {
  /** What it is called in the function, or the call itself where it has no name. */
  readonly name: string
  readonly call: string
  readonly guarantee: Guarantee
}

/**
 * `always`: on every way out (with, using, try-with-resources, defer, finally). `mostly`: released at the end, so an
 * exception in between keeps it. `sometimes`: a way out, or a branch, misses the release. `never`. `handed-on`: the
 * caller owns it now.
 */
export type Guarantee = 'always' | 'mostly' | 'sometimes' | 'never' | 'handed-on'

const TAKING_WORDS = `getConnection get_connection getconn get_conn getClient get_client obtainConnection obtain acquire
  acquireConnection acquire_connection tryAcquire checkout check_out checkOut borrow\\w* take lease rent reserve connect
  connection openConnection open_connection createConnection connectDb connect_db raw_connection conn begin beginTx
  beginTransaction begin_transaction startTransaction query queryContext queryx prepareStatement createStatement executeQuery
  executeReader openSession open_session getSession get_session getCurrentSession newSession startSession
  createEntityManager createQueryRunner session session_factory sessionLocal cursor getJedis getResource open fopen
  openRead openText createReadStream newInputStream newBufferedReader fileInputStream bufferedReader streamReader
  fileStream socket lock wait waitAsync get_redis`
// Go, C# and classes begin with a capital.
const TAKING = `${TAKING_WORDS.split(/\s+/)
  .map((word) => `[${word.charAt(0)}${word.charAt(0).toUpperCase()}]${word.slice(1)}`)
  .join(
    '|',
  )}|[A-Z]\\w*Connection|(?:get|open|new|make|create|acquire|take|borrow|obtain|rent|lease|checkout|next|Get|Open|New|Make|Create|Acquire|Take|Borrow|Obtain|Rent|Lease)_?[A-Za-z_]*(?:[Cc]onn|[Cc]onnection|[Hh]andle|[Ll]ock|[Ss]lot|[Pp]ermit|[Ll]ease|[Dd]b|DB|[Cc]ursor|[Ss]ocket)`
const TAKE = new RegExp(
  `(?:^|[\\s(;,])(?:(?:final|const|let|var|val|using|[\\w<>.?\\[\\]]+)\\s+)?([A-Za-z_]\\w*)(?:\\s*,\\s*\\w+)*\\s*(?::\\s*[\\w.<>| ]+)?\\s*:?=\\s*(?:await\\s+|new\\s+|yield\\s+|\\*)*([\\w.$()\\[\\]>*?!-]*?\\b(?:${TAKING})(?:Async)?)\\s*(?:(?:<[^>]*>)?\\(|(?<=\\b(?:check_?out|acquire|borrow|lease|take))\\s*$)`,
)
const GIVING =
  'release|releaseConnection|release_connection|close|Close|CloseAsync|closeQuietly|dispose|Dispose|DisposeAsync|end|destroy|disconnect|putconn|put_conn|put_connection|putConnection|put|Put|returnConnection|return_connection|returnObject|returnResource|give_?back|giveBack|checkin|check_in|Release|ReleaseAsync|ReturnConnection|Return|unlock|Unlock|free|remove|done|rollback|Rollback|commit|Commit|cancel|recycle|quit|evict'
/** Any call that gives something back, whatever it is called on. */
const GIVE_ANY =
  /(?:\.|->|\b)(?:release|releaseConnection|release_connection|close|Close|CloseAsync|closeQuietly|dispose|Dispose|DisposeAsync|destroy|disconnect|putconn|put_conn|put_connection|putConnection|returnConnection|return_connection|returnObject|returnResource|give_back|giveBack|checkin|check_in|Release|ReleaseAsync|ReturnConnection|unlock|Unlock|rollback|Rollback|recycle)\w*\s*\(|\.(?:end|Put|put|free|remove)\s*\(\s*\w*\s*\)|\bdone\(\)|\b__exit__\(|\bDrop\b/
const SCOPED =
  /^\s*(?:async\s+)?with\b|^\s*(?:await\s+)?using\b|^\s*try\s*\(|^\s*(?:lock|synchronized)\b|\.use\s*\{|\bdo\s*\|/

// `using (var x = factory.Create())`: that it stands in a scope says that it is a resource, whatever it is called.
const SCOPED_CALL =
  /(?:\b(?:as)?\s*=\s*(?:await\s+|new\s+)*|\bwith\s+(?:await\s+)?)([\w.$]+)\s*(?:<[^>]*>)?\(/
const ASSIGNED = /([A-Za-z_]\w*)\s*(?:,\s*\w+\s*)*(?::\s*[\w.<>| ]+)?:?=(?!=)/
const SCOPED_TAKE = new RegExp(`[\\w.$\\]]*\\b(?:${TAKING})(?:Async)?\\s*\\(|\\bdo\\s*\\|`)

/**
 * Every resource that the function takes into a name of its own. `alsoTaking`: calls that are known to take, because
 * another version of the function holds what they answer in a scope.
 */
export function holdsIn(lines: readonly string[], alsoTaking: readonly string[] = []): Hold[] {
  const code = lines.map(withoutComment)
  const holds: Hold[] = []
  for (const [at, line] of code.entries()) {
    if (line.length > 400) continue
    const hold = SCOPED.test(line) ? scopedHold(line) : plainHold(code, at, { holds, alsoTaking })
    if (hold !== null) holds.push(hold)
  }
  return holds
}

function scopedHold(line: string): Hold | null {
  const call = SCOPED_TAKE.exec(line)?.[0] ?? SCOPED_CALL.exec(line)?.[1]
  if (call === undefined) return null
  return { name: nameInScope(line), call: call.replace(/\s*\($/, '').trim(), guarantee: 'always' }
}

// Stacks of scopes and test frameworks that end what is given to them.
const ENTERED =
  /enter_(?:async_)?context\(|addCleanup\(|\.Cleanup\(|\.defer\(|Symbol\.(?:async)?[dD]ispose|\.use\(/

type Known = { readonly holds: readonly Hold[]; readonly alsoTaking: readonly string[] }

function plainHold(code: readonly string[], at: number, known: Known): Hold | null {
  const line = code[at] ?? ''
  if (/^\s*return\b/.test(line)) return null
  const also = known.alsoTaking.find((call) => call.length > 3 && line.includes(`${call}(`))
  const take = TAKE.exec(line) ?? (also === undefined ? null : ASSIGNED.exec(line))
  if (take === null) return null
  const name = take[1] ?? ''
  const call = take[2] ?? also ?? ''
  // A statement or cursor ends with the connection that it is of; a stack of scopes ends what is entered into it.
  const owned = known.holds.some((hold) => hold.guarantee === 'always' && call.startsWith(`${hold.name}.`))
  const entered = ENTERED.test(line)
  return { name, call, guarantee: owned || entered ? 'always' : guaranteeOf(code, at, name) }
}

function nameInScope(line: string): string {
  return (
    /\bas\s+(\w+)|(\w+)\s*=|\|(\w+)\|/
      .exec(line)
      ?.slice(1)
      .find((name) => name !== undefined) ?? ''
  )
}

function givesBack(line: string, name: string): boolean {
  if (!line.includes(name)) return false
  const own = new RegExp(`\\b${name}\\s*(?:\\?|!)?(?:\\.|->)\\s*(?:${GIVING})\\b\\s*\\(`)
  const handed = new RegExp(`\\b(?:${GIVING})\\w*\\s*\\([^)]*\\b${name}\\b`)
  return own.test(line) || handed.test(line)
}

function guaranteeOf(code: readonly string[], at: number, name: string): Guarantee {
  const gives: number[] = []
  for (let line = at + 1; line < code.length; line++) if (givesBack(code[line] ?? '', name)) gives.push(line)
  if (gives.some((line) => isOnEveryWay(code, line))) return 'always'
  if (
    new RegExp(
      `^\\s*(?:await\\s+)?using\\s*\\(\\s*${name}\\b|^\\s*(?:async\\s+)?with\\b.*\\b${name}\\b`,
      'm',
    ).test(code.join('\n'))
  ) {
    return 'always'
  }
  if (gives.length === 0) return isHandedOn(code, at, name) ? 'handed-on' : 'never'
  const indent = indentOf(code[at] ?? '')
  const straight = gives.find((line) => indentOf(code[line] ?? '') <= indent || isInSameTry(code, at, line))
  if (straight === undefined) return 'sometimes'
  return missesAnExit(code, { from: at + 1, to: straight, gives }) ? 'sometimes' : 'mostly'
}

function isHandedOn(code: readonly string[], at: number, name: string): boolean {
  const rest = code.slice(at + 1).join('\n')
  return (
    new RegExp(
      `\\b(?:return|yield|resolve\\()\\s*\\(?(?:new\\s+\\w+\\()?[{\\[]?\\s*${name}\\b\\s*[,;)}\\]\\n]?\\s*$`,
      'm',
    ).test(rest) || new RegExp(`(?:this|self|@)\\.?\\w+\\s*=\\s*${name}\\b`).test(rest)
  )
}

/** Deferred, or inside a finally or ensure block, under no condition but that there is something to give back. */
function isOnEveryWay(code: readonly string[], line: number): boolean {
  const text = code[line] ?? ''
  const given = new Set(namesIn(text.replace(CONDITION, '')))
  const isAboutIt = (head: string): boolean => namesIn(head).some((name) => given.has(name))
  const condition = CONDITION.exec(text)?.[0]
  if (condition !== undefined && !isAboutIt(condition)) return false
  if (/\bdefer\b|\.finally\s*\(|\bensure\b|\bfinally\b/.test(text)) return true
  for (const head of headsAround(code, line)) {
    if (isEnding(head)) return true
    if (
      /^\s*(?:\}\s*)?(?:if|else|elif|elsif|unless|case|when|catch|except|rescue)\b/.test(head) &&
      !isAboutIt(head)
    )
      return false
  }
  return false
}

const CONDITION = /^\s*(?:if|unless)\b\s*(?:\([^()]*(?:\([^()]*\))?[^()]*\)|[^:]*:)/

/** The heads of the blocks that hold a line, the innermost first. */
function headsAround(code: readonly string[], line: number): string[] {
  const heads: string[] = []
  let indent = indentOf(code[line] ?? '')
  for (let at = line - 1; at >= 0 && indent > 0; at--) {
    const above = code[at] ?? ''
    if (above.trim() === '' || indentOf(above) >= indent) continue
    indent = indentOf(above)
    // Allman style: the brace stands below its keyword, at the same depth.
    heads.push(above.trim() === '{' ? (code[at - 1] ?? '') : above)
  }
  return heads
}

function isEnding(line: string): boolean {
  return /^\s*[}]?\s*(?:finally|ensure)\b|\bdefer\b|\.finally\s*\(/.test(line)
}

/** The release stands in the same block as the taking, or in the try that follows it. */
function isInSameTry(code: readonly string[], at: number, line: number): boolean {
  let indent = indentOf(code[line] ?? '')
  for (let above = line - 1; above > at; above--) {
    const text = code[above] ?? ''
    if (text.trim() === '' || text.trim() === '{' || indentOf(text) >= indent) continue
    if (!/^\s*try\b/.test(text)) return false
    indent = indentOf(text)
  }
  return true
}

type Way = { readonly from: number; readonly to: number; readonly gives: readonly number[] }

/** Is there a return, throw or the like before the release that does not release by itself just before? */
function missesAnExit(code: readonly string[], way: Way): boolean {
  for (let at = way.from; at < way.to; at++) {
    const line = code[at] ?? ''
    if (!/(?:^|[\s{(:])(?:return|throw|raise|continue|break|panic\(|next\b|goto)\b/.test(line)) continue
    // Go's first question after taking is whether it was taken at all.
    if (at - way.from <= 2 && /\berr\b/.test(`${code[at - 1] ?? ''}${line}`)) continue
    const near = way.gives.some(
      (give) => give < at && at - give <= 3 && indentOf(code[give] ?? '') >= indentOf(line),
    )
    if (!near) return true
  }
  return false
}

function indentOf(line: string): number {
  const space = /^\s*/.exec(line)?.[0] ?? ''
  return space.replaceAll('\t', '    ').length
}

/** Calls that give something back, and blocks that do so by themselves; and how many of them run on every way out. */
export function countReleases(lines: readonly string[]): { readonly all: number; readonly assured: number } {
  const code = lines.map(withoutComment)
  let all = 0
  let assured = 0
  for (const [at, line] of code.entries()) {
    if (line.length > 400) continue
    const scoped = (SCOPED.test(line) && SCOPED_TAKE.test(line)) || ENTERED.test(line)
    if (!scoped && !GIVE_ANY.test(line)) continue
    all++
    if (scoped || isOnEveryWay(code, at)) assured++
  }
  return { all, assured }
}

/** Does a line give something back, or keep the promise to (with, using, defer, finally)? */
export function speaksOfRelease(text: string): boolean {
  const line = withoutComment(text)
  return GIVE_ANY.test(line) || (SCOPED.test(line) && /\(/.test(line)) || isEnding(line)
}
