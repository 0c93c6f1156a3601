import { AppError, errorCodes } from '../../errors.ts'
import type { ErrorCode } from '../../errors.ts'
import { lockHolder, readLabFile, readOperatorFile } from './lab-file.ts'
import type { LabFile, OperatorFile } from './lab-file.ts'
import { stateDirectoryAt } from './state-directory.ts'

/** A running lab as its operator reaches it from another process. */
export type LabClient = {
  readonly file: LabFile
  control(method: string, path: string, body?: unknown): Promise<unknown>
  operator(method: string, path: string, body?: unknown): Promise<unknown>
}

/** Faults and deploys take as long as they take. */
const ANSWER_WITHIN_MS = 180_000

export async function connectLab(root: string): Promise<LabClient | 'down' | 'starting'> {
  const directory = stateDirectoryAt(root)
  if ((await lockHolder(directory)) === null) return 'down'
  const file = await readLabFile(directory)
  const operator = await readOperatorFile(directory)
  if (file === null || operator === null) return 'starting'
  return clientOf(file, operator)
}

/** Throws `LAB_NOT_UP` where there is nothing to connect to. */
export async function requireLab(root: string): Promise<LabClient> {
  const lab = await connectLab(root)
  if (typeof lab !== 'string') return lab
  const what = lab === 'down' ? 'there is none' : 'it is still starting'
  throw new AppError('LAB_NOT_UP', `expected a lab that is up at ${root}, but ${what}`, {
    hint: lab === 'down' ? 'firebreak lab up --detach' : 'try again in a moment',
  })
}

export function clientOf(file: LabFile, operator: OperatorFile): LabClient {
  return {
    file,
    control: (method, path, body) =>
      ask({ url: file.controlUrl, token: file.controlToken }, `${method} ${path}`, body),
    operator: (method, path, body) => ask(operator, `${method} ${path}`, body),
  }
}

async function ask(api: OperatorFile, what: string, body: unknown): Promise<unknown> {
  const [method = 'GET', path = '/'] = what.split(' ')
  let response: Response
  try {
    response = await fetch(`${api.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${api.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    })
  } catch (cause) {
    throw new AppError('LAB_FAILED', `expected an answer of the lab at ${api.url}, found none`, {
      hint: '`firebreak lab down` ends what is left of it',
      cause,
    })
  }
  const answer: unknown = await response.json()
  if (response.ok) return answer
  const { code, detail, hint } = answer as { code?: string; detail?: string; hint?: string | null }
  throw new AppError(knownCode(code), detail ?? `the lab answered ${response.status}`, hint ? { hint } : {})
}

function knownCode(code: string | undefined): ErrorCode {
  return code !== undefined && code in errorCodes ? (code as ErrorCode) : 'LAB_FAILED'
}
