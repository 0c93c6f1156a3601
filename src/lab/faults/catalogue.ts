import { blockedEventLoop } from './blocked-event-loop.ts'
import { bot } from './bot.ts'
import { certificateLapsed } from './certificate-lapsed.ts'
import { changedTimeOut } from './changed-time-out.ts'
import { chattyWarnings } from './chatty-warnings.ts'
import { clockJump } from './clock-jump.ts'
import { connectionLeak } from './connection-leak.ts'
import { connectionsEaten } from './connections-eaten.ts'
import { corruptTotals } from './corrupt-totals.ts'
import { cpuBurned } from './cpu-burned.ts'
import { crashCycle } from './crash-cycle.ts'
import { databaseDiskFilled } from './database-disk-filled.ts'
import { databaseRestarted } from './database-restarted.ts'
import { decoyDeploy } from './decoy-deploy.ts'
import { dependencyBump } from './dependency-bump.ts'
import { explodingRegex } from './exploding-regex.ts'
import type { Fault } from './fault.ts'
import { fileDescriptorsSpent } from './file-descriptors-spent.ts'
import { flagForEveryone } from './flag-for-everyone.ts'
import { flappingHealthCheck } from './flapping-health-check.ts'
import { flashCrowd } from './flash-crowd.ts'
import { harmlessDeploy } from './harmless-deploy.ts'
import { indexLost } from './index-lost.ts'
import { instanceFrozen } from './instance-frozen.ts'
import { instanceKilled } from './instance-killed.ts'
import { intermittentResets } from './intermittent-resets.ts'
import { jsonMisread } from './json-misread.ts'
import { mailSlow } from './mail-slow.ts'
import { memoryLeak } from './memory-leak.ts'
import { missingVariable } from './missing-variable.ts'
import { nPlusOne } from './n-plus-one.ts'
import { noisyNeighbour } from './noisy-neighbour.ts'
import { nothing } from './nothing.ts'
import { passwordRotated } from './password-rotated.ts'
import { paymentDown } from './payment-down.ts'
import { paymentHangs } from './payment-hangs.ts'
import { paymentNameLost } from './payment-name-lost.ts'
import { paymentRateLimited } from './payment-rate-limited.ts'
import { paymentResets } from './payment-resets.ts'
import { paymentSlow } from './payment-slow.ts'
import { poolTooSmall } from './pool-too-small.ts'
import { randomFailures } from './random-failures.ts'
import type { MakeRelease } from './release-fault.ts'
import { reportSlow } from './report-slow.ts'
import { retryStorm } from './retry-storm.ts'
import { rowLocked } from './row-locked.ts'
import { surprise } from './surprise.ts'
import { timeOutTooLong } from './time-out-too-long.ts'
import { transactionsLeftOpen } from './transactions-left-open.ts'
import { twoAtOnce } from './two-at-once.ts'
import { unforeseenInput } from './unforeseen-input.ts'
import { unusedRouteSlow } from './unused-route-slow.ts'
import { wrongDatabaseAddress } from './wrong-database-address.ts'

/** Brought by a release: made of the shop's repository, so they are told how. */
const releaseFaults: readonly ((makeRelease: MakeRelease) => Fault)[] = [
  randomFailures,
  jsonMisread,
  nPlusOne,
  connectionLeak,
  corruptTotals,
  changedTimeOut,
  dependencyBump,
  explodingRegex,
  unforeseenInput,
  blockedEventLoop,
  memoryLeak,
]

const faultsOfParts: readonly Fault[] = [
  // database
  indexLost,
  rowLocked,
  transactionsLeftOpen,
  connectionsEaten,
  reportSlow,
  databaseRestarted,
  passwordRotated,
  databaseDiskFilled,
  // dependencies
  paymentSlow,
  paymentDown,
  paymentHangs,
  paymentRateLimited,
  paymentResets,
  certificateLapsed,
  paymentNameLost,
  // processes and the host
  instanceKilled,
  instanceFrozen,
  crashCycle,
  cpuBurned,
  noisyNeighbour,
  fileDescriptorsSpent,
  clockJump,
  // configuration
  wrongDatabaseAddress,
  missingVariable,
  flagForEveryone,
  poolTooSmall,
  timeOutTooLong,
  // load
  flashCrowd,
  bot,
  retryStorm,
]

const pairs: readonly (readonly [Fault, Fault])[] = [
  [paymentSlow, indexLost],
  [paymentResets, instanceFrozen],
  [indexLost, certificateLapsed],
]

/** Every fault there is, by kind, and `surprise`, which draws one of the others. Adding one is a file and a line. */
export function createCatalogue(makeRelease: MakeRelease): readonly Fault[] {
  const faults = [
    ...releaseFaults.map((make) => make(makeRelease)),
    ...faultsOfParts,
    twoAtOnce(pairs),
    intermittentResets,
    decoyDeploy(makeRelease, [paymentHangs, indexLost, connectionsEaten, certificateLapsed]),
    nothing,
    harmlessDeploy(makeRelease),
    chattyWarnings,
    flappingHealthCheck,
    mailSlow,
    unusedRouteSlow,
  ]
  return [...faults, surprise(faults)]
}
