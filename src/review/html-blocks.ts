import type { Block, Cell, CodeLine, Column, Task } from './block.ts'
import { chartFigure } from './chart-figure.ts'
import { escapeHtml, inlineHtml } from './escape-html.ts'
import type { Review } from './review.ts'

/** One block as HTML. */
// oxlint-disable-next-line typescript/consistent-return -- the switch is exhaustive, and checked to be
export function blockHtml(block: Block, review: Review): string {
  switch (block.kind) {
    case 'paragraph':
      return `<p>${inlineHtml(block.text)}</p>`
    case 'lead':
      return `<p class="lead">${inlineHtml(block.text)}</p>`
    case 'heading':
      return `<h3>${inlineHtml(block.text)}</h3>`
    case 'list':
      return list(block.items, block.style === 'numbers' ? 'ol' : 'ul')
    case 'tasks':
      return `<ul class="tasks">${block.items.map(task).join('')}</ul>`
    case 'table':
      return table(block.columns, block.rows)
    case 'code':
      return code(block.caption, block.lines)
    case 'diff':
      return diff(block.caption, block.lines)
    case 'whys':
      return `<ol class="whys">${block.steps.map(({ why, because, sources }) => `<li><p class="why">${inlineHtml(why)}</p><p>${inlineHtml(because)}</p>${sourceList(sources)}</li>`).join('')}</ol>`
    case 'meter':
      return meter(block)
    case 'chart':
      return chartFigure(review)
    case 'details':
      return `<details><summary>${inlineHtml(block.summary)}</summary>${block.blocks.map((inner) => blockHtml(inner, review)).join('\n')}</details>`
  }
}

function list(items: readonly string[], tag: 'ul' | 'ol'): string {
  return `<${tag}>${items.map((item) => `<li>${inlineHtml(item)}</li>`).join('')}</${tag}>`
}

function task({ text, tags }: Task): string {
  const chips = tags.map((tag) => `<span class="chip ${escapeHtml(tag)}">${escapeHtml(tag)}</span>`).join('')
  return `<li><span class="box" aria-hidden="true"></span><span class="what">${inlineHtml(text)}</span><span class="chips">${chips}</span></li>`
}

function sourceList(sources: readonly string[]): string {
  return `<p class="sources">${sources.map((source) => `<code>${escapeHtml(source)}</code>`).join(' ')}</p>`
}

function table(columns: readonly Column[], rows: readonly (readonly Cell[])[]): string {
  const head = columns
    .map(
      ({ title, align }) =>
        `<th scope="col" class="${align}">${inlineHtml(title) || '<span class="hidden">Item</span>'}</th>`,
    )
    .join('')
  const body = rows
    .map(
      (row) =>
        `<tr>${row.map((cell, index) => cellHtml(cell, columns[index]?.align ?? 'left')).join('')}</tr>`,
    )
    .join('')
  return `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`
}

function cellHtml({ text, bar, tone }: Cell, align: string): string {
  const names = [align, ...(tone ? [tone] : []), ...(bar === undefined ? [] : ['figure'])].join(' ')
  const drawn =
    bar === undefined
      ? ''
      : `<span class="bar" aria-hidden="true"><span style="width:${(Math.min(1, bar) * 100).toFixed(1)}%"></span></span>`
  return `<td class="${names}">${drawn}<span>${inlineHtml(text)}</span></td>`
}

function code(caption: string | null, lines: readonly CodeLine[]): string {
  const rows = lines.map(({ number, text, isMarked }) => {
    const gutter = number === null ? '' : `<span class="number">${number}</span>`
    return `<span class="line${isMarked ? ' marked' : ''}">${gutter}${escapeHtml(text) || ' '}</span>`
  })
  return figure(caption, `<pre class="code"><code>${rows.join('\n')}</code></pre>`)
}

function diff(caption: string | null, lines: readonly string[]): string {
  const rows = lines.map((line) => `<span class="line ${diffKind(line)}">${escapeHtml(line) || ' '}</span>`)
  return figure(caption, `<pre class="code diff"><code>${rows.join('\n')}</code></pre>`)
}

function diffKind(line: string): string {
  if (/^(\+\+\+|---|@@|diff |index )/.test(line)) return 'meta'
  if (line.startsWith('+')) return 'added'
  return line.startsWith('-') ? 'removed' : ''
}

function figure(caption: string | null, body: string): string {
  const told = caption === null ? '' : `<figcaption>${inlineHtml(caption)}</figcaption>`
  return `<figure class="listing">${told}${body}</figure>`
}

function meter({ label, share, text }: { label: string; share: number; text: string }): string {
  const tone = share > 1 ? 'over' : share > 0.5 ? 'high' : 'low'
  const width = (Math.min(1, share) * 100).toFixed(1)
  return `<div class="meter ${tone}"><p><span>${inlineHtml(label)}</span><strong>${inlineHtml(text)}</strong></p><span class="track"><span style="width:${width}%"></span></span></div>`
}
