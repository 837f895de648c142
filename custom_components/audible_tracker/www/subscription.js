// One question to the tracker: it is answered now, and again whenever that changes.

/** @import { Hass } from "./types.js" */

/** @template Data */
export class Subscription {
  /** @type {Promise<() => Promise<void>> | null} */
  #running = null;
  #asked = "";
  /** @type {(event: { data?: Data, error?: any }) => Promise<void>} */
  #hear;

  /** @param {(event: { data?: Data, error?: any }) => Promise<void>} hear */
  constructor(hear) {
    this.#hear = hear;
  }

  /**
   * Ask; the answers to another question are heard no more.
   *
   * @param {Hass} hass
   * @param {Record<string, any>} message
   */
  follow(hass, message) {
    const asked = JSON.stringify(message);
    if (this.#running && asked === this.#asked) return;
    this.end();
    this.#asked = asked;
    const running = hass.connection.subscribeMessage((event) => {
      if (running === this.#running) void this.#hear(event);
    }, message);
    this.#running = running;
    running.catch((error) => {
      if (running === this.#running) void this.#hear({ error });
    });
  }

  end() {
    const running = this.#running;
    this.#running = null;
    // Where it never began, or the connection is gone, there is nothing to end.
    running?.then((end) => end()).catch(() => undefined);
  }
}
