import { FamiliarStates } from './familiar-states.ts'
import type { Reading } from './reading.ts'
import type { SmallDetector } from './small-detector.ts'

/**
 * Has the series been here before? Two memories of states: where it is at this time of day (value, averages over 4 and
 * 16 values, place in the day), and how far off the usual for the hour (now, and over 8 values). Spikes, level shifts,
 * missing peaks and peaks at the wrong hour are all states never seen; what comes every day, spikes too, is familiar.
 * The two opinions are weighed alike: the geometric mean of their tail probabilities.
 */
export function createUnfamiliar(): SmallDetector {
  const placesInTheDay = new FamiliarStates({ dimensions: 5, fixedUnits: 2, capacity: 96 })
  const departures = new FamiliarStates({ dimensions: 2, fixedUnits: 0, capacity: 48 })
  const place = new Float64Array(5)
  const departure = new Float64Array(2)
  return {
    kind: 'unusual-shape',
    surprise(reading: Reading) {
      place[0] = reading.value
      place[1] = reading.average4
      place[2] = reading.average16
      place[3] = reading.phaseX
      place[4] = reading.phaseY
      departure[0] = reading.departure
      departure[1] = reading.departure8
      return (placesInTheDay.surprise(place) + departures.surprise(departure)) / 2
    },
  }
}
