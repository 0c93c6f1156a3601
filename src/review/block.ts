/**
 * What a review is made of, before it is Markdown or HTML. Every `text` is plain text in which a pair of backticks
 * marks code; the renderers escape all of it, so that nothing from a log can become markup.
 */
export type Block =
  | { readonly kind: 'paragraph'; readonly text: string }
  | { readonly kind: 'lead'; readonly text: string }
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[]; readonly style: 'bullets' | 'numbers' }
  | { readonly kind: 'tasks'; readonly items: readonly Task[] }
  | {
      readonly kind: 'table'
      readonly columns: readonly Column[]
      readonly rows: readonly (readonly Cell[])[]
    }
  | {
      readonly kind: 'code'
      readonly language: string
      readonly caption: string | null
      readonly lines: readonly CodeLine[]
    }
  | { readonly kind: 'diff'; readonly caption: string | null; readonly lines: readonly string[] }
  | { readonly kind: 'whys'; readonly steps: readonly WhyStep[] }
  | { readonly kind: 'meter'; readonly label: string; readonly share: number; readonly text: string }
  | { readonly kind: 'chart' }
  | { readonly kind: 'details'; readonly summary: string; readonly blocks: readonly Block[] }

export type Column = { readonly title: string; readonly align: 'left' | 'right' }

/** A cell; `bar` (0–1) is drawn behind a figure where the medium can. */
export type Cell = { readonly text: string; readonly bar?: number; readonly tone?: Tone }

export type Tone = 'bad' | 'good' | 'quiet'

/** `number` is null for code that has no line numbers; `isMarked` is the line in question. */
export type CodeLine = { readonly number: number | null; readonly text: string; readonly isMarked: boolean }

export type Task = { readonly text: string; readonly tags: readonly string[] }

export type WhyStep = { readonly why: string; readonly because: string; readonly sources: readonly string[] }

export type Section = { readonly title: string; readonly blocks: readonly Block[] }

/** A paragraph; the commonest block, so it has a short way. */
export function paragraph(text: string): Block {
  return { kind: 'paragraph', text }
}

export function bullets(items: readonly string[]): Block {
  return { kind: 'list', items, style: 'bullets' }
}

/** Cells of plain text. */
export function cells(...texts: readonly string[]): readonly Cell[] {
  return texts.map((text) => ({ text }))
}

export function columns(...titles: readonly string[]): readonly Column[] {
  return titles.map((title) => ({
    title: title.replace(/^>/, ''),
    align: title.startsWith('>') ? 'right' : 'left',
  }))
}

/** Plain text as code lines, numbered from `from` where it is a file's. */
export function codeLines(text: string, from: number | null = null): readonly CodeLine[] {
  const lines = text.replace(/\n$/, '').split('\n')
  return lines.map((line, index) => ({
    number: from === null ? null : from + index,
    text: line,
    isMarked: false,
  }))
}
