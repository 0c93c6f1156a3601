import { runAsHunk, smallestChange } from '../change-runs.ts'
import { isRuntimeRole } from '../file-role.ts'
import type { Scene } from '../scene.ts'
import type { Clue, Sighting } from './clue.ts'

const READS =
  /os\.environ|os\.getenv|\bgetenv\(|process\.env\b|System\.getenv|os\.(?:Getenv|LookupEnv)|\bENV(?:\[|\.fetch)|Environment\.GetEnvironmentVariable|env::var|\$_ENV|@Value\(|IConfiguration|config\.(?:get|require)\(|configuration\[/

/** Did the commit change settings, or which settings the program asks for? */
export const changedConfiguration: Clue = (scene, view) => {
  const inQuestion = scene.ailments.has('configuration')
  const sightings: Sighting[] = []
  for (const file of view.files.filter(({ role }) => isRuntimeRole(role) && role !== 'dependency')) {
    const isSettings = file.role === 'configuration'
    for (const run of file.runs) {
      const reads = [...run.added, ...run.removed].find(({ text }) => READS.test(text))
      if (!isSettings && reads === undefined) continue
      const values = valuesNamed(
        scene,
        [...run.added, ...run.removed].map(({ text }) => text),
      )
      const strength = values === null ? (inQuestion ? 0.45 : 0) : 1
      const what = isSettings
        ? `settings in ${file.change.path}`
        : `which settings ${file.change.path} asks for`
      sightings.push({
        signal: strength > 0 ? 'changed-configuration-in-question' : 'changed-configuration',
        strength: strength > 0 ? strength : 1,
        summary: `changed ${what}${values === null ? '' : `; the error names ${values}`}`,
        hunks: [values === null ? runAsHunk(run) : smallestChange(run, (text) => text.includes(values))],
      })
    }
  }
  return sightings
}

/** A host, port, path or key of the changed settings that an error message names. */
function valuesNamed(scene: Scene, lines: readonly string[]): string | null {
  const texts = [
    ...scene.symptoms.exceptions.slice(0, 6).flatMap(({ chain }) => chain.map(({ message }) => message)),
    ...scene.symptoms.messages
      .filter(({ severityText }) => /ERROR|FATAL|WARN/.test(severityText))
      .slice(0, 20)
      .map(({ template }) => template),
  ].join('\n')
  const values = lines.flatMap((line) => line.match(/[A-Za-z_][\w.-]{4,}[A-Za-z0-9]|\b\d{4,5}\b/g) ?? [])
  const telling = values.filter((value) => /[A-Z_]{4,}|[a-z][.-][a-z]|^\d{4,5}$/.test(value))
  return (
    telling.find((value) => new RegExp(`(?<![\\w-])${value.replaceAll('.', '\\.')}(?![\\w-])`).test(texts)) ??
    null
  )
}
