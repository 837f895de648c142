// The shelf: what is being listened to, how much is left, and where to play it.

/** @import { Hass, Shelf, ShelfTitle } from "./types.js" */

import { coverView } from "./covers.js";
import { TrackerElement } from "./element.js";
import { formFor } from "./forms.js";
import { formatDuration, formatNames, formatPercent, heardShare, leftMs } from "./format.js";
import { icon } from "./icons.js";
import { playersOf, playingFirst, readersPlayers, sessionOf } from "./players.js";
import { html, nothing, repeat } from "./vendor/lit.js";

/**
 * @typedef {object} ShelfConfig
 * @property {string} type
 * @property {string} [title]
 * @property {string} [reader]
 * @property {string} [config_entry_id]
 * @property {number} [limit] how many are shown at first
 * @property {"list" | "covers"} [layout]
 * @property {string[]} [players]
 */

const LIMIT = 4;
const LAST_PLAYER = "audible-tracker-last-player";
const SLEEP_MINUTES = [15, 30, 45, 60];

/** @extends {TrackerElement<ShelfConfig, Shelf>} */
export class ShelfCard extends TrackerElement {
  #isOpen = false;
  /** @type {string | null} the title whose players are offered */
  #picking = null;
  #sleepMinutes = 0;
  #isFromStart = false;
  /** @type {string[]} */
  #ours = [];

  static getConfigForm() {
    return formFor([
      ["title", { text: {} }],
      ["reader", { text: {} }],
      ["layout", { select: { mode: "box", options: ["list", "covers"] } }],
      ["limit", { number: { min: 1, max: 25, mode: "box" } }],
      ["players", { entity: { multiple: true, filter: { domain: "media_player" } } }],
    ]);
  }

  getCardSize() {
    return 5;
  }

  /** @override */
  feed() {
    const { reader, config_entry_id } = this.config;
    return {
      type: "audible_tracker/shelf/subscribe",
      ...(reader ? { reader } : {}),
      ...(config_entry_id ? { config_entry_id } : {}),
    };
  }

  /**
   * @override
   * @param {Hass} before
   * @param {Hass} now
   */
  isShowing(before, now) {
    if (before.entities !== now.entities) this.#ours = readersPlayers(now.entities);
    if (before.states === now.states) return false;
    return this.#picking !== null || this.#ours.some((id) => before.states[id] !== now.states[id]);
  }

  /** @override */
  heard() {
    this.#ours = readersPlayers(this.hass.entities);
  }

  /** @override */
  view() {
    const { title, layout = "list", limit = LIMIT } = this.config;
    const titles = playingFirst(this.data?.titles ?? [], this.hass.states, this.#ours);
    const shown = this.#isOpen ? titles : titles.slice(0, limit);
    const more = titles.length - limit;
    return html`<div class="head"><h2>${title ?? this.say("shelf.title")}</h2></div>
      ${titles.length ? nothing : html`<p class="quiet">${this.say("shelf.empty")}</p>`}
      <ul class="shelf ${layout}">
        ${repeat(shown, (one) => `${one.config_entry_id} ${one.asin} ${one.reader}`, (one, index) => this.#titleView(one, index))}
      </ul>
      ${more > 0
        ? html`<button type="button" class="plain" aria-expanded=${this.#isOpen} @click=${() => this.#open()}>
            ${this.#isOpen ? this.say("shelf.fewer") : this.say("shelf.more", { count: more })}
          </button>`
        : nothing}`;
  }

  #open() {
    this.#isOpen = !this.#isOpen;
    this.draw();
  }

  /**
   * @param {ShelfTitle} title
   * @param {number} index
   */
  #titleView(title, index) {
    const isCovers = this.config.layout === "covers";
    const isFirst = index === 0 && !isCovers;
    const session = sessionOf(this.hass.states, this.#ours, title.asin);
    return html`<li class=${isFirst ? "title first" : "title"} data-asin=${title.asin}>
      <div class="title-row">
        ${coverView(this.hass, title, isCovers ? "wide" : isFirst ? "large" : "")}
        <div class="text">
          <h3 class="clamp">${title.title}</h3>
          <p class="quiet line">${this.#personsOf(title)}</p>
          ${isFirst && title.chapter ? html`<p class="quiet line">${title.chapter}</p>` : nothing}
          ${this.#progressView(title)} ${session ? this.#sessionView(session) : nothing}
        </div>
        ${session ? this.#pauseView(title, session) : this.#canPlay() ? this.#playView(title, isFirst) : nothing}
      </div>
      ${this.#picking === keyOf(title) && !session ? this.#pickerView(title) : nothing}
    </li>`;
  }

  /**
   * @param {ShelfTitle} title
   * @param {boolean} isMain
   */
  #playView(title, isMain) {
    const isPicking = this.#picking === keyOf(title);
    return html`<button
      type="button"
      class="round ${isMain ? "main" : ""}"
      aria-label=${this.say("shelf.play", { title: title.title })}
      aria-expanded=${isPicking}
      @click=${() => this.#pick(isPicking ? null : keyOf(title))}
    >
      ${icon("play")}
    </button>`;
  }

  /** @param {{ speaker: string, isPlaying: boolean }} session */
  #sessionView({ speaker, isPlaying }) {
    const words = this.say(isPlaying ? "shelf.playing_on" : "shelf.paused_on", { player: speaker });
    return html`<p class="session small-text">${icon("speaker")}<span class="line">${words}</span></p>`;
  }

  /**
   * @param {ShelfTitle} title
   * @param {{ id: string, isPlaying: boolean }} session
   */
  #pauseView(title, { id, isPlaying }) {
    return html`<button
      type="button"
      class="round main"
      aria-label=${this.say(isPlaying ? "shelf.pause" : "shelf.resume", { title: title.title })}
      ?disabled=${this.isBusy}
      @click=${() => void this.attempt(() => this.#playPause(id))}
    >
      ${icon(isPlaying ? "pause" : "play")}
    </button>`;
  }

  /** @param {string} id */
  #playPause(id) {
    const message = { type: "call_service", domain: "media_player", service: "media_play_pause" };
    return this.hass.callWS({ ...message, service_data: { entity_id: id } });
  }

  /** @param {ShelfTitle} title */
  #personsOf(title) {
    const persons = formatNames(title.authors, this.language);
    const isShared = (this.data?.readers.length ?? 0) > 1 && !this.config.reader;
    return isShared && title.reader ? `${persons} · ${title.reader}` : persons;
  }

  /** @param {ShelfTitle} title */
  #progressView(title) {
    const share = heardShare(title);
    if (share === null) return nothing;
    const left = leftMs(title);
    const percent = formatPercent(share, this.language);
    const words = [percent];
    if (left !== null) words.push(this.say("shelf.left", { time: formatDuration(left, this.language) }));
    return html`<div
        class="bar"
        role="progressbar"
        aria-label=${title.title}
        aria-valuemin="0"
        aria-valuemax="100"
        aria-valuenow=${Math.floor(share * 100)}
        aria-valuetext=${this.say("shelf.progress", { percent })}
      >
        <div style=${`--share: ${share}`}></div>
      </div>
      <p class="quiet small-text tabular">${words.join(" · ")}</p>`;
  }

  #canPlay() {
    return Boolean(this.hass.services.audible_tracker?.play);
  }

  // --- where to play ---------------------------------------------------------------

  /** @param {string | null} picking */
  #pick(picking) {
    this.#picking = picking;
    this.#isFromStart = false;
    this.#sleepMinutes = 0;
    this.draw();
  }

  /** @param {ShelfTitle} title */
  #pickerView(title) {
    const players = playersOf(this.hass, {
      only: this.config.players ?? [],
      last: localStorage.getItem(LAST_PLAYER),
      language: this.language,
    });
    if (!this.data?.has_server) return html`<p class="quiet picker">${this.say("shelf.no_server")}</p>`;
    if (!players.length) return html`<p class="quiet picker">${this.say("shelf.no_players")}</p>`;
    return html`<div class="picker" role="group" aria-label=${this.say("shelf.play_on")}>
      <div class="row">
        <h4 class="grow">${this.say("shelf.play_on")}</h4>
        <select
          aria-label=${this.say("shelf.from")}
          @change=${(/** @type {any} */ event) => (this.#isFromStart = event.target.value === "start")}
        >
          <option value="place" ?selected=${!this.#isFromStart}>${this.say("shelf.from_here")}</option>
          <option value="start" ?selected=${this.#isFromStart}>${this.say("shelf.from_start")}</option>
        </select>
        <select
          aria-label=${this.say("shelf.sleep")}
          @change=${(/** @type {any} */ event) => (this.#sleepMinutes = Number(event.target.value))}
        >
          <option value="0">${this.say("shelf.sleep")}: ${this.say("shelf.sleep_off")}</option>
          ${SLEEP_MINUTES.map(
            (minutes) => html`<option value=${minutes} ?selected=${minutes === this.#sleepMinutes}>
              ${this.say("shelf.minutes", { count: minutes })}
            </option>`,
          )}
        </select>
      </div>
      <div class="row">
        ${players.map(
          (player) => html`<button
            type="button"
            ?disabled=${this.isBusy}
            @click=${() => void this.#play(title, player)}
          >
            ${icon("speaker")}${player.name}
          </button>`,
        )}
      </div>
    </div>`;
  }

  /**
   * @param {ShelfTitle} title
   * @param {{ id: string, name: string }} player
   */
  async #play(title, player) {
    this.notice = this.say("shelf.starting", { player: player.name });
    const isDone = await this.attempt(async () => {
      await this.act("play", {
        entity_id: player.id,
        asin: title.asin,
        ...(title.reader ? { reader: title.reader } : {}),
        ...(this.#isFromStart ? { from: "start" } : {}),
        ...(this.#sleepMinutes ? { sleep_minutes: this.#sleepMinutes } : {}),
      });
      return true;
    });
    this.notice = "";
    if (!isDone) return this.draw();
    localStorage.setItem(LAST_PLAYER, player.id);
    this.notice = this.say("shelf.playing", { title: title.title, player: player.name });
    this.#pick(null);
  }
}

/** @param {ShelfTitle} title */
function keyOf(title) {
  return `${title.config_entry_id} ${title.asin}`;
}
