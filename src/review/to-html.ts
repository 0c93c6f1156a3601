import { formatDuration } from '../incident/index.ts'
import type { Section } from './block.ts'
import { causeName } from './cause-name.ts'
import { compose } from './compose.ts'
import { escapeHtml, inlineHtml } from './escape-html.ts'
import { mainFactor } from './facts.ts'
import { blockHtml } from './html-blocks.ts'
import { reviewStyle } from './html-style.ts'
import type { Review } from './review.ts'
import { confidenceInWords, dateTime, percent } from './wording.ts'

type Tile = {
  readonly label: string
  readonly value: string
  readonly note: string
  readonly tone: 'bad' | 'good' | ''
}

/**
 * The review as one page that stands alone: no script, no request, nothing from outside, which its own content
 * security policy forbids as well.
 */
export function toHtml(review: Review): string {
  const sections = compose(review)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="Firebreak">
<title>${escapeHtml(review.title.replaceAll('`', ''))}</title>
<style>${reviewStyle}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the review</a>
${header(review)}
<div class="page">
<nav aria-label="Sections"><ol>${sections.map(({ title }) => `<li><a href="#${slug(title)}">${escapeHtml(title)}</a></li>`).join('')}</ol></nav>
<main id="content">
${sections.map((section) => sectionHtml(section, review)).join('\n')}
</main>
</div>
<footer>Written by Firebreak on ${dateTime(review.generatedAt)}. Times are UTC. Blameless by design: it names changes, never people.</footer>
</body>
</html>
`
}

function sectionHtml({ title, blocks }: Section, review: Review): string {
  const id = slug(title)
  const body = blocks.map((block) => blockHtml(block, review)).join('\n')
  return `<section id="${id}" aria-labelledby="${id}-title">\n<h2 id="${id}-title">${escapeHtml(title)}</h2>\n${body}\n</section>`
}

function slug(title: string): string {
  return title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
}

function header(review: Review): string {
  const { severity, detection, status } = review
  const level = detection ? `<span class="severity ${severity.severity}">${severity.severity}</span>` : ''
  const since = detection?.onsetAt ? `<span>${dateTime(detection.onsetAt)}</span>` : ''
  const tiles = detection ? `<dl class="tiles">${tilesOf(review).map(tileHtml).join('')}</dl>` : ''
  return `<header><div class="head">
<p class="eyebrow">${level}<span>Post-incident review</span><span>${status}</span>${since}</p>
<h1>${inlineHtml(review.title)}</h1>
${tiles}
</div></header>`
}

function tileHtml({ label, value, note, tone }: Tile): string {
  return `<div class="tile ${tone}"><dt>${escapeHtml(label)}</dt><dd><span class="value">${escapeHtml(value)}</span><span class="note">${inlineHtml(note)}</span></dd></div>`
}

function tilesOf(review: Review): readonly Tile[] {
  return [
    failedTile(review),
    durationTile(review),
    causeTile(review),
    objectiveTile(review),
    proofTile(review),
  ].filter((tile) => tile !== null)
}

function failedTile({ impact, requests }: Review): Tile {
  if (requests.requests === 0) {
    const value = impact.errorOccurrences.toLocaleString('en-US')
    return { label: 'Errors logged', value, note: 'requests were not recorded', tone: 'bad' }
  }
  const note = `${impact.failed.toLocaleString('en-US')} of ${impact.requests.toLocaleString('en-US')}`
  return {
    label: 'Requests failed',
    value: percent(impact.errorRate),
    note,
    tone: impact.failed > 0 ? 'bad' : '',
  }
}

function durationTile({ detection, requests, logs }: Review): Tile | null {
  if (!detection || detection.onsetAt === null) return null
  const seenUntil = Math.max(requests.lastAt ?? 0, logs.lastSeen ?? 0, detection.onsetAt)
  const lasted = formatDuration((detection.endedAt ?? seenUntil) - detection.onsetAt)
  const note = detection.endedAt === null ? 'as far as it was observed' : 'first to last failure'
  return { label: 'Lasted', value: lasted, note, tone: '' }
}

function causeTile(review: Review): Tile {
  const factor = mainFactor(review)
  if (!factor) return { label: 'Cause', value: 'not established', note: 'see where to look next', tone: '' }
  const note = `${confidenceInWords(factor.confidence)}: ${causeName(factor.cause)}`
  return { label: 'Confidence in the cause', value: percent(factor.confidence), note, tone: '' }
}

function objectiveTile({ sla }: Review): Tile | null {
  if (!sla) return null
  const note = `${Math.round(sla.usedMs / 1000)} of ${Math.round(sla.allowedMs / 1000)} s that \`${sla.objective}\` allows`
  return {
    label: 'Downtime allowance used',
    value: `${(sla.share * 100).toFixed(0)} %`,
    note,
    tone: sla.share > 1 ? 'bad' : '',
  }
}

function proofTile({ proof }: Review): Tile | null {
  if (proof.kind === 'not-tried') return null
  const failures = `${proof.after.failed} of ${proof.after.requests.toLocaleString('en-US')} failed with it`
  const note = proof.after.requests === 0 ? 'the program does not start with it' : failures
  return {
    label: 'Fix',
    value: proof.proven ? 'proven' : 'not proven',
    note,
    tone: proof.proven ? 'good' : 'bad',
  }
}
