import { existsSync } from 'node:fs'
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path'

/** A folder that was copied. Both absolute, without a slash at the end. */
export type Move = { readonly from: string; readonly to: string }

/** Is `path` the folder, or inside it? Both absolute. */
export function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
}

/** How a program was started: what may name files. */
export type Invocation = {
  readonly command: readonly string[]
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
}

/**
 * The same invocation with everything that points into the folder pointing into its copy: whole paths, parts of
 * arguments (`--config=/repo/x`, `file:///repo/x`, `sqlite:////repo/x.db`), lists (`PATH`), and relative paths where
 * the working directory is outside. Relative paths that lead out of the folder are made absolute.
 * `spellings` are other names of the folder, such as the one through a symbolic link.
 */
export function moveInvocation(given: Invocation, move: Move, spellings: readonly string[] = []): Invocation {
  const names = [...new Set([move.from, ...spellings])].sort((a, b) => b.length - a.length)
  const replaceAll = (text: string): string =>
    names.reduce((current, name) => replacePath(current, name, move.to), text)
  const cwd = replaceAll(given.cwd)
  const moved = (text: string): string => moveRelative(replaceAll(text), given.cwd, { ...move, names })
  // A bare word of the environment is a name more often than a path: only words with a slash are looked at.
  const movedValue = (value: string | undefined) => (value?.includes('/') === true ? moved(value) : value)
  // From entries, so that a variable called __proto__ is one like any other.
  const env: NodeJS.ProcessEnv = Object.fromEntries(
    Object.entries(given.env).map(([name, value]) => [name, movedValue(value)]),
  )
  return { command: given.command.map(moved), cwd, env }
}

/** Does the program run from the folder at all? Its surroundings (`PWD`, `OLDPWD`, `PATH`) say nothing of that. */
export function usesFolder(given: Invocation, moved: Invocation): boolean {
  if (given.cwd !== moved.cwd || given.command.some((word, index) => word !== moved.command[index]))
    return true
  return Object.keys(given.env).some(
    (name) => !['PWD', 'OLDPWD', 'PATH', 'INIT_CWD'].includes(name) && given.env[name] !== moved.env[name],
  )
}

/** The path where it ends as a path does, and does not begin in the middle of another one; also percent-encoded. */
function replacePath(text: string, from: string, to: string): string {
  const encoded = encodeURI(from)
  const plain = replaceExact(text, from, to)
  return encoded === from ? plain : replaceExact(plain, encoded, encodeURI(to))
}

function replaceExact(text: string, from: string, to: string): string {
  if (!text.includes(from)) return text
  const escaped = from.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
  return text.replace(new RegExp(String.raw`(?<![\w.-])${escaped}(?![\w.-])`, 'g'), () => to)
}

type NamedMove = Move & { readonly names: readonly string[] }

/** Arguments, `--flag=value`, and lists of paths. */
function moveRelative(text: string, cwd: string, move: NamedMove): string {
  const flag = /^(-{1,2}[\w-]+=|[A-Z_a-z]\w*=)(.*)$/s.exec(text)
  const [prefix, value] = flag ? [flag[1] ?? '', flag[2] ?? ''] : ['', text]
  const parts = value.includes('://') ? [value] : value.split(':')
  return prefix + parts.map((part) => moveRelativePath(part, cwd, move)).join(parts.length > 1 ? ':' : '')
}

function moveRelativePath(path: string, cwd: string, move: NamedMove): string {
  if (path === '' || isAbsolute(path) || path.startsWith('-') || /[\s;|&<>'"`$(){}]/.test(path)) return path
  const target = resolve(cwd, path)
  const isInside = (place: string): boolean => move.names.some((name) => isWithin(name, place))
  const stays = isInside(cwd)
  if (stays === isInside(target)) return path
  // A bare word is a path only where something is there.
  if (!existsSync(target)) return path
  if (stays) return target
  const inside = move.names.find((name) => isWithin(name, target)) ?? move.from
  return resolve(move.to, relative(inside, target))
}

export type SymbolicLink = { readonly at: string; readonly target: string }

/**
 * Where a symbolic link of the folder leads from the copy: inside stays inside, outside stays where it was. With
 * `keep-dependencies`, what lies in a `node_modules` of the original is still read there.
 */
export function moveLink(link: SymbolicLink, move: Move, mode?: 'keep-dependencies'): string {
  const { target } = link
  const absolute = resolve(dirname(link.at), target)
  if (!isWithin(move.from, absolute)) return absolute
  const inside = relative(move.from, absolute)
  if (mode === 'keep-dependencies' && inside.split(sep).includes('node_modules')) return absolute
  return isAbsolute(target) || mode === 'keep-dependencies' ? resolve(move.to, inside) : target
}
