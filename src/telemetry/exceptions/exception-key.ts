import type { ExceptionChain, StackFrame } from '../exception.ts'
import { messageTokens } from '../templates/message-tokens.ts'

/**
 * What two occurrences of one exception have in common: the types of the chain and the application's own functions.
 * Line numbers, ids, addresses and library frames don't count. Without frames of the application the innermost
 * frames stand in, without any frames the form of the message.
 */
export function exceptionKey(chain: ExceptionChain): string {
  return chain
    .map(({ type, message, frames }) => {
      const own = frames.filter((frame) => frame.inApp)
      const telling = own.length > 0 ? own : frames.slice(0, 4)
      if (telling.length === 0) return `${type} ${messageTokens(message).tokens.join(' ')}`
      return `${type}\n${withoutRepeats(telling.map(frameKey)).join('\n')}`
    })
    .join('\n\n')
}

function frameKey(frame: StackFrame): string {
  const file = (frame.file ?? '').replace(/^.*[\\/](?=[^\\/]+[\\/][^\\/]+$)/, '')
  return `${stable(file)} ${stable(frame.function ?? '')}`
}

/** Hashes in file names, numbered lambdas and proxies change from build to build. */
function stable(name: string): string {
  return name
    .replace(/0x[0-9a-f]+/gi, '#')
    .replace(/\b(?=[0-9a-f]*\d)[0-9a-f]{6,}\b/gi, '#')
    .replace(/(?<=\$|lambda|closure|h)[\d#]+/gi, '#')
    .replace(/\d{3,}/g, '#')
}

/** A recursion of any depth counts once. */
function withoutRepeats(keys: readonly string[]): string[] {
  return [...new Set(keys)]
}
