// A reader's listening: figures, heat map, goals, and the year in pictures.

/** @import { Statistics } from "./types.js" */

import { TrackerElement } from "./element.js";
import { formFor } from "./forms.js";
import { addDays, firstWeekday, formatDay, formatDuration } from "./format.js";
import { goalsView } from "./goals_view.js";
import { cellsOf, listeningDays, longestDay, monthsOf } from "./heat_map.js";
import { icon } from "./icons.js";
import { ReviewDialog } from "./review_dialog.js";
import { html, nothing } from "./vendor/lit.js";

/**
 * @typedef {object} StatsConfig
 * @property {string} type
 * @property {string} [title]
 * @property {string} [reader]
 * @property {number} [year]
 * @property {boolean} [show_heat_map]
 * @property {boolean} [show_goals]
 * @property {boolean} [show_review]
 */

/** @extends {TrackerElement<StatsConfig, Statistics>} */
export class StatsCard extends TrackerElement {
  /** @type {number | null | undefined} undefined is what the configuration says */
  #year;
  /** @type {string | undefined} */
  #reader;
  #review = new ReviewDialog(this);
  #isScrolled = false;

  static getConfigForm() {
    return formFor([
      ["title", { text: {} }],
      ["reader", { text: {} }],
      ["year", { number: { min: 1995, max: 2200, mode: "box" } }],
      ["show_heat_map", { boolean: {} }],
      ["show_goals", { boolean: {} }],
      ["show_review", { boolean: {} }],
    ]);
  }

  getCardSize() {
    return 6;
  }

  /** @override */
  feed() {
    const year = this.#year === undefined ? this.config.year : this.#year;
    const reader = this.#reader ?? this.config.reader;
    return {
      type: "audible_tracker/statistics/subscribe",
      first_weekday: firstWeekday({ ...this.hass.locale, language: this.language }),
      ...(year ? { year } : {}),
      ...(reader ? { reader } : {}),
    };
  }

  /** @override */
  drawn() {
    this.#review.sync();
    const map = this.shadowRoot?.querySelector(".heat-scroll");
    if (!map || this.#isScrolled) return;
    // Where not all fits, the last weeks matter most; right to left this is below zero.
    map.scrollLeft = getComputedStyle(this).direction === "rtl" ? -map.scrollWidth : map.scrollWidth;
    this.#isScrolled = true;
  }

  /** @override */
  view() {
    const data = /** @type {Statistics} */ (this.data);
    const { show_heat_map = true, show_goals = true, show_review = true, title } = this.config;
    return html`<div class="head">
        <h2>${title ?? this.say("stats.title")}</h2>
        ${this.readersView(data, (reader) => this.#read(reader))} ${this.#periodsView(data)}
      </div>
      ${this.#figuresView(data)}
      ${data.is_listening_known ? nothing : html`<p class="quiet">${this.say("stats.unknown")}</p>`}
      ${show_heat_map && data.is_listening_known ? this.#heatMapView(data) : nothing}
      ${show_goals ? goalsView(this, data) : nothing}
      ${show_review
        ? html`<div>
              <button type="button" @click=${() => void this.#review.open()}>${this.say("review.open")}</button>
            </div>
            ${this.#review.view()}`
        : nothing}`;
  }

  /** @param {string} reader */
  #read(reader) {
    this.#reader = reader;
    this.refollow();
  }

  /** @param {Statistics} data */
  #periodsView({ known_years, start_date, end_date, today }) {
    const shown = end_date === today && start_date === addDays(today, -364) ? 0 : Number(start_date.slice(0, 4));
    return html`<select
      aria-label=${this.say("stats.period")}
      @change=${(/** @type {any} */ event) => {
        this.#year = Number(event.target.value) || null;
        this.refollow();
      }}
    >
      <option value="0" ?selected=${shown === 0}>${this.say("stats.last_year")}</option>
      ${known_years.map((year) => html`<option value=${year} ?selected=${year === shown}>${year}</option>`)}
    </select>`;
  }

  /** @param {Statistics} data */
  #figuresView({ totals, streaks, books_finished }) {
    const time = (/** @type {number} */ ms) => formatDuration(ms, this.language);
    const days = (/** @type {number} */ count) => this.say("stats.days", { count });
    /** @type {[string, unknown, string?][]} */
    const figures = [
      ["stats.today", time(totals.day_ms)],
      ["stats.week", time(totals.week_ms)],
      ["stats.year", time(totals.year_ms)],
      [
        "stats.streak",
        html`${streaks.current_days ? icon("flame") : nothing}${days(streaks.current_days)}`,
        this.say("stats.longest", { days: days(streaks.longest_days) }),
      ],
      ["stats.finished", this.say("stats.books", { count: books_finished })],
    ];
    return html`<dl class="figures">
      ${figures.map(
        ([name, value, more]) => html`<div class="figure">
          <dt class="quiet small-text">${this.say(name)}</dt>
          <dd class="number">${value}</dd>
          ${more ? html`<dd class="quiet small-text">${more}</dd>` : nothing}
        </div>`,
      )}
    </dl>`;
  }

  // --- the heat map ----------------------------------------------------------------

  /** @param {Statistics} data */
  #heatMapView(data) {
    const { days, start_date: first, end_date, today } = data;
    const last = end_date > today ? today : end_date;
    const week = firstWeekday({ ...this.hass.locale, language: this.language });
    const cells = cellsOf(days, { first, last: end_date, firstWeekday: week });
    const months = monthsOf(cells);
    const columns = (cells.at(-1)?.column ?? 0) + 1;
    return html`<section class="heat">
      <h3>${this.say("stats.heat_map")}</h3>
      <div class="heat-scroll" tabindex="0" role="img" aria-label=${this.#heatMapWords(data)}>
        <div class="heat-map" style=${`--columns: ${columns}`}>
          ${months.map(
            ({ day, column }) => html`<span class="month small-text" style=${`grid-column: ${column + 1} / span 3`}
              >${formatDay(day, this.language, { month: "short" })}</span
            >`,
          )}
          ${cells.map(
            ({ day, level, row, column, listenedMs }) => html`<span
              class=${`cell level-${day > last ? "ahead" : level}`}
              style=${`grid-area: ${row + 2} / ${column + 1}`}
              title=${this.#dayWords(day, listenedMs)}
            ></span>`,
          )}
        </div>
      </div>
      <div class="row legend small-text quiet" aria-hidden="true">
        <span>${this.say("stats.less")}</span>
        ${[0, 1, 2, 3, 4].map((level) => html`<span class=${`cell level-${level}`}></span>`)}
        <span>${this.say("stats.more")}</span>
      </div>
      ${this.#monthsView(data)}
    </section>`;
  }

  /**
   * @param {string} day
   * @param {number} ms
   */
  #dayWords(day, ms) {
    const values = { day: formatDay(day, this.language), time: formatDuration(ms, this.language) };
    return ms ? this.say("stats.day", values) : this.say("stats.day_none", values);
  }

  /** @param {Statistics} data */
  #heatMapWords({ days, start_date, end_date, listened_ms }) {
    const longest = longestDay(days);
    if (!longest) return this.say("stats.no_days");
    return this.say("stats.heat_map_label", {
      days: this.say("stats.days", { count: listeningDays(days).length }),
      first: formatDay(start_date, this.language),
      last: formatDay(end_date, this.language),
      time: formatDuration(listened_ms, this.language),
      day: formatDay(longest.start_date, this.language),
      most: formatDuration(longest.listened_ms, this.language),
    });
  }

  /** @param {Statistics} data */
  #monthsView({ months }) {
    if (!months.length) return nothing;
    return html`<details>
      <summary>${this.say("stats.by_month")}</summary>
      <table>
        <thead>
          <tr><th scope="col">${this.say("stats.month")}</th><th scope="col">${this.say("stats.time")}</th></tr>
        </thead>
        <tbody>
          ${months.map(
            ({ start_date, listened_ms }) => html`<tr>
              <th scope="row">${formatDay(start_date, this.language, { month: "long", year: "numeric" })}</th>
              <td class="tabular">${formatDuration(listened_ms, this.language)}</td>
            </tr>`,
          )}
        </tbody>
      </table>
    </details>`;
  }
}
