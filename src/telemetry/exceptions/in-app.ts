import type { ExceptionChain, StackFrame } from '../exception.ts'

/** Paths that package managers, language installations and build machines of runtimes use, in any language. */
const LIBRARY_PATHS = new RegExp(
  [
    '(?:^|/)(?:site-packages|dist-packages|node_modules|bower_components|third[_-]party|jspm_packages)/',
    '(?:^|/)(?:vendor|gems|bundler|\\.bundle|\\.gem|\\.rvm|\\.rbenv|\\.pyenv|\\.nvm|\\.yarn|\\.pnpm-store)/',
    '(?:^|/)(?:venv|\\.venv|virtualenvs?|\\.virtualenvs|\\.tox|\\.nox|conda|miniconda3?|anaconda3?)/',
    '(?:^|/)python\\d?(?:\\.?\\d+)?(?:_lib)?/(?!.*/apps?/)',
    '/lib(?:64|32)?/(?:python|ruby|go|jvm|mono|perl|php|rustlib|gcc|node)',
    '^/usr/(?:lib|lib64|include|share|bin|sbin)/',
    '^/usr/local/(?:lib|go|bin|sbin|share|bundle|rvm)/',
    '^/(?:lib|lib64|bin|sbin)/|(?:^|/)(?:csu|sysdeps)/',
    '/(?:go|gopath)/pkg/mod/|^[^/]*/?pkg/mod/',
    '(?:^|/)go/src/(?:runtime|net|internal|reflect|sync|syscall|testing|fmt|os|encoding|bufio|io|database|html|text|crypto|strconv|sort|time|context)/',
    '/(?:goroot|hostedtoolcache/go)/|^google\\.golang\\.org/|^golang\\.org/',
    // Rails writes the gem before the path: `actionpack (7.1.2) lib/…`.
    '^[\\w-]+ \\(\\d[\\w.]*\\) ',
    '^/?rustc/|/\\.cargo/(?:registry|git)/|/cargo/registry/|/rustlib/src/|/\\.rustup/|^library/(?:std|core|alloc)/',
    '/\\.nuget/|/dotnet/|^/_/src/|^[A-Za-z]:/a/|/_work/\\d+/s/src/|^[A-Za-z]:/windows/|/program files',
    '/runtimes?/(?:python|node|ruby|php|go)',
    '/webpack/(?:bootstrap|runtime|startup)|^webpack-internal:.*/node_modules/|\\(webpack\\)',
    '@v\\d+\\.\\d+\\.\\d+[^/]*/',
  ].join('|'),
  'i',
)

/** Files that are no files of anybody's. */
const RUNTIME_FILES =
  /^(?:node:|internal\/|bootstrap_node\.js|<(?!main>|stdin>)|native$|\[internal|\(eval|evalmachine|wasm:|<internal:|_cgo|deno:|ext:|bun:|chrome-extension:|moz-extension:|resource:)/

/** Packages of the platform and of libraries that everybody knows, where a trace has no paths (JVM, .NET). */
const LIBRARY_PACKAGES = new RegExp(
  [
    '^(?:java|javax|jakarta|jdk|sun|com\\.sun|kotlin|kotlinx|scala|groovy|clojure|android|androidx|dalvik|akka|play|cats|zio|io\\.ktor)\\.',
    '^org\\.(?:springframework|apache|eclipse|hibernate|jboss|wildfly|postgresql|mariadb|mortbay|slf4j|junit|codehaus|aspectj|thymeleaf|mockito|testng|glassfish|flywaydb|liquibase|jooq|redisson|elasticsearch|opensearch|mongodb|bson|quartz|joda|mybatis|h2|hsqldb|sqlite|xerial|gradle|w3c|xml|ietf|objectweb|jetbrains|scala|scalatest|http4s|typelevel|keycloak|infinispan|owasp|bouncycastle|graalvm|neo4j|yaml|json|conscrypt|dom4j|xnio|reactivestreams|openjdk|osgi)\\.',
    '^com\\.(?:google|fasterxml|zaxxer|mysql|mongodb|amazonaws|azure|microsoft|oracle|ibm|netflix|squareup|twitter|facebook|github|lightbend|typesafe|rabbitmq|datastax|hazelcast|intellij|jetbrains|mchange|alibaba|ctc|p6spy|vladmihalcea|graphql|auth0|datadoghq|newrelic|sap|vaadin|opensymphony|thoughtworks|codahale|couchbase|esotericsoftware|beust|caucho|ning|sleepycat)\\.',
    '^io\\.(?:netty|undertow|vertx|micrometer|grpc|quarkus|micronaut|lettuce|reactivex|projectreactor|smallrye|sentry|opentelemetry|prometheus|jsonwebtoken|swagger|kubernetes|dropwizard|helidon|r2dbc|rsocket|jaegertracing|zipkin|kotest|mockk|minio|confluent|debezium|fabric8)\\.',
    '^(?:reactor|brave|redis\\.clients|net\\.sf|net\\.bytebuddy|ch\\.qos|ognl|feign|okhttp3|okio|retrofit2|rx|freemarker|antlr|oracle|net\\.sourceforge|net\\.logstash|software\\.amazon|oshi|lombok|nonapi|edu\\.umd|dev\\.langchain4j|eu\\.timepit|de\\.flapdoodle)\\.',
    '^(?:System|Microsoft|Mono|Internal|Interop|MS|Windows|FSharp|Newtonsoft|Npgsql|MySql|MySqlConnector|Oracle|MongoDB|StackExchange|RabbitMQ|Serilog|NLog|log4net|AutoMapper|MediatR|Dapper|Autofac|Castle|Polly|Hangfire|Quartz|Grpc|Google|Amazon|Azure|Refit|RestSharp|NHibernate|EntityFramework|FluentValidation|MassTransit|Moq|NUnit|Xunit|Swashbuckle|Confluent|Elasticsearch|Nest|IdentityServer4|IdentityModel|Sentry|OpenTelemetry|Topshelf|ServiceStack|Nancy|Owin|WebGrease)\\.',
  ].join('|'),
)

/** Symbols of runtimes where a frame has no file (Rust, Go, C). */
const RUNTIME_SYMBOLS =
  /^<?(?:&?(?:mut )?(?:std|core|alloc|proc_macro|test|backtrace|tokio|futures\w*|hyper|axum|actix\w*|anyhow|eyre|rayon\w*|tracing\w*|serde\w*)::|__rust|rust_|_?_start|__libc|_main$|main$|start_thread|clone3?$|__clone|_Unwind|lang_start|lambda_method|runtime\.|java\.|\{main\}$)/

/** Folders that hold many programs: what lies beside the program in one of these is somebody else's. */
const CONTAINER_FOLDERS =
  /^(?:\/?|(?:[A-Za-z]:)?\/?(?:src|build|opt|srv|home|Users|root|usr|usr\/src|usr\/local|var|var\/lib|tmp|mnt|data|go\/src|workspaces?|builds|repos?|projects|code\/src|(?:home|Users)\/[^/]+(?:\/(?:src|work|code|projects|repos|dev|git|go\/src))?|root\/(?:src|work|code|projects|repos|dev|git)))$/

/** A path as all systems write it, without what bundlers and module loaders put in front. */
function normalisePath(file: string): string {
  return file
    .replaceAll('\\', '/')
    .replace(/^file:\/\/(?=\/)/, '')
    .replace(/^webpack(?:-internal)?:\/\/(?:\/|[^/]*\/)?/, '')
    .replace(/^https?:\/\/[^/]*/, '')
    .replace(/[?#].*$/, '')
    .replace(/^(?:\.\/)+/, '')
}

/** Packages, not paths, say whose code it is: JVM frames name only `Cart.java`, .NET frames often no file at all. */
function isPackaged(frame: StackFrame): boolean {
  if (frame.file === null) return frame.function !== null
  return !/[\\/]/.test(frame.file) && /\.(?:java|kt|kts|scala|groovy|clj)$/.test(frame.file)
}

function isPlainlyLibrary(frame: StackFrame): boolean {
  const { file, function: name } = frame
  if (file !== null) {
    if (RUNTIME_FILES.test(file)) return true
    const path = normalisePath(file)
    if (LIBRARY_PATHS.test(path) || /\/node_modules\//.test(file)) return true
    if (isPackaged(frame)) return name !== null && LIBRARY_PACKAGES.test(name)
    return file.endsWith('.cs') || file.endsWith('.fs') || file.endsWith('.vb')
      ? name !== null && /^(?:System|Microsoft|Mono|Internal)\./.test(name)
      : false
  }
  return name === null || !/[.:\\>/]/.test(name) || RUNTIME_SYMBOLS.test(name) || LIBRARY_PACKAGES.test(name)
}

/** `com.acme` of `com.acme.shop.Cart.load`, `Acme` of `Acme.Shop.Cart.Load`; '' in the default package. */
function packageRoot(name: string): string {
  const parts = name.split('.').filter((part) => part !== '')
  const firstClass = parts.findIndex((part) => /^\p{Lu}/u.test(part))
  if (firstClass > 0) return parts.slice(0, Math.min(firstClass, 2)).join('.')
  // .NET writes namespaces as it writes classes: `Namespace.Class.Method`.
  return firstClass === 0 && parts.length >= 3 ? (parts[0] ?? '') : ''
}

function isEntryPoint(name: string): boolean {
  return /(?:\.|^)(?:main|Main|<Main>\$|<Main>|main\$|runMain)$/.test(name)
}

/** Whose packages are the application's: of its entry point if the trace reaches it, else everybody unknown. */
function ownPackages(frames: readonly StackFrame[]): ReadonlySet<string> | null {
  const unknown = frames.filter(
    (frame) => isPackaged(frame) && !isPlainlyLibrary(frame) && frame.function !== null,
  )
  const entry = unknown.find((frame) => isEntryPoint(frame.function ?? ''))
  const home = packageRoot(entry?.function ?? '')
  if (home !== '') return new Set([home])
  const roots = new Set(unknown.map((frame) => packageRoot(frame.function ?? '')))
  const commercial = [...roots].filter((root) => !/^(?:org|io|net)\./.test(root))
  // `org.`, `io.` and `net.` are mostly libraries; with a `com.` or the like beside them they are taken for such.
  return commercial.length > 0 && commercial.length < roots.size ? new Set(commercial) : null
}

/** The folder that two paths have in common. */
function commonFolder(left: string, right: string): string {
  const [a, b] = [left.split('/').slice(0, -1), right.split('/').slice(0, -1)]
  let depth = 0
  while (depth < a.length && depth < b.length && a[depth] === b[depth]) depth += 1
  return a.slice(0, depth).join('/')
}

function isAbsolute(path: string): boolean {
  return path.startsWith('/') || /^[A-Za-z]:\//.test(path)
}

/** The file in which the application begins, as far as the trace shows it: the outermost frame that is no library. */
function anchorOf(frames: readonly StackFrame[]): string | null {
  const own = frames.findLast(
    (frame) => frame.file !== null && !isPackaged(frame) && !isPlainlyLibrary(frame),
  )
  return own?.file ? normalisePath(own.file) : null
}

function isNearAnchor(path: string, anchor: string | null): boolean {
  if (anchor === null || path === anchor) return true
  if (!isAbsolute(path)) return true
  // rustc prints the workspace's files relative to where it ran, all others absolute.
  if (!isAbsolute(anchor)) return !anchor.endsWith('.rs')
  const common = commonFolder(path, anchor)
  const folders = [anchor, path].map((file) => file.slice(0, file.lastIndexOf('/')))
  return !CONTAINER_FOLDERS.test(common) || folders.includes(common)
}

function guess(chain: ExceptionChain): (frame: StackFrame) => boolean {
  const outermost = chain.find((link) => link.frames.length > 0)?.frames ?? []
  const frames = chain.flatMap((link) => link.frames)
  const packages = ownPackages(frames)
  const anchor = anchorOf(outermost) ?? anchorOf(frames)
  const hasPlaces = frames.some((frame) => frame.file !== null && !isPackaged(frame))
  const placed = new Set(
    frames.flatMap((frame) =>
      frame.file !== null && !isPackaged(frame) && frame.function !== null
        ? [packageRoot(frame.function)]
        : [],
    ),
  )
  return (frame) => {
    if (isPlainlyLibrary(frame)) return false
    if (frame.file !== null && !isPackaged(frame)) return isNearAnchor(normalisePath(frame.file), anchor)
    // Code without debug information beside code that has it came ready-made.
    if (frame.file === null && hasPlaces)
      return placed.has(packageRoot(frame.function ?? '')) && packageRoot(frame.function ?? '') !== ''
    return packages === null || packages.has(packageRoot(frame.function ?? ''))
  }
}

/**
 * Decides for every frame whether it is the application's own. With the repository's files, the frames whose place
 * ends in one of them; a trace of which none does, and a trace without a repository, goes by what is plainly library
 * code (installation paths, package roots) and by where the program began.
 */
export function classifyFrames(chain: ExceptionChain, repositoryFiles?: ReadonlySet<string>): ExceptionChain {
  const known = repositoryFiles !== undefined && repositoryFiles.size > 0 ? repositoryFiles : null
  const located = (frame: StackFrame) => known !== null && isInRepository(frame, known)
  const anyKnown = known !== null && chain.some((link) => link.frames.some(located))
  const isOwn = anyKnown ? located : guess(chain)
  return chain.map((link) => ({
    ...link,
    frames: link.frames.map((frame) =>
      frame.inApp === isOwn(frame) ? frame : { ...frame, inApp: !frame.inApp },
    ),
  }))
}

/** A file of the repository, and not of the libraries that some repositories carry along (`vendor/`). */
function isInRepository(frame: StackFrame, files: ReadonlySet<string>): boolean {
  const path = repositoryPath(frame, files)
  return path !== null && !LIBRARY_PATHS.test(path)
}

/** Where package managers put packages; what follows is the path inside the package. */
const PACKAGE_FOLDER =
  /^.*\/(?:site-packages|dist-packages|node_modules|gems|vendor|mod|third[_-]party|registry\/src\/[^/]+|checkouts)\//
/** Where languages keep their own libraries. */
const LANGUAGE_FOLDER =
  /(?:^|\/)(?:(?:python|ruby|node|php|perl|jvm|mono|rustlib|dotnet)[-\d.]*|go(?:-[\d.]+)?\/src|rustc)\//

/**
 * Among library paths, `…/site-packages/shop/cart.py` may be the repository's `shop/cart.py`, installed; the
 * `lib/index.js` of any package is not the repository's `lib/index.js`.
 */
function isInstalledCopy(path: string, candidate: string): boolean {
  if (path.endsWith(`/${candidate}`) && LIBRARY_PATHS.test(candidate)) return true
  if (!PACKAGE_FOLDER.test(path)) return !LANGUAGE_FOLDER.test(path)
  const inside = path.replace(PACKAGE_FOLDER, '')
  // A package of one file has no folder that could tell it from another's `app.py`.
  if (!candidate.includes('/')) return false
  return candidate === inside || candidate === `src/${inside}`
}

const suffixIndexes = new WeakMap<ReadonlySet<string>, Map<string, string[]>>()

/** File name → the repository's paths that end in it; built once per set. */
function indexOf(files: ReadonlySet<string>): Map<string, string[]> {
  const known = suffixIndexes.get(files)
  if (known) return known
  const index = new Map<string, string[]>()
  for (const file of files) {
    const name = file.slice(file.lastIndexOf('/') + 1)
    const paths = index.get(name)
    if (paths) paths.push(file)
    else index.set(name, [file])
  }
  suffixIndexes.set(files, index)
  return index
}

/** How many trailing path segments agree. */
function agreement(path: string, candidate: string): number {
  const [a, b] = [path.split('/').reverse(), candidate.split('/').reverse()]
  let count = 0
  while (count < a.length && count < b.length && a[count] === b[count]) count += 1
  return count
}

/**
 * The path in the repository that a logged place means: `/app/src/x.py` → `src/x.py`, `Cart.java` of
 * `com.acme.shop.Cart.load` → `src/main/java/com/acme/shop/Cart.java`. The longest agreement wins. Null where no file
 * fits, or several fit equally well.
 */
export function repositoryPath(
  frame: string | Pick<StackFrame, 'file' | 'function'>,
  files: ReadonlySet<string>,
): string | null {
  const file = typeof frame === 'string' ? frame : frame.file
  if (file === null || RUNTIME_FILES.test(file)) return null
  const path = qualified(normalisePath(file), typeof frame === 'string' ? null : frame.function)
  if (files.has(path)) return path
  const candidates = indexOf(files).get(path.slice(path.lastIndexOf('/') + 1)) ?? []
  let best: string | null = null
  let bestCount = 0
  let tied = false
  for (const candidate of candidates) {
    const count = agreement(path, candidate)
    // A whole repository path at the end of the logged one is sure; otherwise the folder must agree as well.
    const whole = count === candidate.split('/').length
    if (!whole && count < Math.min(2, path.split('/').filter(Boolean).length)) continue
    if (count === bestCount) tied = true
    if (count <= bestCount) continue
    best = candidate
    bestCount = count
    tied = false
  }
  if (best !== null && LIBRARY_PATHS.test(path) && !isInstalledCopy(path, best)) return null
  return tied ? null : best
}

/** JVM frames give the package in the function: `com.acme.shop.Cart.load` and `Cart.java` → `com/acme/shop/Cart.java`. */
function qualified(path: string, name: string | null): string {
  if (path.includes('/') || name === null || !/\.(?:java|kt|scala|groovy)$/.test(path)) return path
  const parts = name.split('.')
  const first = parts.findIndex((part) => /^\p{Lu}/u.test(part))
  return first > 0 ? [...parts.slice(0, first), path].join('/') : path
}
