import type { FastifyReply } from 'fastify'
import { AppError, type ErrorCode } from '../errors.ts'

const STATUS_OF: Partial<Record<ErrorCode, number>> = {
  USAGE: 400,
  REQUEST_INVALID: 400,
  NOT_FOUND: 404,
  TRY_LATER: 503,
  STORE_UNREACHABLE: 503,
  STORE_QUERY_FAILED: 500,
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'The request is wrong',
  401: 'A token is needed',
  403: 'Not from there',
  404: 'Not there',
  413: 'Too large',
  415: 'Not of a type that is taken',
  421: 'Not this host',
  500: 'This should not have happened',
  503: 'Try later',
}

export type Problem = { readonly status: number; readonly detail: string; readonly code?: string }

/** What an error is to who asked: their mistake with its reason, ours without our insides. */
export function problemOf(error: unknown): Problem {
  if (error instanceof AppError) {
    const detail = error.hint === null ? error.message : `${error.message} (${error.hint})`
    return { status: STATUS_OF[error.code] ?? 500, detail, code: error.code }
  }
  const status = (error as { statusCode?: unknown }).statusCode
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return { status, detail: (error as Error).message }
  }
  return { status: 500, detail: 'the log of the server says more' }
}

/** Answers as RFC 9457 has it. */
export function sendProblem(reply: FastifyReply, { status, detail, code }: Problem): FastifyReply {
  if (status === 503) void reply.header('retry-after', '5')
  if (status === 401) void reply.header('www-authenticate', 'Bearer, Basic realm="Firebreak"')
  return reply
    .code(status)
    .type('application/problem+json')
    .send({
      type: 'about:blank',
      title: TITLES[status] ?? 'Refused',
      status,
      detail,
      ...(code === undefined ? {} : { code }),
    })
}
