/** Text that stands in HTML. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`)
}

/** A page of ours: readable without any script, light and dark. */
export function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title><style>
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
code, pre { font: 14px/1.4 ui-monospace, monospace }
pre { overflow: auto; padding: .75rem; border: 1px solid color-mix(in srgb, currentColor 25%, transparent); border-radius: 6px }
table { border-collapse: collapse; width: 100% } td, th { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0 }
h2 { margin-top: 2.5rem } h3 { margin: 2rem 0 .25rem } .method { font-weight: 700 }
label { display: block; margin: 1rem 0 .25rem; font-weight: 600 }
input, textarea { font: inherit; width: 100%; box-sizing: border-box; padding: .5rem } button { font: inherit; margin-top: 1rem; padding: .5rem 1.25rem }
</style></head><body>
${content}
</body></html>
`
}
