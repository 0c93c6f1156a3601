/** The page's style: calm, readable, two colour schemes, and paper. Contrast is at least 4.5:1 in both schemes. */
export const reviewStyle = `
:root {
  color-scheme: light dark;
  --ground: #fbfaf8; --surface: #ffffff; --sunken: #f4f2ee; --line: #e4e0d9; --line-strong: #cbc5ba;
  --ink: #1f2328; --soft: #575e66; --link: #0b5cad;
  --bad: #c2372b; --bad-ground: #fdeeec; --good: #177445; --good-ground: #e6f5ec; --warn: #96600a; --warn-ground: #fdf3df;
  --deploy: #3b5bdb; --traffic: #b9bec6; --mark-ground: #fff2cc; --mark-edge: #e0a100;
  --mono: ui-monospace, "SFMono-Regular", "Cascadia Mono", "JetBrains Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14161a; --surface: #1b1e23; --sunken: #22262c; --line: #2f343c; --line-strong: #454c56;
    --ink: #e7e9ec; --soft: #a3abb6; --link: #7db8f5;
    --bad: #f28b80; --bad-ground: #3a2120; --good: #67c793; --good-ground: #17301f; --warn: #e2b35a; --warn-ground: #352a14;
    --deploy: #91a7ff; --traffic: #4d5561; --mark-ground: #3d3413; --mark-edge: #d9a514;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif; }
a { color: var(--link); }
.skip { position: absolute; left: -999px; }
.skip:focus { left: 1rem; top: 1rem; background: var(--surface); padding: .5rem 1rem; z-index: 2; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
header { background: var(--surface); border-bottom: 1px solid var(--line); }
.head, .page, footer { max-width: 78rem; margin: 0 auto; padding: 0 2rem; }
.head { padding-top: 2.25rem; padding-bottom: 1.75rem; }
.eyebrow { display: flex; flex-wrap: wrap; gap: .35rem .8rem; align-items: center; margin: 0 0 .6rem; color: var(--soft); font-size: .9rem; }
.eyebrow span + span::before { content: "·"; margin-right: .8rem; color: var(--line-strong); }
.eyebrow .severity + span::before { content: none; margin: 0; }
.severity { font-weight: 700; border-radius: .35rem; padding: .1rem .5rem; background: var(--sunken); color: var(--ink); }
.severity.P1 { background: var(--bad); color: var(--surface); }
.severity.P2 { background: var(--bad-ground); color: var(--bad); }
.severity.P3 { background: var(--warn-ground); color: var(--warn); }
h1 { margin: 0; font-size: clamp(1.5rem, 3.2vw, 2.1rem); line-height: 1.22; letter-spacing: -.015em; text-wrap: balance; overflow-wrap: anywhere; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .75rem; margin: 1.5rem 0 0; }
.tile { border: 1px solid var(--line); border-radius: .6rem; padding: .75rem .95rem; background: var(--ground); }
.tile dt { color: var(--soft); font-size: .82rem; }
.tile dd { margin: 0; }
.tile .value { display: block; font-size: 1.5rem; line-height: 1.3; font-weight: 650; font-variant-numeric: tabular-nums; letter-spacing: -.01em; }
.tile .note { display: block; color: var(--soft); font-size: .82rem; line-height: 1.4; }
.tile.bad .value { color: var(--bad); }
.tile.good .value { color: var(--good); }
.page { display: grid; grid-template-columns: 11rem minmax(0, 1fr); gap: 3rem; padding-top: 1.5rem; }
nav ol { list-style: none; margin: 0; padding: 0; position: sticky; top: 1.5rem; font-size: .9rem; }
nav a { display: block; padding: .22rem .6rem; border-left: 2px solid var(--line); color: var(--soft); text-decoration: none; }
nav a:hover, nav a:focus-visible { color: var(--ink); border-left-color: var(--deploy); }
main { min-width: 0; }
section { padding: .75rem 0 1.5rem; }
section + section { border-top: 1px solid var(--line); }
h2 { font-size: 1.3rem; line-height: 1.3; letter-spacing: -.01em; margin: .9rem 0 .8rem; scroll-margin-top: 1rem; }
h3 { font-size: 1rem; margin: 1.6rem 0 .5rem; overflow-wrap: anywhere; }
p, ul, ol { margin: 0 0 .9rem; max-width: 46rem; overflow-wrap: anywhere; }
ul, ol { padding-left: 1.3rem; }
li { margin: .25rem 0; }
li::marker { color: var(--soft); }
.lead { font-size: 1.12rem; line-height: 1.55; }
code { font-family: var(--mono); font-size: .875em; background: var(--sunken); border-radius: .25rem; padding: .08em .32em; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; margin: 0 0 1.1rem; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; line-height: 1.45; }
th, td { text-align: left; vertical-align: top; padding: .5rem .9rem .5rem 0; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 500; font-size: .82rem; white-space: nowrap; border-bottom-color: var(--line-strong); }
th.right, td.right { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td:first-child { white-space: nowrap; }
td:last-child, th:last-child { padding-right: 0; }
td.bad > span:last-child { color: var(--bad); font-weight: 600; }
td.good > span:last-child { color: var(--good); }
td.figure { min-width: 9rem; }
.bar { display: inline-block; vertical-align: middle; width: 4.5rem; height: .5rem; margin-right: .6rem; border-radius: .25rem; background: var(--sunken); overflow: hidden; }
.bar span { display: block; height: 100%; background: var(--soft); }
td.bad .bar span { background: var(--bad); }
td.good .bar span { background: var(--good); }
figure { margin: 0 0 1.2rem; }
figcaption { font-size: .85rem; color: var(--soft); margin-bottom: .4rem; overflow-wrap: anywhere; }
.listing { border: 1px solid var(--line); border-radius: .6rem; overflow: hidden; background: var(--surface); }
.listing figcaption { margin: 0; padding: .5rem .9rem; border-bottom: 1px solid var(--line); background: var(--sunken); }
.listing figcaption code { background: none; padding: 0; color: var(--ink); }
.code { margin: 0; padding: .6rem 0; overflow-x: auto; font: .84rem/1.55 var(--mono); tab-size: 4; }
.code code { display: inline-block; min-width: 100%; font: inherit; background: none; padding: 0; overflow-wrap: normal; }
.line { display: inline-block; min-width: 100%; padding: 0 .9rem; white-space: pre; border-left: 3px solid transparent; }
.number { display: inline-block; width: 2.6rem; margin-right: 1rem; text-align: right; color: var(--soft); user-select: none; }
.marked { background: var(--mark-ground); border-left-color: var(--mark-edge); }
.added { background: var(--good-ground); border-left-color: var(--good); }
.removed { background: var(--bad-ground); border-left-color: var(--bad); }
.meta { color: var(--soft); }
.plot { border: 1px solid var(--line); border-radius: .6rem; background: var(--surface); padding: .9rem 1rem .4rem; }
.plot figcaption { display: flex; flex-wrap: wrap; gap: .2rem .4rem; align-items: baseline; }
.plot figcaption strong { color: var(--ink); }
.plot .scroll { margin: 0; }
.legend { margin-left: auto; display: flex; gap: .9rem; }
.key { display: inline-flex; gap: .35rem; align-items: center; }
.chart { display: block; width: 100%; min-width: 36rem; height: auto; }
.chart text { font: 12px system-ui, -apple-system, "Segoe UI", "Liberation Sans", Arial, sans-serif; }
.chart .tick { fill: var(--soft); font-variant-numeric: tabular-nums; }
.grid { stroke: var(--line); }
.axis { stroke: var(--line-strong); }
.failed { fill: var(--bad); }
.traffic { fill: var(--traffic); }
.incident { fill: var(--bad); opacity: .08; }
.key .incident { opacity: .22; }
.hover { fill: transparent; }
.hover:hover { fill: var(--ink); opacity: .07; }
.mark line { stroke-width: 1.5; }
.mark text { font-weight: 600; }
.mark.deploy line { stroke: var(--deploy); stroke-dasharray: 4 3; } .mark.deploy text { fill: var(--deploy); }
.mark.onset line { stroke: var(--bad); } .mark.onset text { fill: var(--bad); }
.mark.recovered line { stroke: var(--good); } .mark.recovered text { fill: var(--good); }
.whys { list-style: none; counter-reset: why; padding: 0; }
.whys li { counter-increment: why; position: relative; padding: 0 0 1rem 2.9rem; margin: 0; }
.whys li::before { content: counter(why); position: absolute; left: 0; top: .1rem; width: 1.8rem; height: 1.8rem; border-radius: 50%; background: var(--sunken); border: 1px solid var(--line-strong); text-align: center; line-height: 1.7rem; font-size: .85rem; font-weight: 650; }
.whys li:not(:last-child)::after { content: ""; position: absolute; left: .9rem; top: 2.1rem; bottom: .1rem; border-left: 1px solid var(--line-strong); }
.whys p { margin: 0 0 .2rem; }
.why { font-weight: 650; }
.sources code { font-size: .78rem; color: var(--soft); }
.tasks { list-style: none; padding: 0; max-width: none; }
.tasks li { display: flex; gap: .75rem; align-items: baseline; padding: .45rem 0; border-bottom: 1px solid var(--line); margin: 0; }
.box { flex: none; width: .95rem; height: .95rem; border: 1.5px solid var(--line-strong); border-radius: .25rem; transform: translateY(.15rem); }
.what { flex: 1; min-width: 0; overflow-wrap: anywhere; }
.chips { flex: none; display: flex; gap: .35rem; }
.chip { font-size: .76rem; border-radius: .3rem; padding: .05rem .45rem; background: var(--sunken); color: var(--soft); }
.chip.high { background: var(--bad-ground); color: var(--bad); }
.chip.medium { background: var(--warn-ground); color: var(--warn); }
.meter { max-width: 46rem; margin: 0 0 1rem; }
.meter p { display: flex; justify-content: space-between; gap: 1rem; margin: 0 0 .35rem; }
.track { display: block; height: .7rem; border-radius: .35rem; background: var(--sunken); border: 1px solid var(--line); overflow: hidden; }
.track span { display: block; height: 100%; background: var(--good); }
.meter.high .track span { background: var(--warn); }
.meter.over .track span { background: var(--bad); }
details { border: 1px solid var(--line); border-radius: .6rem; background: var(--surface); padding: 0 1rem; margin: 0 0 .8rem; }
details > :last-child { margin-bottom: 1rem; }
summary { cursor: pointer; padding: .65rem 0; font-weight: 550; }
details[open] > summary { border-bottom: 1px solid var(--line); margin-bottom: .8rem; }
:focus-visible { outline: 2px solid var(--deploy); outline-offset: 2px; border-radius: .2rem; }
footer { padding-top: 1.2rem; padding-bottom: 3rem; color: var(--soft); font-size: .85rem; }
@media (max-width: 60rem) {
  .page { display: block; }
  nav { display: none; }
}
@media (max-width: 40rem) {
  .head, .page, footer { padding-left: 1.1rem; padding-right: 1.1rem; }
  .tiles { grid-template-columns: 1fr 1fr; }
  .legend { margin-left: 0; }
  .tasks li { flex-wrap: wrap; }
  .what { flex-basis: 75%; }
  td:first-child { white-space: normal; }
}
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
@media print {
  :root {
    --ground: #fff; --surface: #fff; --sunken: #f3f3f3; --line: #ddd; --line-strong: #bbb; --ink: #111; --soft: #555; --link: #111;
    --bad: #b02a1f; --bad-ground: #fbeae8; --good: #14653b; --good-ground: #e6f3eb; --warn: #7a4e07; --warn-ground: #faf0dc;
    --deploy: #2f49b5; --traffic: #bbb; --mark-ground: #fff2cc; --mark-edge: #c98f00;
    color-scheme: light;
  }
  @page { margin: 16mm 15mm; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  body { font-size: 10pt; line-height: 1.5; }
  section { padding: 0 0 .4rem; }
  h2 { margin: .7rem 0 .4rem; }
  .head { padding-bottom: .8rem; }
  .page { padding-top: .3rem; }
  .lead { font-size: 11.5pt; }
  nav, .skip { display: none; }
  .page { display: block; }
  .head, .page, footer { max-width: none; padding-left: 0; padding-right: 0; }
  .head { padding-top: 0; }
  .chart { min-width: 0; max-height: 62mm; }
  .tiles { grid-template-columns: none; grid-auto-flow: column; grid-auto-columns: 1fr; gap: .4rem; }
  .tile { padding: .4rem .6rem; }
  .tile .value { font-size: 1.1rem; }
  h2, h3, figcaption, .why { break-after: avoid; }
  tr, li, .plot, .tile { break-inside: avoid; }
  .scroll, .code { overflow: visible; }
  .line { white-space: pre-wrap; }
  .line, td, .code code { overflow-wrap: anywhere; }
  td:first-child { white-space: normal; }
  details { border: 0; padding: 0; }
}
`
