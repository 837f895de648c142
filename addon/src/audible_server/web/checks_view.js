// How the self-check looks.

/** @import { Check } from "./types.js" */

import { html } from "./vendor/lit.js";

const WORDS = { ok: "In order", warning: "Look at this", failed: "Not in order" };

/** @param {Check[] | null} checks */
export function checksView(checks) {
  if (!checks) return html`<p class="empty" role="status">Looking…</p>`;
  return html`<ul id="checks" class="rows">
    ${checks.map(
      (check) => html`<li class="check ${check.status}">
        <h2>${check.title}</h2>
        <p><strong>${WORDS[check.status]}.</strong> ${check.sentence}</p>
      </li>`,
    )}
  </ul>`;
}
