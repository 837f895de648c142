// How files that are no title's look: why not, and which title they are.

/** @import { ServerBook, UnknownFile } from "./types.js" */
/** @import { State } from "./store.js" */

import { assign, lookAgain, suggest } from "./files.js";
import { html, render, repeat } from "./vendor/lit.js";

/** @param {State} state */
export function filesView({ files, isScanning }) {
  return html`<p class="toolbar">
      <button type="button" ?disabled=${isScanning} @click=${() => void lookAgain()}>
        ${isScanning ? "Looking…" : "Look into the folder again"}
      </button>
    </p>
    <datalist id="titles"></datalist>
    ${files.length
      ? html`<ul id="files" class="rows">
          ${repeat(files, (file) => file.path, fileView)}
        </ul>`
      : html`<p class="empty">Every audio file in the library folder belongs to a title.</p>`}`;
}

/** @param {UnknownFile} file */
function fileView(file) {
  return html`<li class="job">
    <div class="text">
      <h2>${file.title ?? file.path}</h2>
      <p>${file.path}</p>
      <p>${file.reason_text ?? ""}</p>
    </div>
    <form class="actions" @submit=${(/** @type {Event} */ event) => send(event, file.path)}>
      <input
        name="asin"
        required
        pattern="[A-Z0-9]{10}"
        list="titles"
        autocomplete="off"
        placeholder="Title or ASIN"
        aria-label=${`Title of ${file.path}`}
        title="Ten capital letters and digits; type words of the title to be offered some"
        @input=${offer}
      />
      <button type="submit">This is it</button>
    </form>
  </li>`;
}

/**
 * @param {Event} event
 * @param {string} path
 */
function send(event, path) {
  event.preventDefault();
  if (event.target instanceof HTMLFormElement) {
    void assign(path, String(new FormData(event.target).get("asin")));
  }
}

/**
 * Offer the titles that hold what is typed.
 *
 * @param {Event} event
 */
function offer(event) {
  const list = document.getElementById("titles");
  if (!(event.target instanceof HTMLInputElement) || !list) return;
  void suggest(event.target.value, (books) => render(books.map(optionView), list));
}

/** @param {ServerBook} book */
function optionView(book) {
  return html`<option value=${book.asin}>${book.title}, ${book.authors.join(", ")}</option>`;
}
