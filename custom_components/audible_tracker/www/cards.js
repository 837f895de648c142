// What every page loads: the cards, by their names, and what the card picker shows.

/** @import { Hass } from "./types.js" */

import { BooksCard } from "./books_card.js";
import { ConflictsCard } from "./conflicts_card.js";
import { ShelfCard } from "./shelf_card.js";
import { StatsCard } from "./stats_card.js";
import { DashboardStrategy } from "./strategy.js";
import { speak, spoken } from "./texts.js";

const DOMAIN = "audible_tracker";
const DOCUMENTATION = "https://github.com/audible-tracker/audible-tracker/blob/main/docs/cards.md";

/**
 * Element, its class, its texts, and the entities that suggest it: by the key of their
 * name, as ids are made in the language of Home Assistant.
 *
 * @type {[string, CustomElementConstructor, string, string[]][]}
 */
const CARDS = [
  [
    "audible-tracker-card",
    ShelfCard,
    "shelf",
    [
      ...["currently_reading", "progress", "position", "time_left", "time_left_at_pace"],
      ...["chapter", "listening", "player", "cover"],
    ],
  ],
  [
    "audible-tracker-conflicts-card",
    ConflictsCard,
    "conflicts",
    ["conflicts_open", "unmatched_titles", "match_confidence"],
  ],
  [
    "audible-tracker-stats-card",
    StatsCard,
    "stats",
    [
      ...["listened_today", "listened_this_week", "listened_this_year", "streak"],
      ...["goal_books", "goal_days", "goal_hours", "finished_in_all", "finished_this_year"],
    ],
  ],
  [
    "audible-tracker-books-card",
    BooksCard,
    "books",
    ["library_size", "finished_in_all", "finished_this_year", "reading", "wishlist", "up_next"],
  ],
];

/**
 * Return the card for an entity of ours, as the entity's dialog offers it.
 *
 * @param {string} type
 * @param {string[]} fitting
 */
function suggestion(type, fitting) {
  return (/** @type {Hass} */ hass, /** @type {string} */ entityId) => {
    const entity = hass.entities?.[entityId];
    const isFitting = entity?.platform === DOMAIN && fitting.includes(entity.translation_key ?? "");
    return isFitting ? { config: { type: `custom:${type}` } } : null;
  };
}

function register() {
  const page = /** @type {any} */ (window);
  speak(document.documentElement.lang || "en", () => undefined);
  page.customCards ??= [];
  for (const [type, element, texts, fitting] of CARDS) {
    customElements.define(type, element);
    page.customCards.push({
      type,
      // Read when the picker opens: the language may have to arrive first.
      get name() {
        return spoken.say(`card.${texts}.name`);
      },
      get description() {
        return spoken.say(`card.${texts}.description`);
      },
      preview: true,
      documentationURL: DOCUMENTATION,
      getEntitySuggestion: suggestion(type, fitting),
    });
  }
  customElements.define("ll-strategy-dashboard-audible-tracker", DashboardStrategy);
  page.customStrategies ??= [];
  page.customStrategies.push({
    type: "audible-tracker",
    strategyType: "dashboard",
    get name() {
      return spoken.say("strategy.name");
    },
    get description() {
      return spoken.say("strategy.description");
    },
    documentationURL: DOCUMENTATION,
  });
}

register();
