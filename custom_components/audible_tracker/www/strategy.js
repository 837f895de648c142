// A ready-made dashboard: type "custom:audible-tracker".

/** @import { Hass } from "./types.js" */

import { speak } from "./texts.js";

export class DashboardStrategy extends HTMLElement {
  /**
   * @param {{ reader?: string }} config
   * @param {Hass} hass
   */
  static async generate({ reader }, hass) {
    const { say } = speak(hass.language || "en", () => undefined);
    const card = (/** @type {string} */ name, more = {}) => ({
      type: `custom:audible-tracker-${name}`,
      ...(reader ? { reader } : {}),
      ...more,
    });
    return {
      title: say("strategy.name"),
      views: [
        {
          title: say("strategy.listen"),
          path: "listening",
          icon: "mdi:headphones",
          type: "sections",
          max_columns: 2,
          sections: [
            { type: "grid", cards: [card("card"), card("conflicts-card")] },
            { type: "grid", cards: [card("stats-card")] },
          ],
        },
        {
          title: say("strategy.tracker"),
          path: "tracker",
          icon: "mdi:bookshelf",
          type: "panel",
          cards: [card("books-card")],
        },
      ],
    };
  }
}
