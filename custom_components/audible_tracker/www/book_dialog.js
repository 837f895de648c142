// One book of the tracker: all that is known of it, to correct, merge and delete.

/** @import { Book, Merged, OpenBook } from "./types.js" */
/** @import { BooksCard } from "./books_card.js" */

import { coverView } from "./covers.js";
import { factsForm } from "./facts_form.js";
import { formatDuration, formatNames, formatPercent, formatSeries } from "./format.js";
import { icon } from "./icons.js";
import { problemOf } from "./problems.js";
import { readsView } from "./reads_view.js";
import { Subscription } from "./subscription.js";
import { html, nothing } from "./vendor/lit.js";

export const STATUSES = ["to_read", "reading", "finished", "paused", "did_not_finish"];
const STARS = Array.from({ length: 20 }, (_, index) => (index + 1) / 4);
const SEARCH_AFTER_MS = 250;

export class BookDialog {
  /** @type {number | null} */
  #bookId = null;
  /** @type {OpenBook | null} */
  #open = null;
  /** @type {Subscription<OpenBook>} */
  #subscription = new Subscription((event) => this.#hear(event));
  /** @type {string | null} */
  #problem = null;
  #notice = "";
  /** @type {Book[] | null} */
  #others = null;
  #isDeleting = false;
  /** @type {Book | null} */
  #merging = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #searching;

  /** @param {BooksCard} card */
  constructor(card) {
    this.card = card;
  }

  /** @param {number} bookId */
  open(bookId) {
    this.close();
    this.#bookId = bookId;
    this.#subscription.follow(this.card.hass, { type: "audible_tracker/book/subscribe", book_id: bookId });
    this.card.draw();
  }

  close() {
    this.#subscription.end();
    this.#bookId = null;
    this.#open = null;
    this.#problem = null;
    this.#notice = "";
    this.#others = null;
    this.#isDeleting = false;
    this.#merging = null;
    this.card.draw();
  }

  /** @param {{ data?: OpenBook, error?: any }} event */
  async #hear({ data, error }) {
    if (data) {
      this.#open = data;
    } else {
      this.#open = null;
      this.#problem = await problemOf(error, this.card.hass, this.card.say);
    }
    this.card.draw();
  }

  /** Open or close the dialog itself; templates cannot. */
  sync() {
    const dialog = this.card.shadowRoot?.getElementById("book");
    if (!(dialog instanceof HTMLDialogElement)) return;
    if (this.#bookId !== null && !dialog.open) dialog.showModal();
    if (this.#bookId === null && dialog.open) dialog.close();
  }

  view() {
    const { say } = this.card;
    return html`<dialog id="book" aria-labelledby="book-title" @close=${() => this.#closed()}>
      ${this.#bookId === null
        ? nothing
        : html`<div class="sheet">
            ${this.#headView()}
            ${this.#problem ? html`<p class="problem" role="alert">${this.#problem}</p>` : nothing}
            <p class="unseen" role="status">${this.#notice}</p>
            ${this.#open ? this.#bookView(this.#open) : this.#problem ? nothing : html`<p>${say("common.loading")}</p>`}
          </div>`}
    </dialog>`;
  }

  #closed() {
    if (this.#bookId !== null) this.close();
  }

  #headView() {
    const book = this.#open?.book;
    const { card } = this;
    return html`<div class="sheet-head">
      ${book ? coverView(card.hass, book, "large") : nothing}
      <div class="text">
        <h2 id="book-title">${book?.title ?? ""}</h2>
        ${book ? this.#factsView(book) : nothing}
      </div>
      <button type="button" class="round plain" aria-label=${card.say("common.close")} @click=${() => this.close()}>
        ${icon("close")}
      </button>
    </div>`;
  }

  /** @param {Book} book */
  #factsView(book) {
    const { language, say } = this.card;
    const facts = [];
    if (book.runtime_ms) facts.push(formatDuration(book.runtime_ms, language));
    if (book.year) facts.push(String(book.year));
    if (book.status === "reading" && book.percent_complete !== null)
      facts.push(say("shelf.progress", { percent: formatPercent(book.percent_complete / 100, language) }));
    return html`${book.authors.length ? html`<p class="quiet">${formatNames(book.authors, language)}</p>` : nothing}
    ${book.narrators.length
      ? html`<p class="quiet small-text">${say("common.read_by", { narrators: formatNames(book.narrators, language) })}</p>`
      : nothing}
    ${book.series.length ? html`<p class="quiet small-text">${formatSeries(book.series)}</p>` : nothing}
    ${facts.length ? html`<p class="quiet small-text">${facts.join(" · ")}</p>` : nothing}`;
  }

  /** @param {OpenBook} open */
  #bookView(open) {
    const { say, language } = this.card;
    return html`${this.#standingView(open.book)} ${readsView(this, open)} ${this.#wordsView(open.book)}
      ${factsForm(this, open.book)}
      ${open.titles.length
        ? html`<section>
            <h3>${say("book.at_audible")}</h3>
            <ul>
              ${open.titles.map(({ title, asin, match_confidence }) => {
                const sure = match_confidence === null ? "" : ` · ${say("conflicts.sure", { percent: formatPercent(match_confidence, language) })}`;
                return html`<li class="quiet small-text">${title} · ${asin}${sure}</li>`;
              })}
            </ul>
          </section>`
        : nothing}
      ${open.may_decide ? html`${this.#mergeView(open)} ${this.#deleteView(open.book)}` : nothing}`;
  }

  // --- status, rating, note --------------------------------------------------------

  /** @param {Book} book */
  #standingView({ book_id, status, rating }) {
    const { say } = this.card;
    return html`<div class="fields">
      <label>
        ${say("book.status")}
        <select
          .value=${status}
          @change=${(/** @type {any} */ event) => void this.act("set_book_status", { book_id, status: event.target.value })}
        >
          ${STATUSES.map((name) => html`<option value=${name} ?selected=${name === status}>${say(`books.status.${name}`)}</option>`)}
        </select>
      </label>
      <label>
        ${say("book.rating")}
        <select @change=${(/** @type {any} */ event) => void this.#rate(book_id, event.target.value)}>
          <option value="" ?selected=${rating === null}>${say("books.unrated")}</option>
          ${[0, ...STARS].map(
            (stars) => html`<option value=${stars} ?selected=${stars === rating}>${say("books.rated", { rating: stars })}</option>`,
          )}
        </select>
      </label>
    </div>`;
  }

  /**
   * @param {number} book_id
   * @param {string} value
   */
  #rate(book_id, value) {
    return this.act("rate_book", value === "" ? { book_id, clear: true } : { book_id, rating: Number(value) });
  }

  /** @param {Book} book */
  #wordsView({ book_id, note, review }) {
    const { say } = this.card;
    const field = (/** @type {"note" | "review"} */ name, /** @type {string | null | undefined} */ text) => html`<label>
      ${say(`book.${name}`)}
      <textarea
        name=${name}
        maxlength="10000"
        .value=${text ?? ""}
        @change=${(/** @type {any} */ event) => void this.#write(book_id, name, event.target.value.trim())}
      ></textarea>
    </label>`;
    return html`${field("note", note)} ${field("review", review)}`;
  }

  /**
   * @param {number} book_id
   * @param {string} name
   * @param {string} text
   */
  #write(book_id, name, text) {
    return this.act("edit_book", text ? { book_id, [name]: text } : { book_id, clear: [name] });
  }

  // --- merge and delete ------------------------------------------------------------

  /** @param {OpenBook} open */
  #mergeView({ book, reader, merged }) {
    const { say } = this.card;
    return html`${merged ? this.#mergedView(book, merged) : nothing}<details>
      <summary>${say("book.merge")}</summary>
      <section>
        <p class="quiet">${say("book.merge_hint")}</p>
        <input
          type="search"
          aria-label=${say("conflicts.find")}
          placeholder=${say("conflicts.find")}
          @input=${(/** @type {any} */ event) => this.#search(reader, event.target.value)}
        />
        ${this.#others && !this.#others.length ? html`<p class="quiet" role="status">${say("books.none")}</p>` : nothing}
        ${(this.#others ?? [])
          .filter((other) => other.book_id !== book.book_id)
          .map(
            (other) => html`<button type="button" @click=${() => this.#askMerge(other)}>
              ${say("book.merge_with", { other: other.title })}
            </button>`,
          )}
        ${this.#merging ? this.#mergingView(book.book_id, this.#merging) : nothing}
      </section>
    </details>`;
  }

  /**
   * @param {Book} book
   * @param {Merged} merged
   */
  #mergedView({ book_id }, { title }) {
    const { say } = this.card;
    return html`<div class="row">
      <p class="grow quiet">${say("book.merged", { other: title })}</p>
      <button type="button" @click=${() => void this.act("merge_books", { book_id, undo: true })}>
        ${say("book.unmerge")}
      </button>
    </div>`;
  }

  /** @param {Book | null} other */
  #askMerge(other) {
    this.#merging = other;
    this.card.draw();
  }

  /**
   * @param {number} bookId
   * @param {Book} other
   */
  #mergingView(bookId, other) {
    const { say } = this.card;
    return html`<div class="row" role="alert">
      <p class="grow">${say("book.merge_sure", { other: other.title })}</p>
      <button type="button" @click=${() => this.#askMerge(null)}>${say("common.cancel")}</button>
      <button type="button" class="danger" @click=${() => void this.#merge(bookId, other.book_id)}>
        ${say("book.merge_yes")}
      </button>
    </div>`;
  }

  /**
   * @param {string} reader
   * @param {string} text
   */
  #search(reader, text) {
    clearTimeout(this.#searching);
    this.#searching = setTimeout(async () => {
      const query = text.trim();
      const found = query ? await this.act("search_books", { query, reader, limit: 6 }, "") : null;
      this.#others = found?.books ?? null;
      this.card.draw();
    }, SEARCH_AFTER_MS);
  }

  /**
   * @param {number} book_id
   * @param {number} dropped
   */
  async #merge(book_id, dropped) {
    if (await this.act("merge_books", { book_id, dropped_book_id: dropped })) this.#others = null;
    this.#merging = null;
    this.card.draw();
  }

  /** @param {Book} book */
  #deleteView({ book_id, title }) {
    const { say } = this.card;
    if (!this.#isDeleting)
      return html`<div>
        <button type="button" class="danger" @click=${() => this.#askDelete(true)}>${icon("trash")}${say("book.delete")}</button>
      </div>`;
    return html`<div class="row" role="alert">
      <p class="grow">${say("book.delete_sure", { title })}</p>
      <button type="button" @click=${() => this.#askDelete(false)}>${say("common.cancel")}</button>
      <button type="button" class="danger" @click=${() => void this.#delete(book_id)}>${say("book.delete_yes")}</button>
    </div>`;
  }

  /** @param {boolean} isDeleting */
  #askDelete(isDeleting) {
    this.#isDeleting = isDeleting;
    this.card.draw();
  }

  /** @param {number} book_id */
  async #delete(book_id) {
    // From now on the feed could only say that it is gone.
    this.#subscription.end();
    if (await this.act("delete_book", { book_id })) this.close();
    else this.open(book_id);
  }

  /**
   * Call an action; what goes wrong is said in the dialog.
   *
   * @param {string} name
   * @param {Record<string, unknown>} data
   * @param {string} [done] what is said of it
   * @returns {Promise<any>}
   */
  async act(name, data, done = "book.saved") {
    const { card } = this;
    this.#problem = null;
    this.#notice = "";
    try {
      const answer = await card.act(name, data);
      if (done) this.#notice = card.say(done);
      return answer;
    } catch (error) {
      this.#problem = await problemOf(error, card.hass, card.say);
      return null;
    } finally {
      card.draw();
    }
  }
}
