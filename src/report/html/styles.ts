import { heatRules } from './heat-scale.ts';

/** The style sheet of every report page. Nothing is fetched: system fonts, colours by the reader's scheme. */
export const styles = `
:root {
  color-scheme: light dark;
  --page: #fcfcfa; --raised: #ffffff; --ink: #1b1d20; --soft: #565c64; --line: #e2e2dc; --faint: #f3f3ef;
  --accent: #1f5fbf; --accent-soft: #c9dbf5; --warm: #a8481a; --note: #fff6e0; --note-line: #e3c678;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #15171a; --raised: #1b1e22; --ink: #e8e9eb; --soft: #a3a9b2; --line: #30343a; --faint: #20242a;
    --accent: #8db6f5; --accent-soft: #2b4368; --warm: #f0a071; --note: #2b2515; --note-line: #6b5a2a;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
}
.page { max-width: 1180px; margin: 0 auto; padding: 48px 24px 80px; }
h1, h2, h3, h4 { line-height: 1.25; letter-spacing: -0.01em; text-wrap: balance; }
h1 { font-size: 2.1rem; margin: 0 0 6px; overflow-wrap: anywhere; }
h2 { font-size: 1.4rem; margin: 56px 0 6px; padding-top: 20px; border-top: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 28px 0 4px; }
h4 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; }
p { margin: 6px 0 12px; max-width: 72ch; }
a { color: var(--accent); }
code { font: 0.875em/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
.kicker { color: var(--soft); font-size: 0.8125rem; letter-spacing: 0.06em; text-transform: uppercase; margin: 0 0 8px; }
.lead { font-size: 1.0625rem; color: var(--soft); }
.soft { color: var(--soft); }
.small { font-size: 0.875rem; }
.n { white-space: nowrap; font-variant-numeric: tabular-nums; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(230px, 1fr)); gap: 16px; margin: 24px 0 8px; }
.card { background: var(--raised); border: 1px solid var(--line); border-radius: 10px; padding: 16px 18px; min-width: 0; }
.card p { margin: 0; }
.card .name { font-weight: 600; overflow-wrap: anywhere; }
.card .figure .interval { font-weight: 400; letter-spacing: 0; }
.card .figure { font-size: 1.75rem; line-height: 1.3; font-weight: 600; letter-spacing: -0.02em; }

.note { background: var(--note); border: 1px solid var(--note-line); border-radius: 10px; padding: 10px 16px; margin: 16px 0; }
.note p { margin: 0; }
.flags { list-style: none; padding: 0; margin: 8px 0; }
.flags li { padding: 8px 0; border-bottom: 1px solid var(--line); }
.flags li:last-child { border-bottom: 0; }
.note .flags { margin: 0; }
.flags code { font-weight: 600; color: var(--warm); margin-right: 8px; }

dl.facts { display: grid; grid-template-columns: minmax(110px, max-content) 1fr; gap: 4px 20px; margin: 16px 0; }
dl.facts dt { color: var(--soft); }
dl.facts dd { margin: 0; overflow-wrap: anywhere; min-width: 0; }

.scroll { position: relative; overflow-x: auto; margin: 8px 0 16px; max-width: 100%; }
.scroll:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
table { border-collapse: collapse; font-size: 0.9rem; line-height: 1.4; }
.scroll > table { min-width: 100%; }
caption { text-align: left; color: var(--soft); font-size: 0.875rem; padding: 0 0 8px; }
caption > span { position: sticky; left: 0; display: inline-block; max-width: min(96ch, 100vw - 40px); }
th, td { text-align: left; padding: 7px 12px 7px 0; vertical-align: baseline; border-bottom: 1px solid var(--line); }
th:last-child, td:last-child { padding-right: 4px; }
thead th { font-size: 0.8125rem; font-weight: 500; color: var(--soft); white-space: nowrap; border-bottom-color: var(--soft); vertical-align: bottom; }
tbody th { font-weight: 600; min-width: 9rem; overflow-wrap: break-word; }
.sides { font-weight: 400; }
.scroll > table.compact { min-width: min(100%, 620px); }
td small { display: block; font-size: 0.8125rem; color: var(--soft); white-space: nowrap; }
.right { text-align: right; }
td.right, td.n, th.right { white-space: nowrap; font-variant-numeric: tabular-nums; }
tr.baseline > * { color: var(--soft); }
tr.baseline > th { font-weight: 400; }
.tag { display: inline-block; font-size: 0.75rem; font-weight: 400; color: var(--soft); border: 1px solid var(--line); border-radius: 99px; padding: 0 8px; margin-left: 6px; }
.interval { color: var(--soft); font-size: 0.8125rem; }
.tall { max-height: 480px; overflow: auto; }
.bar { display: inline-block; vertical-align: middle; width: 110px; height: 16px; }
.wide.bar { width: 220px; }
.bar .track { stroke: var(--line); stroke-width: 1; }
.bar .zero { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 2 2; }
.bar .range { stroke: var(--accent); stroke-opacity: 0.45; stroke-width: 4; stroke-linecap: round; }
.bar .dot { fill: var(--accent); }
tr.baseline .bar .range { stroke: var(--soft); } tr.baseline .bar .dot { fill: var(--soft); }

fieldset.switch { border: 0; padding: 0; margin: 0; display: flex; flex-wrap: wrap; align-items: center; gap: 6px; }
fieldset.switch legend { float: left; padding: 0; margin-right: 6px; color: var(--soft); font-size: 0.875rem; }
.switches { display: none; flex-wrap: wrap; gap: 10px 28px; padding: 12px 0; background: var(--page); }
.switch label { position: relative; cursor: pointer; }
.switch span { display: block; font-size: 0.875rem; border: 1px solid var(--line); border-radius: 99px; padding: 3px 14px; background: var(--raised); }
.switch input { position: absolute; opacity: 0; width: 1px; }
.switch input:checked + span { background: var(--accent); border-color: var(--accent); color: var(--page); }
.switch input:focus-visible + span { outline: 2px solid var(--accent); outline-offset: 2px; }
@supports selector(body:has(input)) { .switches { display: flex; } }
@media (min-width: 760px) { .switches { position: sticky; top: 0; z-index: 3; border-bottom: 1px solid var(--line); } }

.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: 24px; margin: 24px 0 8px; }
figure { margin: 0; min-width: 0; }
figcaption { font-size: 0.875rem; color: var(--soft); margin-bottom: 6px; }
figure svg { display: block; max-width: 100%; height: auto; overflow: visible; color: var(--ink); }

table.heat { border-collapse: separate; border-spacing: 3px; font-size: 0.875rem; }
.scroll > table.heat { min-width: 0; }
table.heat th, table.heat td { border: 0; padding: 6px 8px; }
table.heat thead th { text-align: center; vertical-align: bottom; max-width: 130px; white-space: normal; overflow-wrap: anywhere; }
table.heat thead th:first-child { text-align: left; }
table.heat tbody th { vertical-align: middle; min-width: 0; font-weight: 400; padding-left: 0; text-align: left; background: var(--page); position: sticky; left: 0; z-index: 1; }
table.heat tbody th[scope=row] span { display: block; width: max-content; max-width: 220px; overflow-wrap: anywhere; }
table.heat thead th:first-child { position: sticky; left: 0; z-index: 1; background: var(--page); padding-left: 0; }
table.heat td { text-align: center; vertical-align: middle; border-radius: 4px; min-width: 64px; font-variant-numeric: tabular-nums; position: relative; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
table.heat td.white-box::after { content: ""; position: absolute; inset: 3px; border: 1.5px solid currentColor; border-radius: 2px; pointer-events: none; }
table.heat td.none { color: var(--soft); background: var(--faint); }
table.heat .group th { color: var(--soft); font-size: 0.8125rem; padding-top: 12px; }
table.heat.dense thead th span { writing-mode: vertical-rl; transform: rotate(180deg); display: inline-block; text-align: left; max-height: 180px; }
table.heat.dense td { min-width: 46px; padding: 6px 4px; }
${heatRules}
.key { display: flex; flex-wrap: wrap; gap: 6px 24px; align-items: center; font-size: 0.8125rem; color: var(--soft); margin: 4px 0 12px; }
.key .ramp { display: flex; align-items: center; gap: 8px; }
.key .ramp i { display: flex; }
.key .ramp b { width: 12px; height: 14px; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
.key .box { display: inline-block; width: 20px; height: 14px; border: 1.5px solid var(--ink); border-radius: 2px; vertical-align: -2px; margin-right: 6px; }

.example { background: var(--raised); border: 1px solid var(--line); border-radius: 10px; padding: 18px; margin: 16px 0; break-inside: avoid; }
.example > header { margin-bottom: 10px; }
.triple { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 12px; max-width: 720px; }
.triple img { width: 100%; height: auto; display: block; border-radius: 6px; background: var(--faint); }
.triple img.small { image-rendering: pixelated; }
.triple figcaption { margin: 6px 0 0; font-size: 0.8125rem; line-height: 1.35; }
.examples { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 430px), 1fr)); gap: 16px; }
.example .scroll { margin-bottom: 0; }
.example tbody tr:last-child > * { border-bottom: 0; }
.examples .example { margin: 0; min-width: 0; }
.right-answer { color: var(--accent); } .wrong-answer { color: var(--warm); }
details > summary { cursor: pointer; color: var(--accent); margin: 8px 0; }
pre { background: var(--faint); border: 1px solid var(--line); border-radius: 8px; padding: 12px 16px; overflow-x: auto; margin: 8px 0; }
footer { margin-top: 56px; border-top: 1px solid var(--line); padding-top: 14px; color: var(--soft); font-size: 0.875rem; }

@media (max-width: 640px) {
  .page { padding: 28px 16px 56px; }
  h1 { font-size: 1.65rem; } h2 { margin-top: 40px; }
  .cards { gap: 10px; }
  dl.facts { grid-template-columns: minmax(84px, max-content) 1fr; gap: 4px 14px; font-size: 0.9375rem; }
  tbody th { min-width: 7.5rem; }
  .board tbody th, .board thead th:nth-child(2) { position: sticky; left: 0; background: var(--page); z-index: 1; max-width: 9rem; }
  .board .line { display: none; }
  .board tbody .tag { margin-left: 0; }
  table.heat { border-spacing: 2px; font-size: 0.8125rem; }
  table.heat tbody th { padding-right: 4px; }
  table.heat tbody th[scope=row] span { max-width: 74px; }
  table.heat td { min-width: 44px; padding: 8px 3px; }
  table.heat thead th span { writing-mode: vertical-rl; transform: rotate(180deg); display: inline-block; text-align: left; max-height: 160px; }
  .triple { gap: 6px; } .example { padding: 12px; }
}
@media print {
  :root { --page: #fff; --raised: #fff; --ink: #000; --soft: #444; --line: #ccc; --accent: #1f4f9f; color-scheme: light; }
  body { font-size: 10pt; } .page { max-width: none; padding: 0; }
  .switches { display: none !important; } .scroll, .tall { overflow: visible; max-height: none; }
  h2, h3 { break-after: avoid; } tr, figure { break-inside: avoid; }
}
`;
