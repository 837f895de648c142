// The times that a book was read: each with its days, to correct, add and delete.

/** @import { OpenBook, Read } from "./types.js" */
/** @import { BookDialog } from "./book_dialog.js" */

import { icon } from "./icons.js";
import { html, nothing, repeat } from "./vendor/lit.js";

const OUTCOMES = ["under_way", "finished", "stopped"];

/**
 * @param {BookDialog} dialog
 * @param {OpenBook} open
 */
export function readsView(dialog, { book, reads }) {
  const { say } = dialog.card;
  return html`<section class="reads">
    <h3>${say("book.reads")}</h3>
    ${reads.length ? nothing : html`<p class="quiet">${say("book.no_reads")}</p>`}
    <ol>
      ${repeat(reads, (read) => read.read_id, (read, index) => readView(dialog, read, index + 1))}
    </ol>
    <div>
      <button
        type="button"
        @click=${() => void dialog.act("edit_read", { book_id: book.book_id, outcome: "finished" })}
      >
        ${icon("plus")}${say("book.add_read")}
      </button>
    </div>
  </section>`;
}

/**
 * @param {BookDialog} dialog
 * @param {Read} read
 * @param {number} number
 */
function readView(dialog, read, number) {
  const { say } = dialog.card;
  return html`<li class="read">
    <div class="fields" role="group" aria-label=${say("book.read", { number })}>
      <label>
        ${say("book.outcome")}
        <select
          @change=${(/** @type {any} */ event) =>
            void dialog.act("edit_read", { read_id: read.read_id, outcome: event.target.value })}
        >
          ${(OUTCOMES.includes(read.outcome) ? OUTCOMES : [...OUTCOMES, read.outcome]).map(
            (outcome) => html`<option value=${outcome} ?selected=${outcome === read.outcome}>
              ${say(`book.outcome.${outcome}`)}
            </option>`,
          )}
        </select>
      </label>
      ${dayView(dialog, read, "started_on", "book.started")}
      ${read.outcome === "finished" ? dayView(dialog, read, "finished_on", "book.finished") : nothing}
      ${read.outcome === "stopped" ? dayView(dialog, read, "stopped_on", "book.stopped") : nothing}
    </div>
    <button
      type="button"
      class="round plain"
      aria-label=${say("book.delete_read", { number })}
      @click=${() => void dialog.act("edit_read", { read_id: read.read_id, delete: true })}
    >
      ${icon("trash")}
    </button>
  </li>`;
}

/**
 * @param {BookDialog} dialog
 * @param {Read} read
 * @param {"started_on" | "finished_on" | "stopped_on"} name
 * @param {string} words
 */
function dayView(dialog, read, name, words) {
  return html`<label>
    ${dialog.card.say(words)}
    <input
      type="date"
      .value=${read[name] ?? ""}
      @change=${(/** @type {any} */ event) => void setDay(dialog, read, name, event.target.value)}
    />
  </label>`;
}

/**
 * @param {BookDialog} dialog
 * @param {Read} read
 * @param {string} name
 * @param {string} day empty for unknown
 */
function setDay(dialog, { read_id }, name, day) {
  return dialog.act("edit_read", day ? { read_id, [name]: day } : { read_id, clear: [name] });
}
