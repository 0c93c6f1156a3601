import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '../../test/small-program.ts'
import type { ChangedHunk } from './commit-candidate.ts'
import { proposeFixes } from './propose-fixes.ts'
import type { FixInput } from './propose-fixes.ts'
import { explainSource } from './explain-source.ts'

type Story = {
  readonly file: string
  /** The file before the culprit, after it, and after each later commit. */
  readonly versions: readonly string[]
  readonly fixed: string
  readonly failing?: string
  readonly exceptionType?: string
  readonly message?: string
  readonly releaseStopped?: boolean
}

const CULPRIT = 'c'.repeat(40)

/** Git as `diff --no-index` and `apply` need it: they know no repository. Git says 1 where two files differ. */
function git(folder: string, ...args: readonly string[]): string {
  const env = { ...process.env, GIT_CEILING_DIRECTORIES: dirname(folder), GIT_CONFIG_GLOBAL: '/dev/null' }
  const { status, stdout, stderr } = spawnSync('git', args, { cwd: folder, env, encoding: 'utf8' })
  if (status !== 0 && status !== 1) throw new Error(`git ${args.join(' ')}: ${stderr}`)
  return stdout
}

function write(folder: string, name: string, text: string): string {
  const path = join(folder, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  return path
}

/** The hunks of the culprit as git prints them. */
function culpritOf(folder: string, { file, versions: [before = '', after = ''] }: Story): ChangedHunk[] {
  const [old, now] = [write(folder, 'old/file', before), write(folder, 'now/file', after)]
  return hunksOf(git(folder, 'diff', '--no-index', old, now), file)
}

function hunksOf(diff: string, file: string): ChangedHunk[] {
  return diff
    .split(/^(?=@@ )/m)
    .slice(1)
    .map((part) => {
      const [head = '', ...lines] = part.replace(/\n$/, '').split('\n')
      const [, oldStart = '1', newStart = '1'] = /-(\d+)\S* \+(\d+)/.exec(head) ?? []
      return {
        file,
        oldStart: Number(oldStart),
        newStart: Number(newStart),
        lines: lines.filter((line) => !line.startsWith('\\')),
      }
    })
}

async function fixOf(
  story: Story,
  withHistory: boolean,
): Promise<{ text: string; patch: string | null; why: string }> {
  using folder = temporaryFolder()
  const { file, versions } = story
  const current = versions.at(-1) ?? ''
  const readFile = async (path: string): Promise<string | null> => (path === file ? current : null)
  const line =
    story.failing === undefined
      ? -1
      : current.split('\n').findIndex((each) => each.includes(story.failing ?? '')) + 1
  const input: FixInput = {
    explanation: await explainSource(
      { readFile },
      { file, line, exceptionType: story.exceptionType ?? null },
    ),
    nondeterministic: false,
    culprit: { sha: CULPRIT, subject: 'step 1', hunks: culpritOf(folder.path, story) },
    exceptionType: story.exceptionType ?? null,
    message: story.message ?? null,
    releaseStopped: story.releaseStopped ?? false,
  }
  const kept = new Map([
    [`${CULPRIT}^:${file}`, versions[0]],
    [`${CULPRIT}:${file}`, versions[1]],
  ])
  const readAt = async (revision: string, path: string): Promise<string | null> =>
    kept.get(`${revision}:${path}`) ?? null
  const fixes = await proposeFixes(withHistory ? { readFile, readAt } : { readFile }, input)
  const fix = fixes.find(({ kind }) => kind === 'remove-cause')
  if (fix === undefined || fix.patch === null)
    return { text: current, patch: null, why: fix?.description ?? 'no fix' }
  const fixed = write(folder.path, file, current)
  git(folder.path, 'apply', write(folder.path, 'fix.patch', fix.patch))
  return { text: readFileSync(fixed, 'utf8'), patch: fix.patch, why: fix.description }
}

const shortener = (
  call: string,
  extras: { notFound: string; log: string; top: string },
): string => `from flask import Flask, render_template, request, redirect
import json
${extras.top}
application = Flask(__name__)


@application.route('/your-url', methods=['POST'])
def your_url():
    urls = {}
    if os.path.exists('urls.json'):
        with open('urls.json') as urls_file:
            urls = ${call}
${extras.log}
    if request.form['code'] in urls:
        return redirect('/')
    return render_template('your_url.html')


@application.errorhandler(404)
def page_not_found(error):
    return ${extras.notFound}
`

const sites = (kinds: readonly string[], extra: string): string =>
  ['users', 'orders', 'items']
    .map((table, index) => {
      const body = [
        `rows = conn.execute("select * from ${table}")`,
        ...(extra === '' ? [] : [extra]),
        'result = list(rows)',
      ]
      const lines =
        kinds[index] === 'with'
          ? ['    with pool.connection() as conn:', ...body.map((line) => `        ${line}`)]
          : ['    conn = pool.getconn()', ...body.map((line) => `    ${line}`)]
      return [`def ${table}():`, ...lines, '    return result', ''].join('\n')
    })
    .join('\n\n')

const stories: Record<string, Story> = {
  'only the telling call of a commit with other edits': {
    file: 'application.py',
    versions: [
      shortener('json.load(urls_file)', { notFound: `'not found', 404`, log: '', top: '' }),
      shortener('json.loads(urls_file)', {
        notFound: `render_template('404.html'), 404`,
        log: `    flash('done')`,
        top: 'import os',
      }),
      shortener('json.loads(urls_file)', {
        notFound: `render_template('404.html'), 404`,
        log: `    flash('done')\n    audit(request)`,
        top: 'import os\nimport logging\n\nlog = logging.getLogger(__name__)',
      }),
    ],
    fixed: shortener('json.load(urls_file)', {
      notFound: `render_template('404.html'), 404`,
      log: `    flash('done')\n    audit(request)`,
      top: 'import os\nimport logging\n\nlog = logging.getLogger(__name__)',
    }),
    failing: 'json.loads',
    exceptionType: 'TypeError',
    message: 'the JSON object must be str, bytes or bytearray, not TextIOWrapper',
  },
  'a call that a later commit gave an argument': {
    file: 'a.py',
    versions: [
      'import json\n\ndef f(p):\n    return json.load(p)\n',
      'import json\n\ndef f(p):\n    return json.loads(p)\n\ndef g():\n    pass\n',
      'import json\n\ndef f(p):\n    return json.loads(p, strict=False)\n\ndef g():\n    pass\n',
    ],
    fixed: 'import json\n\ndef f(p):\n    return json.load(p, strict=False)\n\ndef g():\n    pass\n',
    failing: 'json.loads',
  },
  'a Python with-block whose body was edited and extended since': {
    file: 'src/orders db.py',
    versions: [
      `def orders(user):
    with pool.connection() as conn:
        cur = conn.execute("select 1", user)
        rows = cur.fetchall()
    return rows


def other():
    pass
`,
      `def orders(user):
    conn = pool.getconn()
    cur = conn.execute("select 1", user)
    rows = cur.fetchall()
    return rows


def other():
    return 1
`,
      `import logging


def orders(user, limit):
    conn = pool.getconn()
    cur = conn.execute("select 1 limit %s", user, limit)
    log.info("orders %s", conn.status)
    rows = cur.fetchall()
    return rows


def other():
    return 1
`,
    ],
    fixed: `import logging


def orders(user, limit):
    with pool.connection() as conn:
        cur = conn.execute("select 1 limit %s", user, limit)
        log.info("orders %s", conn.status)
        rows = cur.fetchall()
    return rows


def other():
    return 1
`,
    releaseStopped: true,
    message: 'QueuePool limit of size 5 overflow 10 reached, connection timed out',
  },
  'a Python try/finally that was flattened': {
    file: 'a.py',
    versions: [
      `def total(self):
    conn = self.pool.getconn()
    try:
        cur = conn.cursor()
        cur.execute("select sum(x)")
        return cur.fetchone()[0]
    finally:
        self.pool.putconn(conn)
`,
      `def total(self):
    conn = self.pool.getconn()
    cur = conn.cursor()
    cur.execute("select sum(x)")
    return cur.fetchone()[0]
`,
      `def total(self):
    conn = self.pool.getconn()
    cur = conn.cursor()
    cur.execute("select sum(x) from t")
    self.metrics.incr("total")
    return cur.fetchone()[0]


def more():
    pass
`,
    ],
    fixed: `def total(self):
    conn = self.pool.getconn()
    try:
        cur = conn.cursor()
        cur.execute("select sum(x) from t")
        self.metrics.incr("total")
        return cur.fetchone()[0]
    finally:
        self.pool.putconn(conn)


def more():
    pass
`,
    releaseStopped: true,
  },
  'a JavaScript finally with release': {
    file: 'db.js',
    versions: [
      `async function find(id) {
  const client = await pool.connect()
  try {
    const { rows } = await client.query('select 1', [id])
    return rows[0]
  } finally {
    client.release()
  }
}

module.exports = { find }
`,
      `async function find(id) {
  const client = await pool.connect()
  const { rows } = await client.query('select 1', [id])
  return rows[0]
}

module.exports = { find }
`,
      `const log = require('./log')

async function find(id) {
  const client = await pool.connect()
  const { rows } = await client.query('select 1 where id = $1', [id])
  if (rows.length === 0) {
    return null
  }
  return rows[0]
}

module.exports = { find }
`,
    ],
    fixed: `const log = require('./log')

async function find(id) {
  const client = await pool.connect()
  try {
    const { rows } = await client.query('select 1 where id = $1', [id])
    if (rows.length === 0) {
      return null
    }
    return rows[0]
  } finally {
    client.release()
  }
}

module.exports = { find }
`,
    releaseStopped: true,
  },
  'a Java try-with-resources, among other edits of the commit': {
    file: 'src/main/java/OrderDao.java',
    versions: [
      `class OrderDao {
    private static final int LIMIT = 10;

    List<Order> find(long id) throws SQLException {
        try (Connection c = ds.getConnection();
             PreparedStatement ps = c.prepareStatement(SQL)) {
            ps.setLong(1, id);
            return map(ps.executeQuery());
        }
    }
}
`,
      `class OrderDao {
    private static final int LIMIT = 20;

    List<Order> find(long id) throws SQLException {
        Connection c = ds.getConnection();
        PreparedStatement ps = c.prepareStatement(SQL);
        ps.setLong(1, id);
        return map(ps.executeQuery());
    }
}
`,
      `class OrderDao {
    private static final int LIMIT = 20;

    // ordered by time
    List<Order> find(long id) throws SQLException {
        Connection c = ds.getConnection();
        PreparedStatement ps = c.prepareStatement(SQL);
        ps.setLong(1, id);
        ps.setInt(2, LIMIT);
        return map(ps.executeQuery());
    }

    void other() { }
}
`,
    ],
    fixed: `class OrderDao {
    private static final int LIMIT = 20;

    // ordered by time
    List<Order> find(long id) throws SQLException {
        try (Connection c = ds.getConnection();
             PreparedStatement ps = c.prepareStatement(SQL)) {
            ps.setLong(1, id);
            ps.setInt(2, LIMIT);
            return map(ps.executeQuery());
        }
    }

    void other() { }
}
`,
    releaseStopped: true,
  },
  'a Go defer, with tabs': {
    file: 'store.go',
    versions: [
      `package store

func (s *Store) List() ([]Item, error) {
	rows, err := s.db.Query("select 1")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	return scan(rows)
}
`,
      `package store

func (s *Store) List() ([]Item, error) {
	rows, err := s.db.Query("select 1")
	if err != nil {
		return nil, err
	}
	return scan(rows)
}

func more() {}
`,
      `package store

func (s *Store) List(ctx context.Context) ([]Item, error) {
	rows, err := s.db.QueryContext(ctx, "select 1")
	if err != nil {
		return nil, fmt.Errorf("list: %w", err)
	}
	s.log.Info("listed")
	return scan(rows)
}

func more() {}
`,
    ],
    fixed: `package store

func (s *Store) List(ctx context.Context) ([]Item, error) {
	rows, err := s.db.QueryContext(ctx, "select 1")
	if err != nil {
		return nil, fmt.Errorf("list: %w", err)
	}
	defer rows.Close()
	s.log.Info("listed")
	return scan(rows)
}

func more() {}
`,
    releaseStopped: true,
  },
  'a C# using': {
    file: 'Repo.cs',
    versions: [
      `class Repo {
    public async Task<int> Count() {
        using var conn = new NpgsqlConnection(cs);
        await conn.OpenAsync();
        return await conn.ExecuteScalarAsync<int>("select 1");
    }
}
`,
      `class Repo {
    public async Task<int> Count() {
        var conn = new NpgsqlConnection(cs);
        await conn.OpenAsync();
        return await conn.ExecuteScalarAsync<int>("select 1");
    }
}
`,
      `class Repo {
    public async Task<int> Count(CancellationToken token) {
        var conn = new NpgsqlConnection(cs);
        await conn.OpenAsync(token);
        return await conn.ExecuteScalarAsync<int>("select 2");
    }
}
`,
    ],
    fixed: `class Repo {
    public async Task<int> Count(CancellationToken token) {
        using var conn = new NpgsqlConnection(cs);
        await conn.OpenAsync(token);
        return await conn.ExecuteScalarAsync<int>("select 2");
    }
}
`,
    releaseStopped: true,
  },
  'a release at two of three sites that look the same': {
    file: 'repo.py',
    versions: [
      sites(['with', 'with', 'with'], ''),
      sites(['leak', 'with', 'leak'], ''),
      sites(['leak', 'with', 'leak'], 'audit(conn)'),
    ],
    fixed: sites(['with', 'with', 'with'], 'audit(conn)'),
    releaseStopped: true,
  },
  'a with-block that a later commit put under a condition': {
    file: 'repo.py',
    versions: [
      'def f(x):\n    with get() as c:\n        a = c.one(x)\n        b = c.two(x)\n    return a + b\n',
      'def f(x):\n    c = get()\n    a = c.one(x)\n    b = c.two(x)\n    return a + b\n',
      'def f(x):\n    a = b = 0\n    if x:\n        c = get()\n        a = c.one(x)\n        b = c.two(x)\n    return a + b\n',
    ],
    fixed:
      'def f(x):\n    a = b = 0\n    if x:\n        with get() as c:\n            a = c.one(x)\n            b = c.two(x)\n    return a + b\n',
    releaseStopped: true,
  },
  'a block whose lines were rewritten as it lost its release': {
    file: 'repo.py',
    versions: [
      'def f(x):\n    with get() as c:\n        return c.execute(Q).fetchall()\n',
      'def f(x):\n    c = get()\n    cur = c.execute(Q2, x)\n    return cur.fetchall()\n',
      'import q\n\ndef f(x):\n    c = get()\n    cur = c.execute(Q2, x)\n    return cur.fetchall()\n',
    ],
    fixed: 'import q\n\ndef f(x):\n    with get() as c:\n        return c.execute(Q).fetchall()\n',
    releaseStopped: true,
  },
  'an early return in front of the release': {
    file: 'repo.rb',
    versions: [
      'def f(x)\n  c = POOL.checkout\n  rows = c.exec(x)\n  POOL.checkin(c)\n  rows\nend\n',
      'def f(x)\n  c = POOL.checkout\n  rows = c.exec(x)\n  return [] if rows.empty?\n  POOL.checkin(c)\n  rows\nend\n',
      'def f(x)\n  c = POOL.checkout\n  rows = c.exec(x, 1)\n  return [] if rows.empty?\n  POOL.checkin(c)\n  rows\nend\n',
    ],
    fixed: 'def f(x)\n  c = POOL.checkout\n  rows = c.exec(x, 1)\n  POOL.checkin(c)\n  rows\nend\n',
    releaseStopped: true,
  },
  'the import that the restored line needs': {
    file: 'repo.py',
    versions: [
      'from contextlib import closing\nimport db\n\nLIMIT = 1\n\n\ndef f(x):\n    with closing(db.open()) as c:\n        return c.all(x)\n',
      'import db\n\nLIMIT = 2\n\n\ndef f(x):\n    c = db.open()\n    return c.all(x)\n',
      'import db\n\nLIMIT = 2\n\n\ndef f(x, y):\n    c = db.open()\n    return c.all(x, y)\n',
    ],
    fixed:
      'from contextlib import closing\nimport db\n\nLIMIT = 2\n\n\ndef f(x, y):\n    with closing(db.open()) as c:\n        return c.all(x, y)\n',
    releaseStopped: true,
  },
  'the line that gave the file its name, with the telling call': {
    file: 'app.py',
    versions: [
      'import json\n\n\ndef load(p):\n    with open(p) as urls_file:\n        return json.load(urls_file)\n\n\ndef a():\n    return 1\n',
      'import json\n\n\ndef load(p):\n    with open(p, "r") as data:\n        return json.loads(data)\n\n\ndef a():\n    return 2\n',
      'import json\n\n\ndef load(p):\n    with open(p, "r") as data:\n        return json.loads(data)\n\n\ndef a():\n    return 2\n\n\ndef b():\n    return 3\n',
    ],
    fixed:
      'import json\n\n\ndef load(p):\n    with open(p) as urls_file:\n        return json.load(urls_file)\n\n\ndef a():\n    return 2\n\n\ndef b():\n    return 3\n',
    failing: 'json.loads',
  },
  'a renamed key that is read elsewhere': {
    file: 'rows.js',
    versions: [
      'const toRow = (user) => ({\n  name: user.name,\n  mail: user.mail,\n})\n\nconst LIMIT = 10\n\nfunction show(row) {\n  return row.name.trim()\n}\n',
      'const toRow = (user) => ({\n  fullName: user.name,\n  mail: user.mail,\n})\n\nconst LIMIT = 20\n\nfunction show(row) {\n  return row.name.trim()\n}\n',
      'const toRow = (user) => ({\n  fullName: user.name,\n  mail: user.mail,\n  age: user.age,\n})\n\nconst LIMIT = 20\n\nfunction show(row) {\n  return row.name.trim()\n}\n',
    ],
    fixed:
      'const toRow = (user) => ({\n  name: user.name,\n  mail: user.mail,\n  age: user.age,\n})\n\nconst LIMIT = 20\n\nfunction show(row) {\n  return row.name.trim()\n}\n',
    failing: 'row.name.trim',
    exceptionType: 'TypeError',
    message: "Cannot read properties of undefined (reading 'trim')",
  },
  'the release that came in the place of the old one, not to release twice': {
    file: 'db.js',
    versions: [
      'async function f(k) {\n  const c = await pool.connect()\n  try {\n    const r = await c.query(Q, [k])\n    return r.rows\n  } catch (error) {\n    log.warn(error)\n    throw error\n  } finally {\n    c.release()\n  }\n}\n',
      'async function f(k) {\n  const c = await pool.connect()\n  try {\n    const r = await c.query(Q2, [k])\n    c.release()\n    return r.rows\n  } catch (error) {\n    log.error(error)\n    throw error\n  }\n}\n',
      'async function f(k) {\n  const c = await pool.connect()\n  try {\n    const r = await c.query(Q2, [k, 1])\n    c.release()\n    return r.rows\n  } catch (error) {\n    log.error(error)\n    throw error\n  }\n}\n',
    ],
    fixed:
      'async function f(k) {\n  const c = await pool.connect()\n  try {\n    const r = await c.query(Q2, [k, 1])\n    return r.rows\n  } catch (error) {\n    log.error(error)\n    throw error\n  } finally {\n    c.release()\n  }\n}\n',
    releaseStopped: true,
  },
  'a leak that came with new code, with its caller': {
    file: 'store.py',
    versions: [
      'def one():\n    with pool.get() as c:\n        return c.all()\n\n\nROUTES = [one]\n',
      'def one():\n    with pool.get() as c:\n        return c.all()\n\n\ndef two():\n    c = pool.get()\n    return c.all()\n\n\nROUTES = [one, two]\n',
      '# store\ndef one():\n    with pool.get() as c:\n        return c.all()\n\n\ndef two():\n    c = pool.get()\n    return c.all()\n\n\nROUTES = [one, two]\n',
    ],
    fixed: '# store\ndef one():\n    with pool.get() as c:\n        return c.all()\n\n\nROUTES = [one]\n',
    releaseStopped: true,
  },
  'a Go log line together with the import that only it used': {
    file: 'store.go',
    versions: [
      'package s\n\nimport (\n\t"context"\n)\n\nfunc f(ctx context.Context) {\n\tc := pool.Get()\n\tdefer c.Release()\n\tc.Do()\n}\n',
      'package s\n\nimport (\n\t"context"\n\t"log/slog"\n)\n\nfunc f(ctx context.Context) {\n\tc := pool.Get()\n\tc.Do()\n\tslog.Info("done")\n\tc.Release()\n}\n',
      'package s\n\nimport (\n\t"context"\n\t"log/slog"\n)\n\nvar x = 1\n\nfunc f(ctx context.Context) {\n\tc := pool.Get()\n\tc.Do()\n\tslog.Info("done")\n\tc.Release()\n}\n',
    ],
    fixed:
      'package s\n\nimport (\n\t"context"\n)\n\nvar x = 1\n\nfunc f(ctx context.Context) {\n\tc := pool.Get()\n\tdefer c.Release()\n\tc.Do()\n}\n',
    releaseStopped: true,
  },
  'a timeout in a configuration file': {
    file: 'config.yaml',
    versions: [
      'pool:\n  size: 10\n  timeout: 30\nlog: info\n',
      'pool:\n  size: 10\n  timeout: 1\nlog: debug\n',
      '# main\npool:\n  size: 10\n  timeout: 1\nlog: debug\n',
    ],
    fixed: '# main\npool:\n  size: 10\n  timeout: 30\nlog: debug\n',
    message: 'connection timeout after 1 s',
  },
  'CRLF, no last newline': {
    file: 'a b/ü.js',
    versions: [
      'function f() {\r\n  return parse(x)\r\n}\r\nconst y = 1',
      'function f() {\r\n  return parseAll(x)\r\n}\r\nconst y = 2',
      '// é\r\nfunction f() {\r\n  return parseAll(x)\r\n}\r\nconst y = 2',
    ],
    fixed: '// é\r\nfunction f() {\r\n  return parse(x)\r\n}\r\nconst y = 2',
    failing: 'parseAll',
  },
}

describe.each([true, false])('with the history at hand: %s', (withHistory) => {
  test.each(Object.entries(stories))('takes back %s', async (_name, story) => {
    const { text } = await fixOf(story, withHistory)
    expect(text).toBe(story.fixed)
  })
})
