// Keeps the server's memory of a title's position true, also over lost connections.

/** @import { Place } from "./places.js" */

import { savePosition } from "./api.js";
import { forgetPlace, keepPlace, unsentPlaces } from "./places.js";

/** While a title plays, its position is sent this often. */
export const SAVE_EVERY_MS = 5000;

/**
 * Send where a title stands. What does not arrive is kept on this device.
 *
 * @param {string} asin
 * @param {number} positionMs
 * @param {{ isPlaying: boolean, isClosing: boolean }} how whether listening goes on, and
 *   whether the page may end at once
 */
export async function save(asin, positionMs, { isPlaying, isClosing }) {
  const place = {
    asin,
    position_ms: Math.round(positionMs),
    heard_at: new Date().toISOString(),
    is_playing: isPlaying,
  };
  keepPlace(place);
  await send(place, isClosing);
}

/** Send what earlier visits could not send; the server drops what is out of date. */
export async function sendUnsent() {
  for (const place of unsentPlaces()) await send(place, false);
}

/**
 * @param {Place} place
 * @param {boolean} isClosing
 */
async function send(place, isClosing) {
  if (await savePosition(place, isClosing)) forgetPlace(place);
}
