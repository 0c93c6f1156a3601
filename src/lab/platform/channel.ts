import type { ChildProcess as NodeChild } from 'node:child_process'
import { AppError } from '../../errors.ts'

/** Asks a child process over its message channel and waits for the answer; survives its restarts. */
export type Channel = {
  /** For `onStart`: from now on this is the child that is asked. */
  attach(child: NodeChild): void
  readonly isReady: boolean
  ask(message: Readonly<Record<string, unknown>>): Promise<void>
}

type FromChild =
  | { readonly kind: 'ready' }
  | { readonly kind: 'answer'; readonly id: number; readonly problem: string | null }
  | { readonly kind: string }

export type ChannelOptions = {
  readonly name: string
  /** Told to every child when it is ready: after a restart it knows nothing of before. */
  readonly onReady: () => void
  readonly onMessage?: (message: Readonly<{ kind: string }>) => void
}

const ANSWER_WITHIN_MS = 5_000

export function createChannel({ name, onReady, onMessage }: ChannelOptions): Channel {
  const waiting = new Map<number, (problem: string | null) => void>()
  let child: NodeChild | null = null
  let isReady = false
  let lastId = 0

  function take(message: FromChild): void {
    if (message.kind === 'ready') {
      isReady = true
      onReady()
    } else if ('id' in message) waiting.get(message.id)?.(message.problem)
    else onMessage?.(message)
  }

  return {
    attach(started) {
      child = started
      isReady = false
      started.on('message', (message) => take(message as FromChild)) // written by our own program
      started.once('exit', () => {
        if (child === started) isReady = false
      })
    },
    get isReady() {
      return isReady
    },
    ask(message) {
      const id = ++lastId
      const answered = new Promise<void>((resolve, reject) => {
        const fail = (why: string): void =>
          reject(new AppError('LAB_FAILED', `expected ${name} to do as told, but ${why}`))
        const timer = setTimeout(
          () => fail(`it did not answer within ${ANSWER_WITHIN_MS / 1000} s`),
          ANSWER_WITHIN_MS,
        )
        waiting.set(id, (problem) => {
          clearTimeout(timer)
          if (problem === null) resolve()
          else fail(`it said: ${problem}`)
        })
        child?.send({ ...message, id }, (error) => {
          if (error !== null) waiting.get(id)?.(error.message)
        })
      })
      return answered.finally(() => waiting.delete(id))
    },
  }
}
