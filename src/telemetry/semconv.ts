/**
 * OpenTelemetry's semantic-convention keys as far as Firebreak writes or reads them
 * (opentelemetry.io/docs/specs/semconv): one place, so that a rename upstream is one edit here.
 */
export const semconv = {
  serviceName: 'service.name',
  serviceVersion: 'service.version',
  serviceInstanceId: 'service.instance.id',
  httpRequestMethod: 'http.request.method',
  httpResponseStatusCode: 'http.response.status_code',
  httpRoute: 'http.route',
  urlPath: 'url.path',
  clientAddress: 'client.address',
  dbSystemName: 'db.system.name',
  dbNamespace: 'db.namespace',
  exceptionType: 'exception.type',
  exceptionMessage: 'exception.message',
  exceptionStacktrace: 'exception.stacktrace',
} as const

/** The same, but still marked experimental upstream: these may be renamed. */
export const experimentalSemconv = {
  cpuMode: 'cpu.mode',
  diskIoDirection: 'disk.io.direction',
  hostName: 'host.name',
  logFilePath: 'log.file.path',
  memoryState: 'system.memory.state',
  networkInterfaceName: 'network.interface.name',
  networkIoDirection: 'network.io.direction',
  filesystemMountpoint: 'system.filesystem.mountpoint',
  systemDevice: 'system.device',
  processPid: 'process.pid',
  processName: 'process.executable.name',

  systemCpuUtilization: 'system.cpu.utilization',
  systemMemoryUsage: 'system.memory.usage',
  systemMemoryUtilization: 'system.memory.utilization',
  systemFilesystemUtilization: 'system.filesystem.utilization',
  systemNetworkIo: 'system.network.io',
  systemDiskIo: 'system.disk.io',
  systemUptime: 'system.uptime',
  processCpuUtilization: 'process.cpu.utilization',
  processMemoryUsage: 'process.memory.usage',
  processThreadCount: 'process.thread.count',
  processFileDescriptorCount: 'process.unix.file_descriptor.count',
  processUptime: 'process.uptime',
} as const
