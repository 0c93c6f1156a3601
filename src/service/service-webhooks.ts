import { isDeepStrictEqual } from 'node:util'
import type { Config } from '../contract/config.ts'
import { createWebhooks, type Intake, type Webhooks } from '../telemetry/index.ts'
import type { EpochMs } from '../time.ts'

/** The webhooks of the configuration in force; made anew only when it changed, for they remember deliveries. */
export function liveWebhooks(
  deps: { readonly intake: Intake; readonly now: () => EpochMs },
  config: () => Config,
): () => Webhooks {
  let made: { readonly from: Config['sources']['webhooks']; readonly webhooks: Webhooks } | null = null
  return () => {
    const from = config().sources.webhooks
    if (made === null || !isDeepStrictEqual(made.from, from)) {
      made = { from, webhooks: createWebhooks(deps, optionsOf(from)) }
    }
    return made.webhooks
  }
}

function optionsOf({ token, github, gitlab, services }: Config['sources']['webhooks']) {
  return {
    services,
    ...(token === null ? {} : { token }),
    ...(github.secret === null ? {} : { github: { secret: github.secret } }),
    ...(gitlab.token === null ? {} : { gitlab: { token: gitlab.token } }),
  }
}
