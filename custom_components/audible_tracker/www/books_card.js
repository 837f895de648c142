// The tracker: books to search, filter, open, correct, and add.

/** @import { Book, BookPage } from "./types.js" */

import { BookDialog, STATUSES } from "./book_dialog.js";
import { coverView } from "./covers.js";
import { TrackerElement } from "./element.js";
import { formFor } from "./forms.js";
import { formatDay, formatNames, formatPercent } from "./format.js";
import { icon } from "./icons.js";
import { html, nothing, repeat } from "./vendor/lit.js";

/** @typedef {{ type: string, title?: string, reader?: string, order?: string, limit?: number }} BooksConfig */

const ORDERS = ["changed", "title", "added", "started", "finished", "rating"];
const LIMIT = 48;
const LIMIT_MAX = 200;
const SEARCH_AFTER_MS = 250;

/** @extends {TrackerElement<BooksConfig, BookPage>} */
export class BooksCard extends TrackerElement {
  /** @type {{ query: string, status: string | null, order: string | null, reader: string | null, offset: number }} */
  #asked = { query: "", status: null, order: null, reader: null, offset: 0 };
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #searching;
  #isAdding = false;
  #dialog = new BookDialog(this);

  static getConfigForm() {
    return formFor([
      ["title", { text: {} }],
      ["reader", { text: {} }],
      ["order", { select: { mode: "dropdown", options: ORDERS } }],
      ["limit", { number: { min: 1, max: LIMIT_MAX, mode: "box" } }],
    ]);
  }

  getCardSize() {
    return 8;
  }

  /** @override */
  feed() {
    const { query, status, offset } = this.#asked;
    const reader = this.#asked.reader ?? this.config.reader;
    return {
      type: "audible_tracker/books/subscribe",
      query,
      order: this.#asked.order ?? this.config.order ?? "changed",
      offset,
      limit: this.config.limit ?? LIMIT,
      ...(status ? { status } : {}),
      ...(reader ? { reader } : {}),
    };
  }

  /** @param {Partial<{ query: string, status: string | null, order: string, reader: string, offset: number }>} changes */
  #ask(changes) {
    Object.assign(this.#asked, { offset: 0, ...changes });
    this.refollow();
  }

  /** @override */
  heard() {
    // The last book of the last page may have gone.
    const { total, books, offset } = this.data ?? { total: 0, books: [], offset: 0 };
    if (offset > 0 && total > 0 && !books.length) this.#ask({ offset: 0 });
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#dialog.close();
  }

  /** @override */
  drawn() {
    this.#dialog.sync();
  }

  /** @override */
  view() {
    const data = /** @type {BookPage} */ (this.data);
    const { books, total } = data;
    const isAll = !this.#asked.query && !this.#asked.status;
    return html`<div class="head">
        <h2>${this.config.title ?? this.say("books.title")}</h2>
        ${this.readersView(data, (reader) => this.#ask({ reader }))}
        <button type="button" aria-expanded=${this.#isAdding} @click=${() => this.#toggleAdding()}>
          ${icon("plus")}${this.say("books.add")}
        </button>
      </div>
      ${this.#isAdding ? this.#addView(data) : nothing} ${this.#searchView(data)}
      <p class="quiet small-text" role="status">${this.say("books.count", { count: total })}</p>
      <ul class="books">
        ${repeat(books, (book) => book.book_id, (book) => this.#bookView(book))}
      </ul>
      ${books.length ? nothing : html`<p class="quiet">${this.say(isAll ? "books.empty" : "books.none")}</p>`}
      ${this.#pagerView(data)}
      ${this.#dialog.view()}`;
  }

  /** @param {BookPage} data */
  #pagerView({ books, total, offset }) {
    if (total <= books.length) return nothing;
    const limit = this.config.limit ?? LIMIT;
    const range = { first: offset + 1, last: offset + books.length, total };
    return html`<div class="row pager">
      <button
        type="button"
        class="round plain"
        aria-label=${this.say("books.previous")}
        ?disabled=${offset === 0}
        @click=${() => this.#turn(Math.max(0, offset - limit))}
      >
        ${icon("previous")}
      </button>
      <span class="tabular">${this.say("books.range", range)}</span>
      <button
        type="button"
        class="round plain"
        aria-label=${this.say("books.next")}
        ?disabled=${range.last >= total}
        @click=${() => this.#turn(offset + limit)}
      >
        ${icon("next")}
      </button>
    </div>`;
  }

  /** @param {number} offset */
  #turn(offset) {
    this.#ask({ offset });
    this.scrollIntoView({ block: "start" });
  }

  /** @param {BookPage} data */
  #searchView({ counts }) {
    const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
    /** @type {[string | null, string, number][]} */
    const filters = [[null, "books.all", all]];
    for (const status of STATUSES) {
      const count = counts[status] ?? 0;
      if (count || this.#asked.status === status) filters.push([status, `books.status.${status}`, count]);
    }
    const order = this.#asked.order ?? this.config.order ?? "changed";
    return html`<div class="row" role="search">
        <input
          type="search"
          class="grow search"
          aria-label=${this.say("books.search")}
          placeholder=${this.say("books.search")}
          .value=${this.#asked.query}
          @input=${(/** @type {any} */ event) => this.#search(event.target.value)}
        />
        <select
          aria-label=${this.say("books.order")}
          @change=${(/** @type {any} */ event) => this.#ask({ order: event.target.value })}
        >
          ${ORDERS.map(
            (name) => html`<option value=${name} ?selected=${name === order}>${this.say(`books.order.${name}`)}</option>`,
          )}
        </select>
      </div>
      <div class="row filters" role="group" aria-label=${this.say("book.status")}>
        ${filters.map(
          ([status, words, count]) => html`<button
            type="button"
            aria-pressed=${status === this.#asked.status}
            @click=${() => this.#ask({ status })}
          >
            ${this.say(words)} <span class="quiet tabular">${count}</span>
          </button>`,
        )}
      </div>`;
  }

  /** @param {string} query */
  #search(query) {
    clearTimeout(this.#searching);
    this.#searching = setTimeout(() => this.#ask({ query: query.trim().slice(0, 200) }), SEARCH_AFTER_MS);
  }

  /** @param {Book} book */
  #bookView(book) {
    return html`<li>
      <button
        type="button"
        class="plain book"
        aria-label=${this.say("books.open", { title: book.title })}
        @click=${() => this.#dialog.open(book.book_id)}
      >
        ${coverView(this.hass, book)}
        <span class="text">
          <span class="clamp strong">${book.title}</span>
          <span class="quiet line">${formatNames(book.authors, this.language)}</span>
          <span class="quiet small-text line">${this.#stateOf(book)}</span>
          ${book.rating === null ? nothing : this.#starsView(book.rating)}
        </span>
      </button>
    </li>`;
  }

  /** @param {Book} book */
  #stateOf(book) {
    const words = [this.say(`books.status.${book.status}`)];
    if (book.status === "finished" && book.finished_on) words.push(formatDay(book.finished_on, this.language));
    if (book.status === "reading" && book.percent_complete !== null)
      words.push(formatPercent(book.percent_complete / 100, this.language));
    return words.join(" · ");
  }

  /** @param {number} rating */
  #starsView(rating) {
    return html`<span
      class="stars"
      role="img"
      aria-label=${this.say("books.rated", { rating })}
      style=${`--share: ${rating / 5}`}
    ></span>`;
  }

  // --- a new book ------------------------------------------------------------------

  #toggleAdding() {
    this.#isAdding = !this.#isAdding;
    this.draw();
  }

  /** @param {BookPage} data */
  #addView({ reader }) {
    return html`<form class="fields" @submit=${(/** @type {SubmitEvent} */ event) => void this.#add(reader, event)}>
      <label>${this.say("book.title")}<input name="title" required maxlength="500" /></label>
      <label>${this.say("book.authors")}<input name="authors" maxlength="500" /></label>
      <label>
        ${this.say("book.status")}
        <select name="status">
          ${STATUSES.map((status) => html`<option value=${status}>${this.say(`books.status.${status}`)}</option>`)}
        </select>
      </label>
      <button type="submit" class="main" ?disabled=${this.isBusy}>${this.say("common.save")}</button>
    </form>`;
  }

  /**
   * @param {string} reader
   * @param {SubmitEvent} event
   */
  async #add(reader, event) {
    event.preventDefault();
    const fields = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const authors = String(fields.get("authors")).split(",").map((name) => name.trim()).filter(Boolean);
    const book = await this.attempt(() =>
      this.act("add_book", {
        reader,
        title: String(fields.get("title")),
        status: String(fields.get("status")),
        ...(authors.length ? { authors } : {}),
      }),
    );
    if (!book) return;
    this.#isAdding = false;
    this.#dialog.open(book.book_id);
  }
}
