import type { SymptomRule } from './symptom-rule.ts'

/** What runtimes, kernels and orchestrators say when a machine, a process or its configuration is at fault. */
export const machineSymptoms: readonly SymptomRule[] = [
  {
    kind: 'too-many-open-files',
    pattern:
      /\bEMFILE\b|\bENFILE\b|too many open files|Errno 24\b|ENOSPC: System limit for number of file watchers|inotify.{0,40}limit|accept4?\(\).{0,20}failed \(24/i,
  },
  {
    kind: 'no-space-error',
    once: true,
    quiet: true,
    pattern:
      /No space left on device|\bENOSPC\b|Errno 28\b|Errcode: 28\b|disk(?: is|'s)? full\b|disk quota exceeded|\bEDQUOT\b|could not extend file|not enough space on the disk|The table '[^']+' is full|database or disk is full|SQLITE_FULL|disk watermark.{0,20}exceeded|flood[- ]stage|DiskPressure|file ?system (?:is )?full|out of disk space|StorageFull|IOException: There is not enough space|MISCONF Redis is configured to save RDB/i,
  },
  {
    kind: 'out-of-memory-error',
    once: true,
    quiet: true,
    pattern:
      /\bout of memory\b|unable to allocate memory|killed by OOM|Ineffective mark-compacts near heap limit|\bMemoryError\b|OutOfMemory(?:Error|Exception)\b|\bOOM ?Killed\b|\boom-?kill(?:er|ed|:)?|invoked oom-killer|Killed process \d+|cannot allocate memory|\bENOMEM\b|std::bad_alloc|memory allocation of \d+ bytes failed|Allowed memory size of \d+ bytes exhausted|NoMemoryError|failed to allocate memory|(?:exit(?:ed)?(?: with)?(?: code| status)?|code=|exitCode[=:]) ?137\b|used memory > 'maxmemory'|memory limit exceeded|Java heap space|GC overhead limit exceeded|unable to create (?:new )?native thread|java\.lang\.OutOfMemory|insufficient memory|Array buffer allocation failed|\b53200\b/i,
  },
  {
    // Names of environment variables are written in capitals: the case matters here.
    kind: 'missing-configuration-error',
    pattern:
      /KeyError: ['"]?[A-Z][A-Z0-9]*_[A-Z0-9_]+['"]?$|key not found: "[A-Z][A-Z0-9_]+"|\b[A-Z][A-Z0-9]*_[A-Z0-9_]+ (?:is |was |must be |has )?(?:not set|not defined|not configured|undefined|missing|required|unset|empty|set)\b|(?:getenv|environ|process\.env|ENV)\W{0,3}[A-Z][A-Z0-9_]+/,
  },
  {
    kind: 'missing-configuration-error',
    pattern:
      /env(?:ironment)? var(?:iable)?s?:? .{0,80}(?:is |are |was )?(?:not set|not found|not defined|undefined|missing|required|unset|not present|must be)|(?:missing|required|undefined|unset|absent) (?:required )?env(?:ironment)?\b|missing (?:required )?(?:config(?:uration)?|setting|option|secret|parameter "?[A-Z_]{3,})|ImproperlyConfigured|Could not resolve placeholder|required key \S+ missing value|config(?:uration)? (?:file|section|key|value|entry|setting)?.{0,80}(?:not found|does not exist|missing|is not set)|No such file or directory:? .{0,120}\.(?:ya?ml|toml|ini|conf|cfg|env|properties|pem|key)\b|ENOENT.{0,160}\.(?:ya?ml|toml|ini|conf|cfg|env|properties|pem|key)\b|open \S{1,120}\.(?:ya?ml|toml|ini|conf|cfg|env|pem|key): no such file|VarError|secretOrPrivateKey must have a value|CreateContainerConfigError|ConnectionString property has not been initialized|No connection string named|Neither apiKey nor|api[_ ]key .{0,40}(?:not provided|not set|missing|is required|must be set)|is not configured\b|Settings? .{0,60}(?:must be set|is not set)|ValidationError.{0,80}for Settings|NoCredentialsError|Unable to locate credentials|Could not load (?:default )?credentials|no configuration setting found for key/i,
  },
  {
    kind: 'invalid-configuration-error',
    pattern:
      /invalid config(?:uration)?|(?:failed|unable|could not|cannot) (?:to )?(?:parse|load|read|bind) (?:the )?config(?:uration)?|config(?:uration)? (?:is invalid|error)|\bConfig(?:uration)?(?:Error|Exception)\b|\bInvalidConfig\w*|unknown (?:config(?:uration)?|setting|directive)|bad config|invalid (?:dsn|connection string|database url|log level|port number|value for (?:setting|option|env\w*|config\w*))|could not parse (?:the )?(?:database |connection )?(?:url|dsn|connection string)|Failed to bind properties|ERR_SOCKET_BAD_PORT|yaml: (?:line \d+|unmarshal)|while parsing a (?:block mapping|flow)|unexpected "\S+" in \S+\.conf|BeanCreationException.{0,200}(?:property|configuration)/i,
  },
  {
    kind: 'missing-module-error',
    pattern:
      /ModuleNotFoundError|\bImportError\b|Cannot find (?:module|package)|ERR_MODULE_NOT_FOUND|ERR_PACKAGE_PATH_NOT_EXPORTED|ERR_REQUIRE_ESM|ClassNotFoundException|NoClassDefFoundError|NoSuchMethodError|NoSuchFieldError|AbstractMethodError|cannot load such file|\bLoadError\b|uninitialized constant|Class ["'][^"']+["'] not found|Could not load (?:file or assembly|type)|MissingMethodException|TypeLoadException|error while loading shared libraries|undefined symbol|UnsupportedClassVersionError|exec format error|TemplateNotFound|TemplateDoesNotExist|Missing template|does not provide an export named/i,
  },
  {
    kind: 'process-killed',
    strength: 0.8,
    once: true,
    quiet: true,
    pattern:
      /WorkerLostError.{0,40}signal 9|(?:terminated|killed|exited) (?:by|on|with) (?:signal )?(?:9\b|SIGKILL)|signal: killed/i,
  },
  {
    kind: 'process-exited',
    strength: 0.8,
    once: true,
    quiet: true,
    pattern:
      /segmentation fault|SIGSEGV|core dumped|Back-off restarting failed container|CrashLoopBackOff|(?:process|worker|container|child|service)\b.{0,60}\bexit(?:ed)? (?:with )?(?:exit )?(?:code|status)[ :=]*[1-9]|Main process exited, code=(?:exited|dumped|killed)|Failed with result '(?:exit-code|core-dump|signal)'/i,
  },
  {
    kind: 'invalid-configuration-error',
    strength: 0.7,
    pattern:
      /EADDRINUSE|address already in use|\bEACCES\b|PermissionError|Permission denied(?! \(publickey)|AccessDeniedException: \//i,
  },
]
