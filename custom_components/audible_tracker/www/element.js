// What all cards share: a feed, texts, problems, and being drawn once per change.

/** @import { Hass } from "./types.js" */
/** @import { Translate } from "./texts.js" */

import { problemOf } from "./problems.js";
import { sheet } from "./style.js";
import { Subscription } from "./subscription.js";
import { formatLanguage, speak } from "./texts.js";
import { html, nothing, render } from "./vendor/lit.js";

/**
 * Two seconds: the frontend connects and disconnects cards while it moves them around.
 */
const KEPT_MS = 2000;

/**
 * @template {Record<string, any>} Config
 * @template Data
 */
export class TrackerElement extends HTMLElement {
  /** @type {Hass | null} */
  #hass = null;
  /** @type {Config | null} */
  #config = null;
  /** @type {Subscription<Data>} */
  #subscription = new Subscription((event) => this.#hear(event));
  #isDue = false;
  #redraw = () => this.draw();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #leaving;
  /** @type {Data | null} */
  data = null;
  /** @type {string | null} */
  problem = null;
  /** What was done last, said aloud once. */
  notice = "";
  isBusy = false;

  static getStubConfig() {
    return {};
  }

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet()];
  }

  /** @param {Hass} hass */
  set hass(hass) {
    const before = this.#hass;
    this.#hass = hass;
    if (before === null) this.#follow();
    if (before === null || before.language !== hass.language || this.isShowing(before, hass)) this.draw();
  }

  get hass() {
    if (this.#hass === null) throw new Error("Home Assistant is not there yet");
    return this.#hass;
  }

  /** @param {Config} config */
  setConfig(config) {
    this.#config = { ...config };
    this.#follow();
    this.draw();
  }

  /** @returns {Config} */
  get config() {
    if (this.#config === null) throw new Error("The card has no configuration yet");
    return this.#config;
  }

  connectedCallback() {
    clearTimeout(this.#leaving);
    this.#follow();
    this.draw();
  }

  disconnectedCallback() {
    this.#leaving = setTimeout(() => this.#subscription.end(), KEPT_MS);
  }

  getGridOptions() {
    return { columns: 12, rows: "auto", min_columns: 6 };
  }

  // --- for the cards ---------------------------------------------------------------

  /**
   * Tell whether a change of states matters to what is shown.
   *
   * @param {Hass} _before
   * @param {Hass} _now
   * @returns {boolean}
   */
  isShowing(_before, _now) {
    return false;
  }

  /**
   * Return the command to subscribe to.
   *
   * @returns {Record<string, any>}
   */
  feed() {
    throw new Error("A card has a feed");
  }

  /** @returns {unknown} */
  view() {
    return nothing;
  }

  /**
   * Return a choice of the reader, where there are several and none is configured.
   *
   * @param {{ reader: string, readers: string[] }} data
   * @param {(reader: string) => void} choose
   */
  readersView({ reader, readers }, choose) {
    if (readers.length < 2 || this.config.reader) return nothing;
    return html`<select
      aria-label=${this.say("common.reader")}
      @change=${(/** @type {any} */ event) => choose(event.target.value)}
    >
      ${readers.map((name) => html`<option value=${name} ?selected=${name === reader}>${name}</option>`)}
    </select>`;
  }

  /** @type {Translate} */
  say = (key, values) => this.speech.say(key, values);

  get speech() {
    return speak(this.hass.language || "en", this.#redraw);
  }

  get language() {
    return formatLanguage(this.hass.locale?.language || this.hass.language || "en");
  }

  /** Ask anew: what the feed names has changed. */
  refollow() {
    this.#follow();
    this.draw();
  }

  /** Draw once, however many changes come together. */
  draw() {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      if (!this.#hass || !this.#config || !this.shadowRoot || !this.isConnected) return;
      render(this.#frame(), /** @type {any} */ (this.shadowRoot));
      this.drawn();
    });
  }

  /** Called after each drawing; dialogs cannot be opened by a template. */
  drawn() {}

  /**
   * Do what a person asked for; a refusal is shown in their language.
   *
   * @template T
   * @param {() => Promise<T>} action
   * @returns {Promise<T | undefined>}
   */
  async attempt(action) {
    this.problem = null;
    this.isBusy = true;
    this.draw();
    try {
      return await action();
    } catch (error) {
      this.problem = await problemOf(error, this.hass, this.say);
      return undefined;
    } finally {
      this.isBusy = false;
      this.draw();
    }
  }

  /**
   * Call one of the tracker's actions; return what it answers.
   *
   * @param {string} name
   * @param {Record<string, unknown>} data
   * @returns {Promise<any>}
   */
  async act(name, data) {
    const answer = await this.hass.callWS({
      type: "call_service",
      domain: "audible_tracker",
      service: name,
      service_data: data,
      return_response: true,
    });
    return answer.response;
  }

  // --- inside ----------------------------------------------------------------------

  #frame() {
    return html`<ha-card>
      <div class="card">
        ${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
        <p class="unseen" role="status">${this.notice}</p>
        ${this.data ? this.view() : this.problem ? nothing : html`<p class="quiet" aria-busy="true">${this.say("common.loading")}</p>`}
      </div>
    </ha-card>`;
  }

  #follow() {
    // What is on no page asks for nothing.
    if (!this.#hass || !this.#config || !this.isConnected) return;
    this.#subscription.follow(this.#hass, this.feed());
  }

  /** @param {{ data?: Data, error?: any }} event */
  async #hear({ data, error }) {
    if (data !== undefined) {
      this.data = data;
      this.problem = null;
    } else {
      this.data = null;
      this.problem = await problemOf(error, this.hass, this.say);
    }
    this.heard();
    this.draw();
  }

  /** Called when the feed has said something. */
  heard() {}
}
