/** The report's style: it stands alone, on screen in both themes and on paper. */
export const style = `
:root { color-scheme: light dark; --line: #d5d5d8; --quiet: #666; --good: #1b7f3b; --bad: #a35200; }
@media (prefers-color-scheme: dark) {
  :root { --line: #3a3a3e; --quiet: #a0a0a6; --good: #58c27d; --bad: #e0a04a; }
  figure.chart { background: #f7f7f8; border-radius: 4px; }
}
body { font: 13px/1.5 system-ui, sans-serif; max-width: 1180px; margin: 24px auto; padding: 0 16px; }
h1 { font-size: 20px; margin: 0 0 4px; }
h2 { font-size: 15px; margin: 32px 0 8px; }
h3 { font-size: 13px; margin: 20px 0 4px; }
p.quiet, .quiet { color: var(--quiet); }
.notes { white-space: pre-line; max-width: 80ch; }
.headline p { font-size: 16px; margin: 4px 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 8px; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th { font-weight: 600; text-align: right; vertical-align: bottom; }
th:first-child, td:first-child, td.text, th.text { text-align: left; }
thead tr + tr th { text-align: right; }
td small { color: var(--quiet); display: block; }
.wide { overflow-x: auto; }
.charts { display: flex; flex-wrap: wrap; gap: 16px; }
figure { margin: 0; }
.gallery img { image-rendering: pixelated; display: block; border: 1px solid var(--line); }
.gallery td { vertical-align: top; text-align: left; }
.right { color: var(--good); }
.wrong { color: var(--bad); }
@media print { body { margin: 0; max-width: none; } h2 { break-after: avoid; } tr { break-inside: avoid; } }
`;
