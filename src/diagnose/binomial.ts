/**
 * Two-sided exact binomial test: how likely a count at least as unlikely as `successes` of `trials` is when each
 * trial succeeds with `share`. 50 of 100 under 0.5 gives 1; 65 of 100 gives 0.0035.
 */
export function binomialTwoSided(successes: number, trials: number, share: number): number {
  if (trials === 0) return 1
  if (share <= 0) return successes === 0 ? 1 : 0
  if (share >= 1) return successes === trials ? 1 : 0
  const logOdds = Math.log(share) - Math.log1p(-share)
  const observed = logProbability(successes, trials, share)
  let term = trials * Math.log1p(-share)
  let sum = 0
  for (let count = 0; count <= trials; count += 1) {
    // A little slack, so that the mirror image of the observed count is not lost to rounding.
    if (term <= observed + 1e-7) sum += Math.exp(term)
    term += Math.log((trials - count) / (count + 1)) + logOdds
  }
  return Math.min(1, sum)
}

function logProbability(successes: number, trials: number, share: number): number {
  let log = trials * Math.log1p(-share)
  const logOdds = Math.log(share) - Math.log1p(-share)
  for (let count = 0; count < successes; count += 1) log += Math.log((trials - count) / (count + 1)) + logOdds
  return log
}
