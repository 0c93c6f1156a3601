import { smallestChange } from '../change-runs.ts'
import type { EditedFile } from '../function-edits.ts'
import type { Scene } from '../scene.ts'
import type { Clue, Sighting } from './clue.ts'

/** Did the version of a library change, and does the trace run through that library? */
export const bumpedDependency: Clue = (scene, view) =>
  view.files.filter(({ role }) => role === 'dependency').flatMap((file) => bumpsIn(scene, file))

function bumpsIn(scene: Scene, file: EditedFile): Sighting[] {
  const sightings = new Map<string, Sighting>()
  for (const run of file.runs) {
    for (const { text } of [...run.removed, ...run.added]) {
      const name = packageOf(text)
      if (name === null || sightings.has(name)) continue
      const strength = tracedThrough(scene, name)
      const versions = [
        ...new Set(
          [...run.removed, ...run.added].flatMap((line) =>
            packageOf(line.text) === name ? versionsIn(line.text) : [],
          ),
        ),
      ]
      sightings.set(name, {
        signal: strength > 0 ? 'bumped-failing-dependency' : 'bumped-dependency',
        strength: strength > 0 ? strength : 0.5,
        summary: `changed the dependency ${name}${versions.length > 0 ? ` (${versions.join(' → ')})` : ''}${strength > 0 ? ', which the failure runs through' : ''}`,
        hunks: [smallestChange(run, (candidate) => packageOf(candidate) === name)],
      })
    }
  }
  return [...sightings.values()].toSorted((a, b) => b.strength - a.strength).slice(0, 20)
}

const FORMS: readonly RegExp[] = [
  /^\s*"(?:node_modules\/)?(@?[\w./-]+)"\s*:\s*(?:"[~^<>=v*\d]|\{\s*$)/, // package.json, composer.json, lock files
  /<PackageReference\s+(?:Include|Update)="([\w.]+)"/i,
  /<artifactId>([\w.-]+)<\/artifactId>/,
  /^\s*(?:require\s+)?([\w.-]+\.[\w.-]+\/[\w./-]+)\s+v\d/, // go.mod, go.sum
  /^\s*gem\s+['"]([\w-]+)['"]/,
  /^\s{4}([\w-]+) \(\d/, // Gemfile.lock
  /^\s*(?:implementation|api|compile|runtimeOnly)[\s(]+['"][\w.-]+:([\w.-]+):/,
  /^\s*['"]?([A-Za-z][\w.-]*)(?:\[[^\]]*\])?\s*(?:[=<>~!]=|[<>]|===)\s*v?\d/, // requirements.txt, PEP 621
  /^\s*([A-Za-z][\w-]*)\s*=\s*(?:"[~^<>=]*\d|\{\s*version)/, // pyproject.toml, Cargo.toml
  /^name = "([\w.-]+)"/, // poetry.lock, Cargo.lock
  /^\s*['"]?(@?[\w./-]+)@(?:npm:)?[~^<>=v\d]/, // yarn.lock, pnpm-lock
]

/** The package that a line of a manifest or lock file is about. */
function packageOf(line: string): string | null {
  if (line.length > 400) return null
  for (const form of FORMS) {
    const name = form.exec(line)?.[1]
    if (
      name !== undefined &&
      !/^(?:version|name|python|python-versions|content-hash|optional|description|category|files|node|resolved|integrity|requires-python|edition)$/.test(
        name,
      )
    )
      return name
  }
  return null
}

function versionsIn(line: string): string[] {
  return line.match(/\d+(?:\.\d+)+(?:[-.\w]+)?/g) ?? []
}

/** 0–1: how near to the raise the package's own code is in the traces. */
function tracedThrough(scene: Scene, name: string): number {
  const short =
    name
      .replace(/^@[\w-]+\//, '')
      .split('/')
      .at(-1) ?? name
  const forms = [...new Set([name, short])].filter((form) => form.length > 2)
  const plain = forms.flatMap((form) => [
    form.toLowerCase(),
    form.toLowerCase().replace(/^python-|-python$|\.js$/g, ''),
  ])
  const words = new Set(plain.flatMap((form) => [form, form.replaceAll('-', '_'), form.replaceAll('-', '.')]))
  const links = scene.symptoms.exceptions.slice(0, 6).flatMap(({ chain }) => chain)
  const typed = links.some((link) => isOfPackage(link.type.replaceAll('.', '/'), null, words))
  const depths = links.flatMap((link) =>
    link.frames.flatMap((frame, depth) =>
      !frame.inApp && isOfPackage(frame.file, frame.function, words) ? [1 / (1 + 0.35 * depth)] : [],
    ),
  )
  return Math.max(typed ? 0.6 : 0, ...depths)
}

function isOfPackage(file: string | null, name: string | null, words: ReadonlySet<string>): boolean {
  // A language's own library has no package, and the folder that holds it says nothing.
  const path = /\/lib\/python\d[\d.]*\/(?!(?:site|dist)-packages\/)/.test(file ?? '')
    ? ''
    : (file ?? '').replace(/^.*[\\/](?:(?:site|dist)-packages|node_modules)[\\/]/, '')
  const parts = path
    .toLowerCase()
    .replaceAll('\\', '/')
    .split('/')
    .map((part) => part.replace(/@v?\d.*$|-\d+(\.\d+)+$|\.\w+$/g, ''))
  const packageParts = (name ?? '')
    .toLowerCase()
    .split(/[.:/]+/)
    .slice(0, -1)
  return parts.some((part) => words.has(part)) || packageParts.some((part) => words.has(part))
}
