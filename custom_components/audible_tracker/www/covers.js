// Covers: from Home Assistant with its token, else from their own address, else drawn.

/** @import { Cover, Hass } from "./types.js" */

import { hueOf, initialsOf } from "./initials.js";
import { html } from "./vendor/lit.js";

/** A server that was linked just now does not know the titles yet. */
const TRY_AFTER_MS = [0, 5000, 30_000, 120_000];

/** A page that is open for weeks keeps so many, the ones last shown. */
const KEPT = 300;

/** @type {Map<string, Promise<string | null>>} */
const fetched = new Map();

/**
 * Return a local address of a cover that Home Assistant serves; null if it does not.
 *
 * @param {Hass} hass
 * @param {string} path
 * @returns {Promise<string | null>}
 */
export function fetchCover(hass, path) {
  const cover = fetched.get(path) ?? fetchOnce(hass, path);
  // The one last asked for stands last.
  fetched.delete(path);
  fetched.set(path, cover);
  if (fetched.size > KEPT) forgetOldest();
  return cover;
}

function forgetOldest() {
  const [[path, cover]] = fetched;
  fetched.delete(path);
  // What shows it keeps its picture: only the address ends.
  void cover.then((address) => address && URL.revokeObjectURL(address));
}

/**
 * @param {Hass} hass
 * @param {string} path
 */
async function fetchOnce(hass, path) {
  try {
    const answer = await hass.fetchWithAuth(path);
    if (answer.ok) return URL.createObjectURL(await answer.blob());
  } catch {
    // The connection is gone; the next time it is shown it is tried again.
  }
  fetched.delete(path);
  return null;
}

/**
 * @param {Hass} hass
 * @param {Cover} cover
 * @returns {Promise<HTMLImageElement | null>}
 */
async function imageOf(hass, { cover_path, cover_url }) {
  const local = cover_path ? await fetchCover(hass, cover_path) : null;
  const address = local ?? cover_url;
  if (!address) return null;
  const image = new Image();
  image.alt = "";
  image.referrerPolicy = "no-referrer";
  image.src = address;
  try {
    await image.decode();
  } catch {
    // It cannot be reached, or it is no image: the initials stay.
    return null;
  }
  return image;
}

/** A cover that appears when it is there; until then, and without one, its initials. */
class CoverImage extends HTMLElement {
  /** @type {{ hass: Hass, cover: Cover, title: string } | null} */
  #shown = null;

  connectedCallback() {
    if (this.#shown && !this.firstElementChild) void this.#show(this.#shown);
  }

  /** @param {{ hass: Hass, cover: Cover, title: string }} shown */
  set shown(shown) {
    const before = this.#shown;
    const { cover_path, cover_url } = shown.cover;
    const isSame = before?.cover.cover_path === cover_path && before?.cover.cover_url === cover_url;
    if (isSame && before?.title === shown.title) return;
    this.#shown = shown;
    if (this.isConnected) void this.#show(shown);
  }

  /** @param {{ hass: Hass, cover: Cover, title: string }} shown */
  async #show(shown) {
    this.textContent = initialsOf(shown.title);
    this.style.setProperty("--hue", String(hueOf(shown.title)));
    for (const waitMs of TRY_AFTER_MS) {
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      if (this.#shown !== shown || !this.isConnected) return;
      const image = await imageOf(shown.hass, shown.cover);
      if (image && this.#shown === shown) return this.replaceChildren(image);
    }
  }
}

customElements.define("audible-tracker-cover", CoverImage);

/**
 * @param {Hass} hass
 * @param {Cover & { title: string }} thing
 * @param {string} [size] a class: "small", "large" or none
 */
export function coverView(hass, thing, size = "") {
  return html`<audible-tracker-cover
    class=${size}
    aria-hidden="true"
    .shown=${{ hass, cover: thing, title: thing.title }}
  ></audible-tracker-cover>`;
}
