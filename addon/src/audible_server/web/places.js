// Positions that the server has not confirmed, on this device.

/**
 * @typedef {object} Place
 * @property {string} asin
 * @property {number} position_ms
 * @property {string} heard_at instant, ISO 8601
 * @property {boolean} is_playing whether it goes on from there
 */

const PREFIX = "place:";

/** @param {Place} place */
export function keepPlace(place) {
  localStorage.setItem(PREFIX + place.asin, JSON.stringify(place));
}

/**
 * Forget a place that arrived, unless a later one of the title is waiting by now.
 *
 * @param {Place} place
 */
export function forgetPlace(place) {
  if (placeOf(place.asin)?.heard_at === place.heard_at) {
    localStorage.removeItem(PREFIX + place.asin);
  }
}

/**
 * @param {string} asin
 * @returns {Place | null}
 */
export function placeOf(asin) {
  const text = localStorage.getItem(PREFIX + asin);
  return text === null ? null : JSON.parse(text);
}

/** @returns {Place[]} */
export function unsentPlaces() {
  const asins = Object.keys(localStorage)
    .filter((key) => key.startsWith(PREFIX))
    .map((key) => key.slice(PREFIX.length));
  return asins.flatMap((asin) => placeOf(asin) ?? []);
}
