// One style sheet for all cards; every color is the theme's.

import { PARTS } from "./style_parts.js";

const CSS = `
:host { display: block; height: 100%; container-type: inline-size; }
ha-card { height: 100%; overflow: hidden; box-sizing: border-box; }
.card { padding: 16px; height: 100%; box-sizing: border-box; overflow: auto; display: flex; flex-direction: column; gap: 12px;
  color: var(--primary-text-color); font-size: var(--ha-font-size-m, 14px); line-height: 1.4; }
.unseen { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
h2, h3, h4, p, ul, ol, dl, dd, fieldset { margin: 0; padding: 0; border: 0; min-width: 0; }
ul, ol { list-style: none; }
h2 { font-size: var(--ha-font-size-xl, 20px); font-weight: var(--ha-font-weight-medium, 500); line-height: 1.25; }
h3 { font-size: var(--ha-font-size-m, 14px); font-weight: var(--ha-font-weight-medium, 500); overflow-wrap: anywhere; }
h4 { font-size: var(--ha-font-size-s, 12px); font-weight: var(--ha-font-weight-medium, 500); color: var(--secondary-text-color); }
.head { display: flex; align-items: center; gap: 8px; flex-wrap: wrap; }
.head h2 { flex: 1; }
.quiet { color: var(--secondary-text-color); }
.small-text { font-size: var(--ha-font-size-s, 12px); }
.problem { padding: 8px 12px; border-radius: 8px; border-inline-start: 4px solid var(--error-color, #db4437);
  background: var(--secondary-background-color); color: var(--primary-text-color); }
.icon { width: 20px; height: 20px; fill: currentColor; flex: none; }
:host(:dir(rtl)) .icon.play, :host(:dir(rtl)) .icon.previous, :host(:dir(rtl)) .icon.next { transform: scaleX(-1); }
.tabular { font-variant-numeric: tabular-nums; }

button, select, input, textarea { font: inherit; color: inherit; }
button { display: inline-flex; align-items: center; justify-content: center; gap: 6px; min-height: 40px; padding: 0 14px;
  border: 1px solid var(--divider-color); border-radius: 20px; background: transparent; cursor: pointer; }
button:hover:not(:disabled) { background: color-mix(in srgb, var(--primary-text-color) 7%, transparent); }
/* Not the primary color with white on it: in the default theme that is too pale to read. */
button.main { background: color-mix(in srgb, var(--primary-color) 24%, var(--card-background-color)); border-color: var(--primary-color);
  font-weight: var(--ha-font-weight-medium, 500); }
button.main:hover:not(:disabled) { background: color-mix(in srgb, var(--primary-color) 34%, var(--card-background-color)); }
button.main.round { background: var(--primary-color); color: var(--text-primary-color, #fff); }
button.danger { border-color: var(--error-color, #db4437); }
button.danger .icon { color: var(--error-color, #db4437); }
button.round { width: 40px; padding: 0; flex: none; }
button.plain { border-color: transparent; }
button[aria-pressed="true"] { background: color-mix(in srgb, var(--primary-color) 20%, transparent); border-color: var(--primary-color); }
button:disabled { opacity: 0.5; cursor: default; }
:focus-visible { outline: 2px solid var(--primary-color); outline-offset: 2px; }
input, select, textarea { min-height: 40px; padding: 6px 12px; box-sizing: border-box; width: 100%;
  border: 1px solid color-mix(in srgb, var(--primary-text-color) 45%, transparent); border-radius: 8px;
  background: var(--card-background-color); }
select { width: auto; max-width: 100%; }
textarea { resize: vertical; min-height: 72px; }
input::placeholder { color: var(--secondary-text-color); opacity: 1; }
label { display: grid; gap: 4px; font-size: var(--ha-font-size-s, 12px); color: var(--secondary-text-color); }
label > * { font-size: var(--ha-font-size-m, 14px); color: var(--primary-text-color); }
.row { display: flex; align-items: center; gap: 8px; flex-wrap: wrap; }
.grow { flex: 1; min-width: 0; }
.fields { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 8px; align-items: end; }

audible-tracker-cover { display: grid; place-items: center; flex: none; width: 64px; height: 64px; border-radius: 6px;
  overflow: hidden; font-size: 20px; font-weight: 500; color: #fff; background: hsl(var(--hue, 210) 34% 30%); }
audible-tracker-cover.small { width: 48px; height: 48px; font-size: 16px; }
audible-tracker-cover.large { width: 112px; height: 112px; font-size: 32px; }
audible-tracker-cover.wide { width: 100%; height: auto; aspect-ratio: 1; font-size: 32px; }
audible-tracker-cover img { width: 100%; height: 100%; object-fit: cover; display: block; }
.text { flex: 1; min-width: 0; display: grid; gap: 2px; align-content: center; }
.line { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.clamp { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; line-clamp: 2; overflow: hidden; }
.bar { height: 6px; border-radius: 3px; overflow: hidden; background: color-mix(in srgb, var(--primary-text-color) 16%, transparent); }
.bar > div { height: 100%; width: calc(var(--share) * 100%); border-radius: 3px; background: var(--primary-color); }

dialog { width: min(640px, calc(100vw - 24px)); max-height: min(90vh, 100dvh - 24px); padding: 0; border: 0; overflow: auto;
  border-radius: var(--ha-dialog-border-radius, 20px); color: var(--primary-text-color);
  background: var(--ha-dialog-surface-background, var(--card-background-color)); box-shadow: 0 12px 48px rgb(0 0 0 / 40%); }
dialog::backdrop { background: rgb(0 0 0 / 50%); }
.sheet { padding: 16px; display: grid; gap: 16px; font-size: var(--ha-font-size-m, 14px); line-height: 1.4; }
.sheet section { display: grid; gap: 8px; }
.sheet-head { display: flex; align-items: start; gap: 12px; }

@media (prefers-reduced-motion: no-preference) {
  .bar > div { transition: width 0.3s ease; }
  button { transition: background-color 0.15s ease; }
}
@media (forced-colors: active) { .bar > div { background: Highlight; } .bar { border: 1px solid; } }
`;

/** @type {CSSStyleSheet | undefined} */
let made;

/** Return the sheet that all cards share; it is made when the first card is. */
export function sheet() {
  if (!made) {
    made = new CSSStyleSheet();
    made.replaceSync(CSS + PARTS);
  }
  return made;
}
