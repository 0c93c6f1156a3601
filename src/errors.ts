/**
 * Every failure that Firebreak reports on purpose, by a stable code. `docs/errors.md` documents each; a test checks
 * that code and page agree both ways.
 */
export const errorCodes = {
  USAGE: 'the command line is wrong',
  INPUT_NOT_FOUND: 'a file or folder that was named does not exist',
  INPUT_NOT_A_LOG: 'what was named holds no text that could be a log',
  INPUT_EMPTY: 'there is nothing in what was named',
  INPUT_UNREADABLE: 'a file exists but cannot be read or decoded',
  NOT_A_REPOSITORY: 'the folder is not a git work tree, or it has no commits',
  GIT_FAILED: 'git answered with an error',
  DEPLOYS_INVALID: 'a line of the deploys file is not a deploy',
  REQUESTS_INVALID: 'a line of the requests or replay file is not a request',
  COMMAND_NOT_FOUND: 'the program to run is not there',
  COMMAND_EXITED: 'the program ended before it answered once',
  NEVER_LISTENED: 'the program did not answer in time',
  PORT_IN_USE: 'something else already answers on the address',
  DATABASE_UNREACHABLE: 'the database did not let the probe in',
  OUTPUT_UNWRITABLE: 'the output folder cannot be written',
  LAB_ALREADY_UP: 'a lab of this data directory is up already',
  LAB_NOT_UP: 'the verb needs a running lab, and there is none',
  LAB_FAILED: 'a part of the lab did not start, or did not do what it was told',
  LAB_NAME_UNKNOWN: 'the lab has no part, release, flag or table of that name',
  LAB_DEPLOY_FAILED: 'a release did not pass the health gate, and was taken back',
  LAB_NOT_POSSIBLE: 'this machine or this user cannot do it',
  STORE_LOCKED: 'another process has the data directory',
  STORE_FAILED: 'the telemetry store did not start, or its data is of a newer version',
  STORE_UNREACHABLE: 'the telemetry store is away for the moment',
  STORE_QUERY_FAILED: 'the telemetry store could not answer a question',
  NO_SPACE: 'there is too little room on the disk',
  TELEMETRY_MALFORMED: 'a body of telemetry is not what its protocol says',
  TELEMETRY_TOO_LARGE: 'a request of telemetry holds more than is taken at once',
  CONFIG_INVALID: 'the configuration has mistakes',
  SERVE_ALREADY_UP: 'another server has this data directory',
  SERVER_UNREACHABLE: 'no Firebreak server answers there',
  REQUEST_INVALID: 'what was asked of the API is not what it takes',
  NOT_FOUND: 'there is nothing of that name or id',
  TRY_LATER: 'it cannot be kept at the moment',
} as const

export type ErrorCode = keyof typeof errorCodes

/**
 * The one base error. `message` says what was expected, what was found and where; `hint` is the next step.
 * Exit code 2 for USAGE, 1 for the rest (DESIGN: exit codes).
 */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly hint: string | null

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.hint = options.hint ?? null
  }
}
