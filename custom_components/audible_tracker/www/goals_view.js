// Goals: how far each is, and a form to set one.

/** @import { Goal, Statistics } from "./types.js" */
/** @import { StatsCard } from "./stats_card.js" */

import { formatDay, formatNumber } from "./format.js";
import { goalsOf, standingOf } from "./goals.js";
import { icon } from "./icons.js";
import { html } from "./vendor/lit.js";

const KINDS = ["books", "hours", "days"];
/**
 * @param {StatsCard} card
 * @param {Statistics} data
 */
export function goalsView(card, data) {
  const goals = goalsOf(data);
  const year = Number((data.end_date > data.today ? data.today : data.end_date).slice(0, 4));
  return html`<section class="goals">
    <h3>${card.say("stats.goals")}</h3>
    ${goals.map((goal) => goalView(card, data, goal))}
    <details>
      <summary>${card.say("stats.goal.set", { year: String(year) })}</summary>
      <form class="row" @submit=${(/** @type {SubmitEvent} */ event) => void setGoal(card, data, year, event)}>
        <label>
          ${card.say("stats.goal.kind")}
          <select name="kind">
            ${KINDS.map((kind) => html`<option value=${kind}>${card.say(`stats.goal.kind.${kind}`)}</option>`)}
          </select>
        </label>
        <label>
          ${card.say("stats.goal.target")}
          <input name="target" type="number" min="1" max="100000" required inputmode="numeric" />
        </label>
        <button type="submit" class="main" ?disabled=${card.isBusy}>${card.say("common.save")}</button>
      </form>
    </details>
  </section>`;
}

/**
 * @param {StatsCard} card
 * @param {Statistics} data
 * @param {Goal} goal
 */
function goalView(card, data, goal) {
  const { kind, done, target, ahead, share } = goal;
  const words = card.say(`stats.goal.${kind}`, {
    done: formatNumber(done, card.language),
    target: formatNumber(target, card.language),
  });
  const standing = standingOf(goal);
  const days = [goal.start_date, goal.end_date].map((day) => formatDay(day, card.language)).join(" – ");
  return html`<div class="goal">
    <div class="row">
      <span class="grow">${words}</span>
      <span class="quiet small-text">
        ${card.say(`stats.goal.${standing}`, { count: formatNumber(Math.round(Math.abs(ahead)), card.language) })}
      </span>
      <button
        type="button"
        class="round plain"
        aria-label=${card.say("stats.goal.clear")}
        title=${days}
        ?disabled=${card.isBusy}
        @click=${() => void clearGoal(card, data, goal)}
      >
        ${icon("close")}
      </button>
    </div>
    <div
      class="bar"
      role="progressbar"
      aria-label=${words}
      aria-valuemin="0"
      aria-valuemax="100"
      aria-valuenow=${Math.floor(Math.min(1, share) * 100)}
    >
      <div style=${`--share: ${Math.min(1, share)}`}></div>
    </div>
  </div>`;
}

/**
 * @param {StatsCard} card
 * @param {Statistics} data
 * @param {number} year
 * @param {SubmitEvent} event
 */
async function setGoal(card, { reader }, year, event) {
  event.preventDefault();
  const form = /** @type {HTMLFormElement} */ (event.target);
  const fields = new FormData(form);
  const wanted = { reader, year, kind: fields.get("kind"), target: Number(fields.get("target")) };
  const isDone = await card.attempt(() => card.act("set_goal", wanted));
  if (isDone) form.reset();
}

/**
 * @param {StatsCard} card
 * @param {Statistics} data
 * @param {Goal} goal
 */
async function clearGoal(card, { reader }, { kind, start_date, end_date }) {
  await card.attempt(() => card.act("set_goal", { reader, kind, start_date, end_date, clear: true }));
}
