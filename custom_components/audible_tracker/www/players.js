// Pure: which media players are offered, and in which order.

/** @import { Hass, HassState } from "./types.js" */

const DOMAIN = "audible_tracker";
/** Home Assistant's MediaPlayerEntityFeature.PLAY_MEDIA. */
const PLAY_MEDIA = 512;

/**
 * Return the players that can play now: the one used last first, the others by name.
 *
 * A reader's own player stands for whatever plays, and is none to choose.
 *
 * @param {Pick<Hass, "states" | "entities">} hass
 * @param {{ only?: string[], last?: string | null, language?: string }} [wanted]
 * @returns {{ id: string, name: string }[]}
 */
export function playersOf({ states, entities = {} }, { only = [], last = null, language = "en" } = {}) {
  const compare = new Intl.Collator(language).compare;
  return Object.values(states)
    .filter(({ entity_id: id }) => entities[id]?.platform !== DOMAIN)
    .filter(({ entity_id: id }) => (only.length ? only.includes(id) : id.startsWith("media_player.")))
    .filter(({ state }) => state !== "unavailable")
    .filter(({ attributes }) => (attributes.supported_features & PLAY_MEDIA) !== 0)
    .map(({ entity_id: id, attributes }) => ({ id, name: String(attributes.friendly_name ?? id) }))
    .sort((one, other) => Number(other.id === last) - Number(one.id === last) || compare(one.name, other.name));
}

/**
 * Return the players that stand for our readers.
 *
 * @param {Hass["entities"]} entities
 * @returns {string[]}
 */
export function readersPlayers(entities = {}) {
  return Object.keys(entities).filter((id) => id.startsWith("media_player.") && entities[id]?.platform === DOMAIN);
}

/**
 * Return what plays a title in the house now, or is paused there; null if nothing does.
 *
 * @param {Record<string, HassState>} states
 * @param {string[]} ours as `readersPlayers` returns them
 * @param {string} asin
 * @returns {{ id: string, speaker: string, isPlaying: boolean } | null}
 */
export function sessionOf(states, ours, asin) {
  for (const id of ours) {
    const { state, attributes } = states[id] ?? { state: "", attributes: {} };
    if (attributes.asin !== asin || !attributes.speaker || !["playing", "paused", "buffering"].includes(state)) continue;
    const name = states[attributes.speaker]?.attributes.friendly_name ?? attributes.speaker;
    return { id, speaker: String(name), isPlaying: state !== "paused" };
  }
  return null;
}

/**
 * Return titles so that what plays in the house now stands first; the others keep their order.
 *
 * @template {{ asin: string }} Title
 * @param {Title[]} titles
 * @param {Record<string, HassState>} states
 * @param {string[]} ours as `readersPlayers` returns them
 * @returns {Title[]}
 */
export function playingFirst(titles, states, ours) {
  const isPlaying = (/** @type {Title} */ { asin }) => Number(sessionOf(states, ours, asin)?.isPlaying ?? false);
  return [...titles].sort((one, other) => isPlaying(other) - isPlaying(one));
}
