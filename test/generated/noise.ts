import type { Change } from '../small-history.ts'
import type { Chance } from './model.ts'

/** A believable commit that breaks nothing; `merged` is the subject of the merge that brought it. */
export type Noise = { readonly subject: string; readonly change: Change; readonly merged?: string }

type Tree = ReadonlyMap<string, string>
type Style = { readonly head: RegExp; readonly comment: string; readonly mark: (name: string) => string }

const JAVASCRIPT: Style = {
  head: /^(?:export )?(?:async )?function\*? (\w+)\(.*\{$/,
  comment: '//',
  mark: (name) => `  performance.mark('${name}')`,
}
const PYTHON: Style = {
  head: /^def (\w+)\(.*:$/,
  comment: '#',
  mark: (name) => `    logging.debug("${name}")`,
}
const styleOf = (path: string): Style => (path.endsWith('.py') ? PYTHON : JAVASCRIPT)

/** Some commit on the tree as it stands, of the kinds that fill any history: half of them touch the failing files. */
export function noiseOn(tree: Tree, failing: readonly string[], chance: Chance): Noise {
  const sources = [...tree.keys()].filter((path) => /^(?:src|parcels)\/.*\.(?:js|py)$/.test(path))
  const near = sources.filter((path) => failing.includes(path))
  const path = chance.next() < 0.5 && near.length > 0 ? chance.pick(near) : chance.pick(sources)
  const noise = chance.pick([
    explained,
    explained,
    marked,
    marked,
    extended,
    extended,
    documented,
    tested,
    ci,
    rewritten,
  ])
  const made = noise(path, tree, chance)
  const number = chance.between(100, 999)
  return chance.next() < 0.2 ? { ...made, merged: `Merge pull request #${number}` } : made
}

type Kind = (path: string, tree: Tree, chance: Chance) => Noise

const nameOf = (path: string): string => /([\w-]+)\.\w+$/.exec(path)?.[1] ?? path

/** The tree's text with lines put in before or after the head of a function. */
function atFunction(path: string, tree: Tree, { chance, lines }: Placing): { text: string; name: string } {
  const text = (tree.get(path) ?? '').split('\n')
  const { head } = styleOf(path)
  const heads = text.flatMap((line, at) => (head.test(line) ? [at] : []))
  if (heads.length === 0)
    return { text: `${text.join('\n')}${styleOf(path).comment} Nothing else.\n`, name: nameOf(path) }
  const at = chance.pick(heads)
  const name = head.exec(text[at] ?? '')?.[1] ?? ''
  const [above, below] = lines(name)
  text.splice(at, 1, ...above, text[at] ?? '', ...below)
  return { text: text.join('\n'), name }
}

type Placing = {
  readonly chance: Chance
  readonly lines: (name: string) => readonly [above: readonly string[], below: readonly string[]]
}

const explained: Kind = (path, tree, chance) => {
  const word = chance.pick(['Called by the shop.', 'Keeps the order.', 'See the handbook.', 'Cheap enough.'])
  const lines: Placing['lines'] = () => [[`${styleOf(path).comment} ${word}`], []]
  const { text, name } = atFunction(path, tree, { chance, lines })
  return { subject: `Explain ${name}`, change: { [path]: text } }
}

const marked: Kind = (path, tree, chance) => {
  const { text, name } = atFunction(path, tree, { chance, lines: (one) => [[], [styleOf(path).mark(one)]] })
  return { subject: `Measure ${name}`, change: { [path]: text } }
}

const extended: Kind = (path, tree, chance) => {
  const subject = chance.pick(['weight', 'owner', 'route', 'depot', 'colour', 'stamp'])
  const suffix = chance.between(10, 99)
  const added = path.endsWith('.py')
    ? `\n\ndef ${subject}_of_${suffix}(parcel):\n    return parcel.${subject} if parcel else None\n`
    : `\nexport function ${subject}Of${suffix}(parcel) {\n  return parcel ? parcel.${subject} : null\n}\n`
  return {
    subject: `Ask parcels for their ${subject}`,
    change: { [path]: `${tree.get(path) ?? ''}${added}` },
  }
}

const documented: Kind = (path, tree, chance) => ({
  subject: `Say more of ${nameOf(path)}`,
  change: { 'README.md': `${tree.get('README.md') ?? ''}\nSee ${path} (${chance.between(1, 999)}).\n` },
})

const tested: Kind = (path, _tree, chance) => {
  const number = chance.between(1, 999)
  const change: Change = path.endsWith('.py')
    ? { [`tests/test_${nameOf(path)}_${number}.py`]: `def test_${nameOf(path)}():\n    assert "${path}"\n` }
    : {
        [`test/${nameOf(path)}-${number}.test.js`]: `test('${nameOf(path)}', () => expect('${path}').toBeTruthy())\n`,
      }
  return { subject: `Test ${nameOf(path)}`, change }
}

const ci: Kind = (_path, _tree, chance) => ({
  subject: 'Newer runner',
  change: {
    '.github/workflows/ci.yml': `on: push\njobs:\n  test:\n    runs-on: ubuntu-${chance.between(20, 99)}.04\n`,
  },
})

/** A larger piece of work beside the failing code, in the same words. */
const rewritten: Kind = (path, tree, chance) => {
  const number = chance.between(10, 99)
  const isPython = path.endsWith('.py')
  const folder = isPython ? 'parcels/reports' : 'src/reports'
  const fields = ['id', 'state', 'size', 'kilos', 'options', 'items', 'cursor', 'month']
  const parts = chance
    .shuffled(fields)
    .map((field) =>
      isPython
        ? `def ${field}_column_${number}(rows):\n    cells = [row["${field}"] for row in rows]\n    return ",".join(cells)\n`
        : `export function ${field}Column${number}(rows) {\n  const cells = rows.map((row) => row.${field})\n  return cells.join(',')\n}\n`,
    )
  const near = isPython
    ? `${tree.get(path) ?? ''}\n\nREPORT_${number} = "${nameOf(path)}"\n`
    : `${tree.get(path) ?? ''}\nexport const report${number} = '${nameOf(path)}'\n`
  const file = `${folder}/report_${number}.${isPython ? 'py' : 'js'}`
  return {
    subject: `Rework reports of ${nameOf(path)}`,
    change: { [file]: parts.join(isPython ? '\n\n' : '\n'), [path]: near },
  }
}
