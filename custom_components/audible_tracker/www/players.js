// Pure: which media players are offered, and in which order.

/** @import { HassState } from "./types.js" */

/** Home Assistant's MediaPlayerEntityFeature.PLAY_MEDIA. */
const PLAY_MEDIA = 512;

/**
 * Return the players that can play now: the one used last first, the others by name.
 *
 * @param {Record<string, HassState>} states
 * @param {{ only?: string[], last?: string | null, language?: string }} [wanted]
 * @returns {{ id: string, name: string, isPlaying: boolean }[]}
 */
export function playersOf(states, { only = [], last = null, language = "en" } = {}) {
  const compare = new Intl.Collator(language).compare;
  return Object.values(states)
    .filter(({ entity_id: id }) => (only.length ? only.includes(id) : id.startsWith("media_player.")))
    .filter(({ state }) => state !== "unavailable")
    .filter(({ attributes }) => (attributes.supported_features & PLAY_MEDIA) !== 0)
    .map(({ entity_id: id, state, attributes }) => ({
      id,
      name: String(attributes.friendly_name ?? id),
      isPlaying: state === "playing",
    }))
    .sort((one, other) => Number(other.id === last) - Number(one.id === last) || compare(one.name, other.name));
}
