import { expect, test } from 'vitest'
import { createCatalogue } from './catalogue.ts'
import type { Fault, FaultKind } from './fault.ts'

const HEAD = `# Faults

What \`firebreak lab break\` can do to the lab's shop. Everything here really happens: no figure is changed, a fault is
put into the running system, and its symptoms follow. This page is written from \`src/lab/faults/\`;
\`npx vitest run --project unit src/lab/faults --update\` renews it.

    firebreak lab faults                              the catalogue
    firebreak lab break payment-slow --level hard     in; returns when it is
    firebreak lab break surprise                      something, drawn from 64 random bits
    firebreak lab mend                                out; returns when the system is as before

**Levels** are \`mild\`, \`normal\` and \`hard\`; \`normal\` is what a drill uses. A **lease** of 15 minutes takes a fault back
by itself. When the lab goes down, or dies, nothing is left: its processes end, and the next one starts from a new copy
of its database.

**The check.** Each fault remembers how the system was, and looks at the system, not at what was asked of it: the
sessions of the database, the state of a process, lines in a log, the share of requests that fail. A test runs every
fault on a system whose verbs do nothing, and every check has to fail there. A control passes when users feel nothing.

**The truth** (trigger → component → mechanism → symptom, the cause, other answers that are as right, the commit, when
it was put in and when users began to feel it) stands in the operator's own folder; only the operator's API reads it.
Whoever responds sees the shop as a stranger's system: names of commits, files, processes and people are neutral.

**A release fault** is a real commit with a neutral message, at one of three or more places that the seed draws, among
5–12 innocent commits of the same deploy. \`mild\` is a canary on one instance.

**\`surprise\`** draws a kind, a fault of it, its level, a pause before it and harmless decoys beside it. Some surprises
are controls: then nothing is wrong, and saying so is the right answer.

What was measured of each is in [bench/RESULTS.md](../bench/RESULTS.md); \`node bench/faults.ts\` measures it again.`

const TITLES: Readonly<Record<FaultKind, string>> = {
  release: 'Releases',
  database: 'Database',
  dependency: 'Dependencies',
  process: 'Processes and host',
  configuration: 'Configuration',
  load: 'Load',
  compound: 'Compound',
  control: 'Controls: users feel nothing',
}

function levelsOf({ levels }: Fault): string {
  return Object.entries(levels)
    .map(([level, parameters]) => {
      const numbers = Object.entries(parameters).map(([name, value]) => `${name} ${value}`)
      return numbers.length === 0 ? `\`${level}\`` : `\`${level}\` (${numbers.join(', ')})`
    })
    .join(' · ')
}

function section(fault: Fault): string {
  const causes = fault.causes.map((cause) => `\`${cause}\``).join(', ')
  return [
    `### \`${fault.name}\``,
    `${fault.summary}.`,
    [
      `- **Where:** ${fault.where}`,
      `- **What happens:** ${fault.mechanism}`,
      ...(fault.symptoms.length === 0 ? [] : [`- **Seen as:** ${fault.symptoms.join('; ')}`]),
      ...(causes === '' ? [] : [`- **Right diagnoses:** ${causes}`]),
      `- **Levels:** ${levelsOf(fault)}`,
    ].join('\n'),
  ].join('\n\n')
}

test('docs/faults.md is what the catalogue says', async () => {
  const catalogue = createCatalogue(async () => ({ head: '', culprit: null }))
  const sections = Object.entries(TITLES).map(([kind, title]) => {
    const faults = catalogue.filter((fault) => fault.kind === kind)
    return [`## ${title}`, ...faults.map(section)].join('\n\n')
  })
  await expect(`${[HEAD, ...sections].join('\n\n')}\n`).toMatchFileSnapshot('../../../docs/faults.md')
})
