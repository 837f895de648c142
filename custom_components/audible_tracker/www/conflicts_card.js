// Questions: which book is a title? One at a time, with what speaks for each book.

/** @import { Book, Candidate, Conflict, Conflicts, Decided, Hass } from "./types.js" */

import { coverView } from "./covers.js";
import { TrackerElement } from "./element.js";
import { formFor } from "./forms.js";
import { formatDuration, formatNames, formatPercent } from "./format.js";
import { icon } from "./icons.js";
import { loadTexts } from "./problems.js";
import { planOf } from "./rest.js";
import { html, nothing, repeat } from "./vendor/lit.js";

/** @typedef {{ type: string, title?: string, reader?: string, accept_above?: number }} ConflictsConfig */

const LIMIT = 50;
const ACCEPT_ABOVE_PERCENT = 70;
const SEARCH_AFTER_MS = 300;

/** @extends {TrackerElement<ConflictsConfig, Conflicts>} */
export class ConflictsCard extends TrackerElement {
  #place = 0;
  /** @type {Book[] | null} */
  #found = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #searching;
  /** @type {ReturnType<typeof planOf> | null} */
  #plan = null;
  /** The integration's own translations. @type {Hass["localize"] | null} */
  #localize = null;
  /** @type {string | null} */
  #language = null;
  /** What was done all at once, to be taken back so. @type {number[]} */
  #done = [];

  static getConfigForm() {
    return formFor([
      ["title", { text: {} }],
      ["reader", { text: {} }],
      ["accept_above", { number: { min: 30, max: 100, mode: "slider" } }],
    ]);
  }

  getCardSize() {
    return 6;
  }

  /** @override */
  feed() {
    const { reader } = this.config;
    return { type: "audible_tracker/conflicts/subscribe", limit: LIMIT, ...(reader ? { reader } : {}) };
  }

  /** @override */
  heard() {
    const last = (this.data?.conflicts.length ?? 0) - 1;
    this.#place = Math.max(0, Math.min(this.#place, last));
  }

  /** @override */
  view() {
    const { total, conflicts, decided, may_decide } = /** @type {Conflicts} */ (this.data);
    const conflict = conflicts[this.#place];
    return html`<div class="head">
        <h2>${this.config.title ?? this.say("conflicts.title")}</h2>
        ${conflicts.length > 1 ? this.#pagerView(total) : nothing}
      </div>
      ${conflict
        ? html`${this.#questionView(conflict, may_decide)} ${may_decide ? this.#restView(conflict) : nothing}`
        : html`<p class="quiet">${this.say("conflicts.none")}</p>`}
      ${may_decide || !conflict ? nothing : html`<p class="quiet">${this.say("conflicts.admins_only")}</p>`}
      ${may_decide && this.#done.length
        ? html`<div class="row">
            <p class="grow">${this.say("conflicts.done", { count: this.#done.length })}</p>
            <button type="button" ?disabled=${this.isBusy} @click=${() => void this.#undo(this.#done)}>
              ${this.say("conflicts.undo_all")}
            </button>
          </div>`
        : nothing}
      ${may_decide && decided.length ? this.#decidedView(decided) : nothing}`;
  }

  /** @param {number} total */
  #pagerView(total) {
    const last = (this.data?.conflicts.length ?? 0) - 1;
    return html`<button
        type="button"
        class="round plain"
        aria-label=${this.say("conflicts.previous")}
        ?disabled=${this.#place === 0}
        @click=${() => this.#go(this.#place - 1)}
      >
        ${icon("previous")}
      </button>
      <span class="tabular">${this.say("conflicts.place", { number: this.#place + 1, total })}</span>
      <button
        type="button"
        class="round plain"
        aria-label=${this.say("conflicts.next")}
        ?disabled=${this.#place >= last}
        @click=${() => this.#go(this.#place + 1)}
      >
        ${icon("next")}
      </button>`;
  }

  /** @param {number} place */
  #go(place) {
    this.#place = place;
    this.#found = null;
    this.#plan = null;
    this.draw();
  }

  /**
   * @param {Conflict} conflict
   * @param {boolean} mayDecide
   */
  #questionView(conflict, mayDecide) {
    const { title, candidates } = conflict;
    const isShared = (this.data?.readers.length ?? 0) > 1;
    return html`<div class="title-row">
        ${coverView(this.hass, title, "large")}
        <div class="text">
          <h3>${title.title}</h3>
          ${this.#factsView(title)}
          <p>${this.say(`conflicts.type.${conflict.type}`)}</p>
          ${isShared ? html`<p class="quiet">${this.say("conflicts.for", { reader: conflict.reader })}</p>` : nothing}
        </div>
      </div>
      ${candidates.length
        ? html`<ul class="candidates" aria-label=${this.say("conflicts.candidates")}>
            ${repeat(candidates, (one) => one.book.book_id, (one) => this.#candidateView(conflict, one, mayDecide))}
          </ul>`
        : nothing}
      ${mayDecide ? this.#choicesView(conflict) : nothing}`;
  }

  /** @param {{ authors?: string[], narrators?: string[], runtime_ms?: number | null, year?: number | null }} thing */
  #factsView({ authors = [], narrators = [], runtime_ms, year }) {
    const facts = [];
    if (runtime_ms) facts.push(formatDuration(runtime_ms, this.language));
    if (year) facts.push(String(year));
    if (narrators.length) facts.push(this.say("common.read_by", { narrators: formatNames(narrators, this.language) }));
    return html`${authors.length ? html`<p class="quiet">${formatNames(authors, this.language)}</p>` : nothing}
    ${facts.length ? html`<p class="quiet small-text">${facts.join(" · ")}</p>` : nothing}`;
  }

  /**
   * What a piece of evidence says in the user's language; empty as long as that is not known.
   * @param {string} name
   */
  #wordsOf(name) {
    if (this.#language !== this.hass.language) void this.#learnWords();
    return this.#localize?.(`component.audible_tracker.selector.evidence.options.${name}`);
  }

  async #learnWords() {
    this.#language = this.hass.language;
    this.#localize = await loadTexts(this.hass, "selector", "audible_tracker");
    this.draw();
  }

  /**
   * @param {Conflict} conflict
   * @param {Candidate} candidate
   * @param {boolean} mayDecide
   */
  #candidateView(conflict, { book, confidence, evidence }, mayDecide) {
    return html`<li class="candidate">
      ${coverView(this.hass, book)}
      <div class="text">
        <h3>${book.title}</h3>
        ${this.#factsView(book)}
        <p class="small-text">${this.say("conflicts.sure", { percent: formatPercent(confidence, this.language) })}</p>
        <ul class="evidence small-text">
          ${evidence.map(({ name, words, score }) => {
            const isFor = (score ?? 0) >= 0;
            return html`<li class=${isFor ? "for" : "against"}>
              ${icon(isFor ? "check" : "close")}
              <span class="unseen">${this.say(isFor ? "conflicts.speaks_for" : "conflicts.speaks_against")}:</span>
              <span>${this.#wordsOf(name) || words}</span>
            </li>`;
          })}
        </ul>
      </div>
      ${mayDecide
        ? html`<button
            type="button"
            class="main"
            aria-label=${this.say("conflicts.link_named", { title: book.title })}
            ?disabled=${this.isBusy}
            @click=${() => void this.#decide(conflict, "link", book.book_id)}
          >
            ${this.say("conflicts.link")}
          </button>`
        : nothing}
    </li>`;
  }

  /** @param {Conflict} conflict */
  #choicesView(conflict) {
    /** @type {[string, string][]} */
    const choices = [["create", "conflicts.create"], ["ignore", "conflicts.ignore"], ["not_a_book", "conflicts.not_a_book"]];
    return html`<input
        type="search"
        aria-label=${this.say("conflicts.find")}
        placeholder=${this.say("conflicts.find")}
        @input=${(/** @type {any} */ event) => this.#search(conflict, event.target.value)}
      />
      ${this.#found ? this.#foundView(conflict, this.#found) : nothing}
      <div class="row">
        ${choices.map(
          ([choice, words]) => html`<button
            type="button"
            ?disabled=${this.isBusy}
            @click=${() => void this.#decide(conflict, choice)}
          >
            ${this.say(words)}
          </button>`,
        )}
      </div>`;
  }

  /**
   * @param {Conflict} conflict
   * @param {Book[]} books
   */
  #foundView(conflict, books) {
    if (!books.length) return html`<p class="quiet" role="status">${this.say("conflicts.found_none")}</p>`;
    return html`<ul class="candidates">
      ${books.map(
        (book) => html`<li class="candidate">
          <div class="text"><h3>${book.title}</h3>${this.#factsView(book)}</div>
          <button
            type="button"
            aria-label=${this.say("conflicts.link_named", { title: book.title })}
            ?disabled=${this.isBusy}
            @click=${() => void this.#decide(conflict, "link", book.book_id)}
          >
            ${this.say("conflicts.link")}
          </button>
        </li>`,
      )}
    </ul>`;
  }

  /**
   * @param {Conflict} conflict
   * @param {string} text
   */
  #search(conflict, text) {
    clearTimeout(this.#searching);
    this.#searching = setTimeout(() => void this.#find(conflict, text.trim()), SEARCH_AFTER_MS);
  }

  /**
   * @param {Conflict} conflict
   * @param {string} query
   */
  async #find(conflict, query) {
    const found = query
      ? await this.attempt(() => this.act("search_books", { query, reader: conflict.reader, limit: 5 }))
      : null;
    this.#found = found?.books ?? null;
    this.draw();
  }

  /**
   * @param {Conflict} conflict
   * @param {string} choice
   * @param {number} [bookId]
   */
  async #decide(conflict, choice, bookId) {
    const isDone = await this.attempt(() =>
      this.act("resolve_conflict", {
        conflict_id: [conflict.conflict_id],
        choice,
        ...(bookId === undefined ? {} : { book_id: bookId }),
      }),
    );
    if (isDone) this.#say(1);
  }

  /** @param {number} count */
  #say(count) {
    this.notice = this.say("conflicts.done", { count });
    this.#found = null;
    this.#plan = null;
    this.draw();
  }

  // --- all at once -----------------------------------------------------------------

  /** @param {Conflict} conflict */
  #restView({ reader }) {
    if (!this.#plan)
      return html`<div>
        <button type="button" ?disabled=${this.isBusy} @click=${() => void this.#tryRest(reader)}>
          ${this.say("conflicts.rest")}
        </button>
      </div>`;
    const { linked, created, left } = this.#plan;
    const words = this.say("conflicts.rest_plan", {
      linked: this.say("conflicts.linked", { count: linked }),
      created: this.say("conflicts.created", { count: created }),
      left: this.say("conflicts.left", { count: left }),
    });
    return html`<div class="row" role="group" aria-label=${this.say("conflicts.rest")}>
      <p class="grow" role="status">${words}</p>
      <button type="button" @click=${() => this.#go(this.#place)}>${this.say("common.cancel")}</button>
      <button
        type="button"
        class="main"
        ?disabled=${this.isBusy || linked + created === 0}
        @click=${() => void this.#doRest(reader)}
      >
        ${this.say("conflicts.rest_do")}
      </button>
    </div>`;
  }

  /**
   * @param {string} reader
   * @param {boolean} dryRun
   */
  #rest(reader, dryRun) {
    const percent = this.config.accept_above ?? ACCEPT_ABOVE_PERCENT;
    const data = { reader, create_all: true, accept_above: percent / 100, dry_run: dryRun };
    return this.attempt(() => this.act("resolve_conflict", data));
  }

  /** @param {string} reader */
  async #tryRest(reader) {
    const answer = await this.#rest(reader, true);
    this.#plan = answer ? planOf(answer) : null;
    this.draw();
  }

  /** @param {string} reader */
  async #doRest(reader) {
    const answer = await this.#rest(reader, false);
    if (!answer) return;
    this.#done = answer.resolved.map((/** @type {{ conflict_id: number }} */ one) => one.conflict_id);
    this.#say(this.#done.length);
  }

  // --- what was decided ------------------------------------------------------------

  /** @param {Decided[]} decided */
  #decidedView(decided) {
    return html`<details class="decided">
      <summary>${this.say("conflicts.decided")}</summary>
      <ul>
        ${decided.map(
          (one) => html`<li class="row">
            <span class="grow line">${one.title}${one.actor ? html` <span class="quiet">· ${one.actor}</span>` : nothing}</span>
            <button
              type="button"
              class="plain"
              aria-label=${this.say("conflicts.undo_named", { title: one.title })}
              ?disabled=${this.isBusy}
              @click=${() => void this.#undo([one.conflict_id])}
            >
              ${this.say("common.undo")}
            </button>
          </li>`,
        )}
      </ul>
    </details>`;
  }

  /** @param {number[]} ids */
  async #undo(ids) {
    const isDone = await this.attempt(() => this.act("resolve_conflict", { conflict_id: ids, undo: true }));
    if (isDone) this.#done = this.#done.filter((id) => !ids.includes(id));
    this.draw();
  }
}
