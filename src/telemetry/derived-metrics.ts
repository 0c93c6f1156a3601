/** How a metric of our own is named, counted and explained. */
export type DerivedMetric = { readonly name: string; readonly unit: string; readonly description: string }

/**
 * Metrics that no convention has a name for, because they are worked out of several others: what rules judge. Whoever
 * reports one of them over OTLP under the same name is judged by the same rules.
 */
export const derivedMetrics = {
  connectionsUtilization: {
    name: 'db.connections.utilization',
    unit: '1',
    description: 'Connections in use by those that ordinary roles can have; 1 where the server refuses more',
  },
  sessionsBlocked: {
    name: 'db.sessions.blocked',
    unit: '{session}',
    description: 'Sessions that wait for a lock',
  },
  sessionsIdleInTransaction: {
    name: 'db.sessions.idle_in_transaction',
    unit: '{session}',
    description: 'Sessions that hold a transaction open and do nothing',
  },
  longestTransaction: {
    name: 'db.transaction.longest',
    unit: 's',
    description: 'Age of the oldest open transaction',
  },
  longestStatement: {
    name: 'db.statement.longest',
    unit: 's',
    description: 'How long the longest running statement has run so far',
  },
  cacheHitRatio: {
    name: 'db.cache.hit_ratio',
    unit: '1',
    description: 'Blocks found in memory by blocks wanted, since the look before',
  },
  replicationLag: {
    name: 'db.replication.lag',
    unit: 's',
    description: 'How far the slowest replica is behind',
  },
  probeDuration: {
    name: 'probe.duration',
    unit: 'ms',
    description: 'How long a synthetic check took, its time-out included',
  },
  hostCpuUtilization: {
    name: 'host.cpu.utilization',
    unit: '1',
    description: 'Share of the time of all CPUs that was neither idle nor waiting for a disk',
  },
  hostMemoryUtilization: {
    name: 'host.memory.utilization',
    unit: '1',
    description:
      'Memory that is not available to new work, by all there is (of the control group where it is limited)',
  },
  processMemoryUtilization: {
    name: 'process.memory.utilization',
    unit: '1',
    description: 'Resident memory of a process by what the machine or its control group has',
  },
  fileDescriptorUtilization: {
    name: 'process.open_file_descriptor.utilization',
    unit: '1',
    description: 'Open file descriptors of a process by its soft limit',
  },
  processRestarts: {
    name: 'process.restarts',
    unit: '{restart}',
    description: 'How often a watched process was found to be another one since the watch began',
  },
} as const satisfies Record<string, DerivedMetric>
