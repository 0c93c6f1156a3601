import type { TrueCauseId } from '../../contract/causes.ts'
import type { LabSystem } from '../platform/lab-system.ts'
import { defineFault } from './fault.ts'
import type { Fault, Injection, LevelParameters } from './fault.ts'
import { released } from './signs.ts'
import type { Sign } from './signs.ts'

/** Commits on top of what is deployed: innocent ones, and among them, where a fault is named, the one that brings it. */
export type MakeRelease = (
  system: LabSystem,
  order: { readonly fault: string | null; readonly seed: bigint },
) => Promise<MadeRelease>

export type MadeRelease = {
  /** What to deploy. */
  readonly head: string
  /** The commit that brings the fault; null where there is none. */
  readonly culprit: string | null
}

export type ReleaseFaultDetails = {
  readonly name: string
  readonly summary: string
  readonly mechanism: string
  readonly symptoms: readonly string[]
  readonly causes: readonly [TrueCauseId, ...TrueCauseId[]]
  /** The last two links of the chain: what the new code does, and what users see of it. */
  readonly chain: readonly [mechanism: string, symptom: string]
  /** One of these shows in the running system; where they need to know how it was, they look before the deploy. */
  readonly signs: readonly Sign[] | ((system: LabSystem) => Promise<readonly Sign[]>)
}

export type ReleaseParameters = LevelParameters & {
  /** Of the requests, that meet the new code: less than 1 is a canary, on an instance of its own. */
  readonly share: number
}

/** A fault that comes with a deploy: a real commit, at one of several places, buried among innocent ones. */
export function releaseFault(makeRelease: MakeRelease, details: ReleaseFaultDetails): Fault {
  return defineFault<ReleaseParameters>({
    ...details,
    kind: 'release',
    where: 'the code of the app, at a place that the seed draws',
    levels: { mild: { share: 0.2 }, normal: { share: 1 } },
    async inject(system, injection) {
      const { head, culprit } = await makeRelease(system, { fault: details.name, seed: injection.seed })
      const { share } = injection.parameters
      const any = typeof details.signs === 'function' ? await details.signs(system) : details.signs
      if (share < 1) await canary(system, injection, head)
      else await deploy(system, injection, head)
      return {
        truth: [
          {
            chain: [`a release brought commit ${(culprit ?? head).slice(0, 10)}`, 'shop', ...details.chain],
            service: 'shop',
            commit: culprit ?? head,
          },
        ],
        signs: { all: share < 1 ? [] : [released(head)], any, isDisturbing: true },
      }
    },
  })
}

/** Deploys, and goes back when the fault is taken back; not where somebody has deployed something else since. */
export async function deploy(
  system: LabSystem,
  { defer }: Pick<Injection<LevelParameters>, 'defer'>,
  commit: string,
): Promise<void> {
  const before = system.releases.current()
  defer(async () => {
    if (system.releases.current().commit !== commit) return
    await system.releases.deploy(before.commit, { who: RELEASE_TEAM })
  })
  await system.releases.deploy(commit, { who: RELEASE_TEAM, gate: false })
}

export const RELEASE_TEAM = 'release pipeline'

async function canary(
  system: LabSystem,
  { parameters: { share }, defer }: Injection<ReleaseParameters>,
  commit: string,
): Promise<void> {
  const before = system.releases.current()
  defer(async () => {
    if (system.releases.current().commit !== before.commit) return
    await system.releases.deploy(before.commit, { who: RELEASE_TEAM }) // ends the canary, too
  })
  await system.releases.canary(commit, { share, who: RELEASE_TEAM, gate: false })
}
