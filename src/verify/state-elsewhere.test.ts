import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '../../test/small-program.ts'
import { stateElsewhere } from './state-elsewhere.ts'

const none = { root: '/copy', files: [], outbound: [], writes: [] }
const asked = (env: NodeJS.ProcessEnv, command: readonly string[] = ['python3', 'app.py']) =>
  stateElsewhere({ ...none, invocation: { command, cwd: '/copy', env } })

describe('stateElsewhere', () => {
  test.each([
    [{}, /^nothing$/],
    [{ PATH: '/usr/bin', HOME: '/root', PORT: '8000', HOST: '0.0.0.0', HOSTNAME: 'vm' }, /^nothing$/],
    [{ DATABASE_URL: 'sqlite:////copy/app.db' }, /^nothing$/],
    [{ DATABASE_URL: 'sqlite:///app.db' }, /^nothing$/],
    [{ DB_PATH: '/copy/data/app.db' }, /^nothing$/],
    [{ npm_config_registry: 'https://registry.npmjs.org/', http_proxy: 'http://proxy:3128' }, /^nothing$/],
    [{ FLASK_RUN_HOST: '127.0.0.1', SERVICE_NAME: 'shop' }, /^nothing$/],
    [{ DATABASE_URL: 'postgresql://u@db/shop' }, /^DATABASE_URL names/],
    [{ SQLALCHEMY_DATABASE_URI: 'mysql+pymysql://u@db/shop' }, /^SQLALCHEMY_DATABASE_URI/],
    [{ SPRING_DATASOURCE_URL: 'jdbc:postgresql://db/shop' }, /^SPRING_DATASOURCE_URL/],
    [{ PGHOST: 'db' }, /^PGHOST/],
    [{ MYSQL_HOST: '127.0.0.1' }, /^MYSQL_HOST/],
    [{ REDIS_URL: 'cache:6379' }, /^REDIS_URL/],
    [{ KUBERNETES_SERVICE_HOST: '10.0.0.1', GITHUB_API_URL: 'https://api.example' }, /^nothing$/],
    [{ XDG_DATA_HOME: '/root/.local/share' }, /^nothing$/],
  ])('environment %o', async (env, expected) => {
    expect((await asked(env)) ?? 'nothing').toMatch(expected)
  })

  test.each([
    [{ PAYMENT_API_URL: 'https://pay.example' }, /^PAYMENT_API_URL/],
    [{ DB_PATH: '/var/lib/app.db' }, /^DB_PATH/],
    [{ UPLOAD_DIR: '/srv/uploads' }, /^UPLOAD_DIR/],
  ])('environment %o, where the source names it', async (env, expected) => {
    using folder = temporaryFolder()
    writeFileSync(join(folder.path, 'app.py'), `x = os.environ['${Object.keys(env)[0]}']`)
    const invocation = { command: ['x'], cwd: folder.path, env }
    const question = { ...none, invocation, root: folder.path }
    expect((await stateElsewhere({ ...question, files: ['app.py'] })) ?? 'nothing').toMatch(expected)
    expect(await stateElsewhere(question)).toBeNull()
  })

  test('arguments, connections and files that were seen', async () => {
    expect(await asked({}, ['app', '--db', 'mongodb://db/shop'])).toMatch(/argument/)
    const invocation = { command: ['x'], cwd: '/copy', env: {} }
    expect(await stateElsewhere({ ...none, invocation, outbound: ['10.0.0.1:5432'] })).toContain(
      '10.0.0.1:5432',
    )
    expect(await stateElsewhere({ ...none, invocation, writes: ['/var/lib/x.db'] })).toContain(
      '/var/lib/x.db',
    )
  })

  test.each([
    ['.env', 'DEBUG=1\nDATABASE_URL=postgres://u@db/shop\n', /\.env names a database/],
    ['config/settings.py', 'URI = "mysql://db/x"\n', /settings\.py/],
    ['package.json', '{"dependencies": {"pg": "^8"}}', /asks for pg/],
    ['requirements.txt', 'flask\npsycopg2-binary==2.9\n', /asks for psycopg2-binary/],
    ['go.mod', 'require github.com/lib/pq v1.10.9\n', /lib\/pq/],
    ['package.json', '{"dependencies": {"express": "^5", "pgn-parser": "1"}}', /^nothing$/],
    ['requirements.txt', 'flask\nrequests\n', /^nothing$/],
    ['config.yml', 'database: sqlite:///app.db\n', /^nothing$/],
    ['notes.md', 'postgres://u@db/shop', /^nothing$/],
  ])('%s in the work tree: %s', async (file, text, expected) => {
    using folder = temporaryFolder()
    const name = file.split('/').at(-1) ?? ''
    writeFileSync(join(folder.path, name), text)
    const invocation = { command: ['x'], cwd: folder.path, env: {} }
    const answer = await stateElsewhere({ ...none, invocation, root: folder.path, files: [name] })
    expect(answer ?? 'nothing').toMatch(expected)
  })
})
