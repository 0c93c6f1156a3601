/** What a changed file is for: it decides what a change of it can do to a running system. */
export type FileRole =
  | 'source'
  | 'test'
  | 'documentation'
  | 'type-declaration'
  | 'continuous-integration'
  | 'dependency'
  | 'configuration'
  | 'migration'
  | 'other'

type RoleRule = readonly [FileRole, RegExp]

// The first rule that matches decides, so the order matters: a test of a migration is a test.
const rules: readonly RoleRule[] = [
  [
    'continuous-integration',
    /(^|\/)(\.github|\.circleci|\.gitlab|\.buildkite|\.azure-pipelines|\.ci|\.husky|\.vscode|\.idea)\/|(^|\/)(\.travis\.yml|\.gitlab-ci\.yml|azure-pipelines\.yml|appveyor\.yml|Jenkinsfile|tox\.ini|noxfile\.py|codecov\.yml|\.pre-commit-config\.yaml|\.editorconfig|\.gitignore|\.gitattributes|\.eslint[^/]*|\.prettier[^/]*|\.flake8|mypy\.ini|\.pylintrc|\.golangci\.ya?ml|\.readthedocs\.ya?ml|CODEOWNERS|renovate\.json)$/i,
  ],
  [
    'test',
    /(^|\/)(tests?|spec|specs|__tests__|__mocks__|testing|testdata|fixtures?|e2e|benchmarks?|[\w.]+\.Tests?)\/|(^|\/)(test_[^/]*|conftest)\.py$|_tests?\.(py|go|rb|rs|exs)$|[._-](test|spec|bench)\.[cm]?[jt]sx?$|(Tests?|IT|Spec)\.(java|kt|cs|php|scala|groovy)$|_spec\.rb$/,
  ],
  [
    'dependency',
    /(^|\/)(package(-lock)?\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|requirements[^/]*\.(txt|in)|requirements\/[^/]+\.(txt|in)|constraints[^/]*\.txt|Pipfile(\.lock)?|poetry\.lock|uv\.lock|pdm\.lock|pyproject\.toml|setup\.(py|cfg)|go\.(mod|sum)|Gemfile(\.lock)?|[^/]+\.gemspec|composer\.(json|lock)|Cargo\.(toml|lock)|pom\.xml|build\.gradle(\.kts)?|gradle\.lockfile|libs\.versions\.toml|[^/]+\.(cs|fs|vb)proj|packages\.(config|lock\.json)|Directory\.(Packages|Build)\.props)$/i,
  ],
  [
    'migration',
    /(^|\/)(migrations?|migrate|alembic\/versions|changelogs?\/db|flyway|liquibase)\/.*\.(sql|py|rb|[jt]s|php|java|go|cs|xml|ya?ml)$|(^|\/)(schema\.(sql|rb|prisma)|structure\.sql)$|\.sql$/i,
  ],
  ['type-declaration', /\.pyi$|\.d\.[cm]?ts$|(^|\/)py\.typed$/],
  [
    'documentation',
    /(^|\/)(docs?|documentation|man|examples?|screenshots?|changelog\.d|newsfragments)\/|\.(md|mdx|rst|adoc|txt|png|jpe?g|gif|svg|webp|ico|pdf|po|pot)$|(^|\/)(README|CHANGES?|CHANGELOG|HISTORY|NEWS|AUTHORS|CONTRIBUTORS|CONTRIBUTING|LICEN[CS]E|COPYING|NOTICE|MAINTAINERS|SECURITY)[^/]*$/i,
  ],
  [
    'configuration',
    /(^|\/)(config|conf|settings|deploy|deployment|k8s|kubernetes|helm|charts|manifests|terraform|ansible|nginx|infra)\/.*\.(ya?ml|json|toml|ini|conf|cfg|properties|env|tf|tfvars|xml|tpl)$|\.(ya?ml|toml|ini|conf|cfg|properties|env|tf|tfvars|hcl)$|(^|\/)(\.env[^/]*|Dockerfile[^/]*|docker-compose[^/]*|Procfile|Makefile|appsettings[^/]*\.json|config\.json|web\.config|app\.config)$/i,
  ],
  [
    'source',
    /\.(py|pyx|[cm]?[jt]sx?|vue|svelte|java|kt|kts|scala|groovy|go|rb|erb|rake|php|cs|cshtml|fs|vb|rs|c|h|cc|cpp|hpp|cxx|m|mm|swift|ex|exs|erl|clj|lua|pl|pm|sh|bash|hs|dart|html|jinja2?|ejs|hbs|graphql|proto)$/i,
  ],
]

/** What the file at `path` is for, by its place and name alone. */
export function fileRole(path: string): FileRole {
  return rules.find(([, pattern]) => pattern.test(path))?.[0] ?? 'other'
}

// A library for tests is a library: what runs in production is no test, whatever its folder is called.
const TEST_NAME =
  /(^|\/)(test_[^/]*|conftest)\.py$|_tests?\.(py|go|rb|rs|exs)$|[._-](test|spec|bench)\.[cm]?[jt]sx?$/

/** The same, knowing that the file is in a failing trace. */
export function tracedFileRole(path: string): FileRole {
  const role = fileRole(path)
  return role === 'test' && !TEST_NAME.test(path) ? 'source' : role
}

/** Can a change of such a file change what a running system does? */
export function isRuntimeRole(role: FileRole): boolean {
  return !['test', 'documentation', 'type-declaration', 'continuous-integration'].includes(role)
}
