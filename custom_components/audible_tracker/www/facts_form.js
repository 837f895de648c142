// What is said of a book, to correct: no sync changes it back.

/** @import { Book } from "./types.js" */
/** @import { BookDialog } from "./book_dialog.js" */

import { FIELDS, editOf, shownOf } from "./edits.js";
import { html } from "./vendor/lit.js";

/**
 * @param {BookDialog} dialog
 * @param {Book} book
 */
export function factsForm(dialog, book) {
  const { say } = dialog.card;
  const shown = shownOf(book);
  return html`<details>
    <summary>${say("book.correct")}</summary>
    <form class="fields" @submit=${(/** @type {SubmitEvent} */ event) => void save(dialog, book, event)}>
      ${FIELDS.map(
        ([name, words]) => html`<label>
          ${say(words)}
          <input
            name=${name}
            type=${name === "page_count" ? "number" : name === "cover_url" ? "url" : "text"}
            min="1"
            maxlength="2000"
            ?required=${name === "title"}
            .value=${shown[name] ?? ""}
          />
        </label>`,
      )}
      <button type="submit" class="main">${say("common.save")}</button>
    </form>
  </details>`;
}

/**
 * @param {BookDialog} dialog
 * @param {Book} book
 * @param {SubmitEvent} event
 */
async function save(dialog, book, event) {
  event.preventDefault();
  const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
  const now = Object.fromEntries(FIELDS.map(([name]) => [name, String(form.get(name) ?? "")]));
  const edit = editOf(shownOf(book), now);
  if (Object.keys(edit).length) await dialog.act("edit_book", { book_id: book.book_id, ...edit });
}
