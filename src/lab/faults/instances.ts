import type { LabSystem } from '../platform/lab-system.ts'
import type { Chance } from './chance.ts'

/** Processes of the app: `app-1`, `app-2`, … */
export function instancesOf(system: LabSystem): readonly string[] {
  return system.processes.names().filter((name) => /^app-\d+$/.test(name))
}

/** So many of them, drawn; never more than there are. */
export function drawInstances(system: LabSystem, chance: Chance, count: number): readonly string[] {
  return chance.shuffle(instancesOf(system)).slice(0, count)
}
