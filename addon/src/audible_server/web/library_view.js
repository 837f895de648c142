// How the library looks: search, filter, titles with what can be done with them.

/** @import { ServerBook } from "./types.js" */
/** @import { State } from "./store.js" */
/** @import { LibraryFilter, LibrarySort } from "./library_query.js" */

import { coverUrl, pdfUrl } from "./api.js";
import { valueOf } from "./fields.js";
import { describeBook, describeDisk, describeState, downloadedShare, heardShare, isUnderWay } from "./format.js";
import { ask, askMore, download, makePlain, removeDownload } from "./library.js";
import { FILTERS, SORTS } from "./library_query.js";
import { play, toggle } from "./player.js";
import { attempt } from "./problems.js";
import { html, nothing, repeat } from "./vendor/lit.js";

/** @param {State} state */
export function libraryView(state) {
  const { books, total, query, isLoading } = state;
  const isAll = !query.text && query.filter === "all";
  return html`${total || !isAll ? searchView(state) : nothing}
    <ul id="books" aria-busy=${isLoading}>
      ${repeat(books, (book) => book.asin, (book) => bookView(book, state))}
    </ul>
    ${books.length || isLoading ? nothing : isAll ? emptyView() : html`<p class="empty">Nothing fits.</p>`}
    ${books.length < total
      ? html`<p class="more"><button type="button" @click=${() => void askMore()}>Show more</button></p>`
      : nothing}`;
}

/** @param {State} state */
function searchView({ query }) {
  return html`<form id="search" role="search" @submit=${(/** @type {Event} */ event) => event.preventDefault()}>
    <input
      type="search"
      aria-label="Search titles and authors"
      placeholder="Search"
      .value=${query.text}
      @input=${(/** @type {Event} */ event) => void ask({ text: valueOf(event) })}
    />
    ${choice("Show", FILTERS, query.filter, (value) => ask({ filter: /** @type {LibraryFilter} */ (value) }))}
    ${choice("Order", SORTS, query.sort, (value) => ask({ sort: /** @type {LibrarySort} */ (value) }))}
  </form>`;
}

/**
 * @param {string} label
 * @param {[string, string][]} options
 * @param {string} chosen
 * @param {(value: string) => Promise<void>} choose
 */
function choice(label, options, chosen, choose) {
  return html`<select aria-label=${label} @change=${(/** @type {Event} */ event) => void choose(valueOf(event))}>
    ${options.map(([value, words]) => html`<option value=${value} ?selected=${value === chosen}>${words}</option>`)}
  </select>`;
}

function emptyView() {
  return html`<p id="empty" class="empty">
    No titles yet. Link this server in Home Assistant: open the Audible Tracker integration and sign in to Audible there.
    The library appears here within a minute.
  </p>`;
}

/**
 * @param {ServerBook} book
 * @param {State} state
 */
function bookView(book, state) {
  const { playing } = state;
  const isPlaying = playing?.book.asin === book.asin;
  const heard = heardShare(book);
  return html`<li class="book ${isPlaying ? "playing" : ""}" data-asin=${book.asin}>
    ${book.has_cover
      ? html`<img class="cover" alt="" loading="lazy" src=${coverUrl(book.asin)} @error=${hideBroken} />`
      : html`<div class="cover"></div>`}
    <div class="text">
      <h2>${book.title}</h2>
      <p>${describeBook(book)}</p>
      <p class=${book.state === "failed" ? "failed" : ""}>${describeState(book)}</p>
      ${book.is_downloaded && book.disk_bytes ? html`<p class="disk">${describeDisk(book)}</p>` : nothing}
      ${book.has_pdf
        ? html`<p><a class="pdf" href=${pdfUrl(book.asin)} target="_blank" aria-label=${`PDF of ${book.title}`}>PDF</a></p>`
        : nothing}
      ${isUnderWay(book) ? downloadBar(book) : nothing}
      ${heard === null ? nothing : html`<progress class="heard" aria-label=${`Heard of ${book.title}`} .value=${heard}></progress>`}
    </div>
    <div class="actions">
      ${book.is_playable ? playButton(book, isPlaying && !playing.isPaused) : nothing}
      ${canDownload(book) ? downloadButton(book) : nothing}
      ${book.is_downloaded ? moreView(book, state.confirming === book.asin) : nothing}
    </div>
  </li>`;
}

/** @param {ServerBook} book */
function downloadBar(book) {
  const share = downloadedShare(book);
  return html`<progress aria-label=${`Download of ${book.title}`} value=${share ?? nothing}></progress>`;
}

/**
 * @param {ServerBook} book
 * @param {boolean} isHeard
 */
function playButton(book, isHeard) {
  const verb = isHeard ? "Pause" : "Play";
  return html`<button
    type="button"
    class="main"
    aria-label=${`${verb}: ${book.title}`}
    @click=${() => void (isHeard ? toggle() : attempt(() => play(book)))}
  >
    ${verb}
  </button>`;
}

/** @param {ServerBook} book */
function downloadButton(book) {
  const verb = book.state === "failed" ? "Try again" : "Download";
  return html`<button type="button" aria-label=${`${verb}: ${book.title}`} @click=${() => void download(book.asin)}>
    ${verb}
  </button>`;
}

/**
 * @param {ServerBook} book
 * @param {boolean} isConfirming
 */
function moreView(book, isConfirming) {
  const verb = isConfirming ? "Really delete" : "Delete download";
  return html`<details class="more-actions">
    <summary aria-label=${`More: ${book.title}`}>More</summary>
    ${book.state === "downloaded"
      ? html`<button type="button" aria-label=${`Convert: ${book.title}`} @click=${() => void makePlain(book.asin)}>
          Convert to M4B
        </button>`
      : nothing}
    <button
      type="button"
      class=${isConfirming ? "danger" : ""}
      aria-label=${`${verb}: ${book.title}`}
      @click=${() => void removeDownload(book.asin)}
    >
      ${verb}
    </button>
  </details>`;
}

/** @param {ServerBook} book */
function canDownload(book) {
  return book.state === "new" || book.state === "failed";
}

/** @param {Event} event */
function hideBroken(event) {
  if (event.target instanceof HTMLElement) event.target.removeAttribute("src");
}
