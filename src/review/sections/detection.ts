import type { Detection } from '../../detect/index.ts'
import { formatDuration } from '../../incident/index.ts'
import { bullets, paragraph, type Section } from '../block.ts'
import type { Review } from '../review.ts'
import { count, dateTime, fingerprintName, quoted, sentence, times } from '../wording.ts'

const SIGNS: Readonly<Record<Detection['signal'], string>> = {
  'failed-requests': 'failed requests',
  'new-error': 'an error that had not been logged before',
  'error-burst': 'a known error, far more often than before',
  'process-ended': 'the program ended by itself',
  errors: 'errors, as far back as the log goes',
}

/** How it was noticed, when, and after how long. */
export function detectionSection(review: Review): Section {
  const { detection } = review
  if (!detection) return { title: 'Detection', blocks: [paragraph(sentence(nothing(review)))] }
  return {
    title: 'Detection',
    blocks: [
      paragraph(sentence(detection.summary)),
      bullets([sign(detection), ...when(review, detection), ...errors(review)]),
    ],
  }
}

function nothing({ requests, logs }: Review): string {
  return `Watched for: requests that fail more often than before (${count(requests.requests, 'request')} seen), errors that are new or come in a burst (${count(logs.lines, 'log line')}), and a program that ends by itself`
}

function sign({ signal }: Detection): string {
  return `Sign: ${SIGNS[signal]}.`
}

function when({ how }: Review, { onsetAt, detectedAt, endedAt }: Detection): readonly string[] {
  if (onsetAt === null) return ['When: unknown, the log carries no times.']
  const list = [`Began: ${dateTime(onsetAt)}.`]
  if (detectedAt !== null) {
    const took = formatDuration(detectedAt - onsetAt)
    const whose =
      how === 'run'
        ? 'while the program was watched'
        : 'as the records show afterwards; whether anybody was told is not in them'
    list.push(`Detectable: ${dateTime(detectedAt)}, ${took} after the first failure, ${whose}.`)
  }
  list.push(
    endedAt === null
      ? 'Ended: not as long as was observed.'
      : `Ended: ${dateTime(endedAt)}, ${formatDuration(endedAt - onsetAt)} after it began.`,
  )
  return list
}

function errors({ logs, detection, newFingerprints }: Review): readonly string[] {
  const byId = new Map(logs.fingerprints.map((one) => [one.id, one]))
  const failing = (detection?.failingFingerprints ?? [])
    .map((id) => byId.get(id))
    .filter((one) => one !== undefined)
  const fresh = failing.filter((one) => newFingerprints.has(one.id) && one.severityText !== 'INFO')
  return fresh
    .slice(0, 3)
    .map((one) => `New in the log: ${quoted(fingerprintName(one))}, ${times(one.count)}.`)
}
