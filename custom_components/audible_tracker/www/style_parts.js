// Styles of single cards, beside what all share.

export const PARTS = `
.shelf { display: grid; gap: 12px; }
.title-row { display: flex; align-items: center; gap: 12px; min-width: 0; }
.title.first .text { gap: 4px; }
.title.first h3 { font-size: var(--ha-font-size-l, 16px); }
.session { display: flex; align-items: center; gap: 4px; }
.session .icon { width: 16px; height: 16px; color: var(--primary-color); }
.picker { display: grid; gap: 8px; margin-block-start: 8px; padding: 12px; border-radius: 12px;
  background: color-mix(in srgb, var(--primary-text-color) 6%, transparent); }
.picker button { background: var(--card-background-color); }
.shelf.covers { grid-template-columns: repeat(auto-fill, minmax(132px, 1fr)); gap: 16px; }
.shelf.covers .title-row { display: grid; gap: 8px; }
.shelf.covers .title-row > button { grid-area: 1 / 1; place-self: end; margin: 8px; background: var(--card-background-color); }
.shelf.covers .title-row > audible-tracker-cover { grid-area: 1 / 1; }
.shelf.covers .picker { grid-column: 1 / -1; }
@container (max-width: 340px) {
  audible-tracker-cover.large { width: 80px; height: 80px; }
}

.candidates { display: grid; gap: 8px; }
.candidate { display: flex; gap: 12px; align-items: center; padding: 12px; border-radius: 12px; flex-wrap: wrap;
  background: color-mix(in srgb, var(--primary-text-color) 5%, transparent); }
.candidate .text { flex-basis: 180px; }
.evidence { display: grid; gap: 2px; margin-block-start: 4px; }
.evidence li { display: flex; gap: 6px; align-items: flex-start; }
.evidence .icon { width: 16px; height: 16px; }
.evidence .for .icon { color: var(--success-color, #2e7d32); }
.evidence .against .icon { color: var(--error-color, #db4437); }
summary { cursor: pointer; min-height: 40px; display: list-item; align-content: center; border-radius: 8px; }

.figures { display: grid; grid-template-columns: repeat(6, 1fr); gap: 8px; }
.figure { grid-column: span 2; }
.figure:nth-child(n + 4) { grid-column: span 3; }
@container (min-width: 640px) {
  .figures { grid-template-columns: repeat(5, 1fr); }
  .figures .figure { grid-column: auto; }
}
.figure { padding: 8px 12px; border-radius: 12px; background: color-mix(in srgb, var(--primary-text-color) 5%, transparent); }
.number { font-size: var(--ha-font-size-l, 16px); font-weight: var(--ha-font-weight-medium, 500); display: flex; align-items: center;
  gap: 4px; font-variant-numeric: tabular-nums; }
.number .icon { color: var(--warning-color, #ffa600); }
.heat, .goals { display: grid; gap: 8px; }
.heat-scroll { overflow-x: auto; padding: 2px; border-radius: 4px; }
.heat-map { display: grid; grid-template-columns: repeat(var(--columns), minmax(6px, 1fr)); grid-template-rows: auto repeat(7, auto);
  gap: 2px; max-width: calc(var(--columns) * 20px); }
.month { grid-row: 1; color: var(--secondary-text-color); white-space: nowrap; }
.cell { aspect-ratio: 1; border-radius: 2px; background: color-mix(in srgb, var(--primary-text-color) 10%, transparent); }
.cell.level-ahead { background: transparent; }
.cell.level-1 { background: color-mix(in srgb, var(--primary-color) 35%, var(--card-background-color)); }
.cell.level-2 { background: color-mix(in srgb, var(--primary-color) 55%, var(--card-background-color)); }
.cell.level-3 { background: color-mix(in srgb, var(--primary-color) 78%, var(--card-background-color)); }
.cell.level-4 { background: var(--primary-color); }
.legend { gap: 3px; }
.legend .cell { width: 10px; }
table { border-collapse: collapse; width: 100%; }
th { text-align: start; font-weight: normal; }
td { text-align: end; }
th, td { padding: 4px 0; border-block-end: 1px solid var(--divider-color); }
.goal { display: grid; gap: 4px; }
#review { width: min(480px, calc(100vw - 24px)); }
#picture { width: 100%; aspect-ratio: 1; border-radius: 12px; display: block; }
.place { text-align: center; }

.search { flex-basis: 200px; }
.filters button { min-height: 36px; padding: 0 12px; }
.books { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 260px), 1fr)); gap: 4px; }
.pager { justify-content: center; }
.book { width: 100%; justify-content: start; text-align: start; gap: 12px; padding: 8px; border-radius: 12px; }
.strong { font-weight: var(--ha-font-weight-medium, 500); }
.stars { --stars: "★★★★★"; position: relative; font-size: 13px; line-height: 1; width: max-content; letter-spacing: 1px; }
.stars::before { content: var(--stars); color: color-mix(in srgb, var(--primary-text-color) 25%, transparent); }
.stars::after { content: var(--stars); position: absolute; inset-block: 0; inset-inline-start: 0; overflow: hidden; white-space: nowrap;
  width: calc(var(--share) * 100%); color: var(--warning-color, #ffa600); }
.reads ol { display: grid; gap: 8px; }
.read { display: flex; align-items: end; gap: 8px; }
.read .fields { flex: 1; }
`;
