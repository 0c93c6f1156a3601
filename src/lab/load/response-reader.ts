/** `invalid`: not HTTP/1.x, cut off, or more bytes than were announced. */
export type ReadState = 'more' | 'done' | 'invalid'

type Framing =
  | { kind: 'head' }
  | { kind: 'length'; left: number }
  | { kind: 'chunk-size' }
  | { kind: 'chunk'; left: number }
  | { kind: 'trailer' }
  | { kind: 'until-close' }
  | { kind: 'done' }
  | { kind: 'invalid' }

const LONGEST_HEAD = 65_536
const LONGEST_KEPT_BODY = 65_536
const LINE_END = 2
const EMPTY: Buffer = Buffer.alloc(0)

/** Reads one HTTP/1.1 answer after another from the bytes of a connection that carries one request at a time. */
export class ResponseReader {
  #framing: Framing = { kind: 'done' }
  /** Bytes that are not yet a whole head or line. */
  #pending = EMPTY
  #kept: Buffer[] | null = null
  #keptBytes = 0
  #status = 0
  #mayStayOpen = true
  #hasBegun = false

  get status(): number {
    return this.#status
  }

  get mayStayOpen(): boolean {
    return this.#mayStayOpen
  }

  /** Whether a byte of the answer has come. */
  get hasBegun(): boolean {
    return this.#hasBegun
  }

  /** Call before every request. */
  expect({ keepsBody }: { readonly keepsBody: boolean }): void {
    this.#framing = { kind: 'head' }
    this.#pending = EMPTY
    this.#kept = keepsBody ? [] : null
    this.#keptBytes = 0
    this.#hasBegun = false
  }

  push(chunk: Buffer): ReadState {
    this.#hasBegun = true
    for (let rest = chunk; rest.length > 0;) rest = this.#step(rest)
    return this.#state()
  }

  /** The other side closed the connection. */
  end(): ReadState {
    const isWhole = this.#framing.kind === 'until-close' || this.#framing.kind === 'done'
    this.#framing = { kind: isWhole ? 'done' : 'invalid' }
    return this.#state()
  }

  /** Empty unless it was to be kept; cut at 64 kB. */
  body(): string {
    return this.#kept === null ? '' : Buffer.concat(this.#kept).toString('utf8')
  }

  #state(): ReadState {
    if (this.#framing.kind === 'invalid') return 'invalid'
    return this.#framing.kind === 'done' ? 'done' : 'more'
  }

  /** Takes what it can off the front, and returns the rest. */
  #step(bytes: Buffer): Buffer {
    const framing = this.#framing
    switch (framing.kind) {
      case 'head':
        return this.#takeHead(bytes)
      case 'length':
        return this.#takeContent(bytes, { left: framing.left, closing: 0 })
      case 'chunk-size':
        return this.#takeChunkSize(bytes)
      case 'chunk':
        return this.#takeContent(bytes, { left: framing.left, closing: LINE_END })
      case 'trailer': {
        const line = this.#takeUntil(bytes, '\r\n')
        if (line?.text === '') this.#framing = { kind: 'done' }
        return line?.rest ?? EMPTY
      }
      case 'until-close':
        this.#keep(bytes)
        return EMPTY
      default: // done or invalid: bytes that nobody asked for
        this.#framing = { kind: 'invalid' }
        return EMPTY
    }
  }

  #takeHead(bytes: Buffer): Buffer {
    const head = this.#takeUntil(bytes, '\r\n\r\n')
    if (head === null) return EMPTY
    const first = /^HTTP\/1\.([01]) (\d{3})/.exec(head.text)
    if (first === null) {
      this.#framing = { kind: 'invalid' }
      return EMPTY
    }
    this.#status = Number(first[2])
    if (this.#status >= 100 && this.#status < 200) return head.rest // "Continue" and the like: the answer follows
    this.#framing = framingOf(head.text, this.#status)
    this.#mayStayOpen = this.#framing.kind !== 'until-close' && staysOpen(head.text, first[1] === '1')
    return head.rest
  }

  /** Of the `left` bytes the last `closing` are a line end and not content. */
  #takeContent(bytes: Buffer, { left, closing }: { left: number; closing: number }): Buffer {
    const taken = Math.min(bytes.length, left)
    this.#keep(bytes.subarray(0, Math.min(taken, Math.max(0, left - closing))))
    if (taken < left) this.#framing = { kind: closing === 0 ? 'length' : 'chunk', left: left - taken }
    else this.#framing = { kind: closing === 0 ? 'done' : 'chunk-size' }
    return bytes.subarray(taken)
  }

  #takeChunkSize(bytes: Buffer): Buffer {
    const line = this.#takeUntil(bytes, '\r\n')
    if (line === null) return EMPTY
    const size = /^([0-9a-f]{1,8})\s*(?:;|$)/i.exec(line.text)
    if (size === null) this.#framing = { kind: 'invalid' }
    else {
      const length = Number.parseInt(size[1] ?? '0', 16)
      this.#framing = length === 0 ? { kind: 'trailer' } : { kind: 'chunk', left: length + LINE_END }
    }
    return line.rest
  }

  /** Takes a head or line off the front; null until it is whole. */
  #takeUntil(bytes: Buffer, mark: string): { text: string; rest: Buffer } | null {
    const whole = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes])
    const at = whole.indexOf(mark, 0, 'latin1')
    if (at === -1) {
      this.#pending = Buffer.from(whole)
      if (whole.length > LONGEST_HEAD) this.#framing = { kind: 'invalid' }
      return null
    }
    this.#pending = EMPTY
    return { text: whole.toString('latin1', 0, at), rest: whole.subarray(at + mark.length) }
  }

  #keep(bytes: Buffer): void {
    if (this.#kept === null || this.#keptBytes >= LONGEST_KEPT_BODY) return
    // A copy: the buffer that was read into may be used again for the next read.
    const part = Buffer.from(bytes.subarray(0, LONGEST_KEPT_BODY - this.#keptBytes))
    this.#kept.push(part)
    this.#keptBytes += part.length
  }
}

function staysOpen(head: string, isHttp11: boolean): boolean {
  const said = /\r\nconnection:[ \t]*([^\r]*)/i.exec(head)?.[1]?.toLowerCase() ?? ''
  return isHttp11 ? !said.includes('close') : said.includes('keep-alive')
}

/** RFC 9112, section 6.3; requests are never HEAD or CONNECT. */
function framingOf(head: string, status: number): Framing {
  if (status === 204 || status === 304) return { kind: 'done' }
  if (/\r\ntransfer-encoding:[^\r]*chunked/i.test(head)) return { kind: 'chunk-size' }
  const length = /\r\ncontent-length:[ \t]*(\d+)/i.exec(head)?.[1]
  if (length === undefined) return { kind: 'until-close' }
  return length === '0' ? { kind: 'done' } : { kind: 'length', left: Number(length) }
}
