import { Command, CommanderError, Option } from 'commander'
import { AppError } from '../errors.ts'
import { VERSION } from '../version.ts'
import { exitCodes, type ExitCode, type Io } from './io.ts'

/** What a command may change. Every command says it; a test asserts that it does. */
export type CommandEffect =
  | 'read-only'
  | 'runs-a-program'
  | 'sends-requests'
  | 'operates-the-lab'
  | 'runs-the-server'
  | 'tells-the-server'

type Action = (io: Io, positional: readonly string[], options: Record<string, unknown>) => Promise<ExitCode>

const collect = (value: string, all: readonly string[] = []) => [...all, value]

function many(flags: string, description: string): Option {
  return new Option(flags, description).argParser(collect)
}

const logOption = () => many('--log <file|dir>', 'a log to read or follow (repeatable)')
const repoOption = () =>
  new Option('--repo <dir>', 'git work tree of the program (default: that of this folder, if any)')
const deploysOption = () =>
  new Option('--deploys <file>', 'JSON Lines of releases: {"at", "service"?, "version"?, "commit"?, …}')
const dbOption = () => new Option('--db <url>', 'look at this PostgreSQL, MySQL or MariaDB while at it')
const slaOption = () => new Option('--sla <objective>', 'hold downtime against this, such as 15m/year')
const outOption = () =>
  new Option('--out <dir>', 'where the review goes (default: ./firebreak-out/<UTC time>)')
const jsonOption = () => new Option('--json', 'print one JSON object on stdout, and nothing else')

const configOption = () => new Option('--config <file>', 'firebreak.yaml (default: everything has a default)')
const dataOption = () => new Option('--data <dir>', 'where the server keeps everything')
const serverOptions = () => [
  new Option('--url <url>', 'the server (default: the one of this machine)'),
  new Option('--token <token>', 'its token, where it has one'),
  dataOption(),
]

type CommandSpec = {
  readonly name: string
  readonly effect: CommandEffect
  readonly description: string
  readonly argument: string | null
  readonly options: () => readonly Option[]
  readonly help: string
  readonly load: () => Promise<Action>
}

export const commands: readonly CommandSpec[] = [
  {
    name: 'run',
    effect: 'runs-a-program',
    description: 'start a program under watch, send it requests, and review what fails',
    argument: '<command...>',
    options: () => [
      many('--url <url>', 'send requests here (repeatable; default: the port that the program opens)'),
      new Option(
        '--requests <file>',
        'JSON Lines of requests: {"url", "method"?, "headers"?, "body"?, "weight"?}',
      ),
      new Option('--rate <n/s>', 'requests a second over all URLs'),
      new Option('--for <duration>', 'stop after this long (default: when sure, or at Ctrl-C)'),
      new Option('--no-prove', 'do not try the fix on a copy of the work tree'),
      repoOption(),
      logOption(),
      dbOption(),
      deploysOption(),
      slaOption(),
      outOption(),
      jsonOption(),
    ],
    help: 'Example:\n  firebreak run --url http://127.0.0.1:5000/ --url http://127.0.0.1:5000/health -- python3 app.py\n',
    load: async () => (await import('./run.ts')).runCommand,
  },
  {
    name: 'investigate',
    effect: 'read-only',
    description: 'the same from files alone: logs, a repository, deploys',
    argument: null,
    options: () => [
      logOption(),
      repoOption(),
      deploysOption(),
      dbOption(),
      new Option('--since <time>', 'ignore what is older: ISO 8601, or 2h, 3d before now'),
      new Option('--until <time>', 'ignore what is newer'),
      new Option('--tz <zone>', 'zone of log times that name none (default: UTC)'),
      slaOption(),
      outOption(),
      jsonOption(),
    ],
    help: 'Example:\n  firebreak investigate --log /var/log/shop --repo ~/src/shop --deploys deploys.jsonl\n',
    load: async () => (await import('./investigate.ts')).investigateCommand,
  },
  {
    name: 'fingerprint',
    effect: 'read-only',
    description: 'the kinds of lines in logs, errors first',
    argument: '<file...>',
    options: () => [
      repoOption(),
      new Option('--tz <zone>', 'zone of log times that name none (default: UTC)'),
      new Option('--groups <file>', 'write the group id of every line, as a JSON array'),
      new Option('--all', 'print every kind, not only the first fifty'),
      jsonOption(),
    ],
    help: 'FILE may be a folder, .gz, .zst, or - for standard input.\nExample:\n  eb logs | firebreak fingerprint -\n',
    load: async () => (await import('./fingerprint.ts')).fingerprintCommand,
  },
  {
    name: 'replay',
    effect: 'sends-requests',
    description: 'send the failing requests of a review again; exit 3 when they still fail',
    argument: '<file>',
    options: () => [
      new Option('--url <url>', 'send them to this address instead of the recorded one'),
      jsonOption(),
    ],
    help: 'Example, in CI:\n  firebreak replay replay.jsonl --url http://127.0.0.1:8080\n',
    load: async () => (await import('./replay.ts')).replayCommand,
  },
  {
    name: 'lab',
    effect: 'operates-the-lab',
    description: 'a real shop on this machine, and real ways to break it',
    argument: '<verb...>',
    options: () => [
      new Option('--detach', 'up: return when it is healthy, and leave it running'),
      new Option('--level <level>', 'break: how hard (mild, normal or hard)'),
      new Option('--seed <n>', 'up, break: 64 bits from which what is drawn follows'),
      new Option('--data <dir>', 'where the lab keeps everything'),
      new Option('--host <address>', 'up: where the shop listens (default: 127.0.0.1)'),
      new Option(
        '--api-host <address>',
        'up: where its two APIs listen; tokens in clear (default: 127.0.0.1)',
      ),
      new Option('--port <n>', 'up: the shop; its APIs are at n + 10 and n + 11 (default: 4500)'),
      new Option('--rate <n/s>', 'up: requests of the shoppers (default: 10000/min)'),
      new Option('--otlp <url>', 'up: send traces, metrics and logs here (OTLP over HTTP)'),
      new Option(
        '--otlp-interval <duration>',
        'up: send that so often, such as 1s (default: as the SDKs do)',
      ),
      new Option('--impatient', 'up, load: clients that ask again at once, three times, when it fails'),
      new Option('--no-impatient', 'load: ordinary clients again'),
      new Option('--small', 'up: two instances and a tenth of the load, for one core'),
      jsonOption(),
    ],
    help: `Verbs:
  up                 start it; stays until Ctrl-C
  status             how it does
  faults             what can be broken
  break FAULT        break it
  mend [FAULT]       take one fault out, or all
  load RATE          requests of the shoppers: 200/s, 10000/min
  deploy [COMMIT]    deploy a commit of the shop, or the team's next release
  rollback           back to the release before
  down               end it

Example:
  firebreak lab up --detach && firebreak lab break connection-leak && firebreak lab status
`,
    load: async () => (await import('./lab.ts')).labCommand,
  },
  {
    name: 'tour',
    effect: 'operates-the-lab',
    description: 'see an incident from beginning to end: the lab comes up, is broken, is mended, and goes',
    argument: null,
    options: () => [
      new Option('--fault <name>', 'what to break (default: connection-leak; surprise draws one)'),
      new Option('--level <level>', 'how hard (mild, normal or hard)'),
      new Option('--seed <n>', '64 bits from which what is drawn follows'),
      new Option('--stay', 'leave the lab up afterwards, until Ctrl-C'),
      new Option('--small', 'two instances and 100 requests a second, for one core'),
      new Option('--data <dir>', 'where the lab keeps everything'),
      new Option(
        '--port <n>',
        'the shop; its APIs are at n + 10 and n + 11 (default: 4500, or the next free)',
      ),
      jsonOption(),
    ],
    help: 'It ends by itself after about two minutes. Beside a lab that is up it takes another folder and other ports.\n',
    load: async () => (await import('./tour.ts')).tourCommand,
  },
  {
    name: 'serve',
    effect: 'runs-the-server',
    description: 'take telemetry from your systems, and notice incidents; until Ctrl-C',
    argument: null,
    options: () => [
      configOption(),
      new Option('--port <n>', 'port of the API (default: 4400)'),
      new Option('--host <address>', 'address to listen on (default: 127.0.0.1; others need a token)'),
      dataOption(),
      new Option('--token <token>', 'what clients must say; 16 characters or more'),
    ],
    help: 'Example:\n  firebreak serve &\n  OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 node app.js\n',
    load: async () => (await import('./serve.ts')).serveCommand,
  },
  {
    name: 'detections',
    effect: 'read-only',
    description: 'what is wrong now, by the running server; exit 3 when something is',
    argument: null,
    options: () => [
      new Option('--follow', 'go on, and print what happens'),
      new Option('--all', 'also those that ended, of the last day'),
      new Option('--service <name>', 'of this service only'),
      new Option('--since <time>', 'also those that ended, since then: ISO 8601, or 2h, 3d'),
      ...serverOptions(),
      jsonOption(),
    ],
    help: '',
    load: async () => (await import('./detections.ts')).detectionsCommand,
  },
  {
    name: 'report',
    effect: 'tells-the-server',
    description: 'tell the running server that something is broken',
    argument: '<text...>',
    options: () => [
      new Option('--service <name>', 'the service that it is about'),
      new Option('--page <url>', 'the page on which it was seen'),
      ...serverOptions(),
      jsonOption(),
    ],
    help: 'Example:\n  firebreak report "the checkout shows an empty page" --service shop\n',
    load: async () => (await import('./report.ts')).reportCommand,
  },
  {
    name: 'rules',
    effect: 'read-only',
    description: 'what is judged, in words; as Prometheus rules; against what is stored',
    argument: '<verb>',
    options: () => [
      configOption(),
      new Option('--since <time>', 'test: what came since then: ISO 8601, or 2h, 3d (default: 1h)'),
      new Option('--until <time>', 'test: and before then'),
      new Option(
        '--expect <file>',
        'test: YAML of what must, or must never, be detected; exit 1 where unmet',
      ),
      ...serverOptions(),
      jsonOption(),
    ],
    help: `Verbs:
  list     every rule in words
  export   rules for Prometheus, on standard output
  test     what the rules would have detected in stored telemetry

Example:
  firebreak rules test --config firebreak.yaml --since 6h
`,
    load: async () => (await import('./rules.ts')).rulesCommand,
  },
  {
    name: 'config',
    effect: 'read-only',
    description: 'check a firebreak.yaml, or show all that is in force',
    argument: '<verb...>',
    options: () => [],
    help: `Verbs:
  check [FILE]   what is wrong with it, each with its line
  show [FILE]    every key, defaults too; secrets are hidden
`,
    load: async () => (await import('./config.ts')).configCommand,
  },
  {
    name: 'doctor',
    effect: 'read-only',
    description: 'what is wrong with this installation, and how to mend it',
    argument: null,
    options: () => [configOption(), dataOption(), jsonOption()],
    help: '',
    load: async () => (await import('./doctor.ts')).doctorCommand,
  },
  {
    name: 'example',
    effect: 'runs-a-program',
    description: 'see it work: a small failing program with its history, from first failure to review',
    argument: null,
    options: () => [outOption(), jsonOption()],
    help: '',
    load: async () => (await import('./example.ts')).exampleCommand,
  },
]

function register(
  program: Command,
  spec: CommandSpec,
  finish: (action: () => Promise<ExitCode>) => void,
): void {
  const command = program.command(spec.name).description(spec.description)
  if (spec.argument) command.argument(spec.argument)
  // Options after the program's name are the program's, with or without `--`.
  if (spec.effect === 'runs-a-program') command.passThroughOptions()
  for (const option of spec.options()) command.addOption(option)
  if (spec.help) command.addHelpText('after', `\n${spec.help}`)
  command.action((...args: unknown[]) => {
    const positional = spec.argument ? [args[0]].flat().map(String) : []
    const options = args.at(-2) as Record<string, unknown>
    finish(async () => (await spec.load())(ioOf(program), positional, options))
  })
}

const ios = new WeakMap<Command, Io>()

function ioOf(program: Command): Io {
  const io = ios.get(program)
  if (!io) throw new Error('the program was built without its io')
  return io
}

function buildProgram(io: Io, finish: (action: () => Promise<ExitCode>) => void): Command {
  const program = new Command('firebreak')
  ios.set(program, io)
  program
    .description('From the first failing request to a finished, proven post-incident review.')
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) })
    .showHelpAfterError('(firebreak --help, or firebreak COMMAND --help, says how)')
    .addHelpText(
      'after',
      '\nExit codes: 0 nothing wrong found, 1 failed, 2 wrong usage, 3 an incident was found.\n',
    )
    .version(VERSION, '--version', 'print the version')
    .enablePositionalOptions()
    .exitOverride()
  for (const spec of commands) register(program, spec, finish)
  for (const command of program.commands) command.exitOverride().copyInheritedSettings(program)
  return program
}

function reportFailure(io: Io, error: unknown): ExitCode {
  if (error instanceof AppError) {
    io.stderr.write(`firebreak: ${error.message}\n${error.hint ? `  ${error.hint}\n` : ''}`)
    return error.code === 'USAGE' ? exitCodes.usage : exitCodes.failed
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  io.stderr.write(`firebreak: this should not have happened; please report it\n${text}\n`)
  return exitCodes.failed
}

/** Runs one command line to its end and says with which code the process should leave. */
export async function runCli(args: readonly string[], io: Io): Promise<ExitCode> {
  // A reader that went away (`| head`) is not a failure.
  io.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') io.exitNow(exitCodes.done)
  })
  let action: (() => Promise<ExitCode>) | null = null
  try {
    const program = buildProgram(io, (chosen) => {
      action = chosen
    })
    if (args.length === 0) {
      io.stderr.write(program.helpInformation())
      return exitCodes.usage
    }
    await program.parseAsync([...args], { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage
    return reportFailure(io, error)
  }
  try {
    const chosen = action as (() => Promise<ExitCode>) | null
    return chosen ? await chosen() : exitCodes.usage
  } catch (error) {
    return reportFailure(io, error)
  }
}
