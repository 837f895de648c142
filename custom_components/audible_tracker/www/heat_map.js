// Pure: listening days as columns of weeks.

/** @import { Period } from "./types.js" */

import { addDays, instantOf, weekdayOf } from "./format.js";

const MS_PER_DAY = 86_400_000;
const DAY_COUNTS_FROM_MS = 60_000;
/** How much of the busiest usual day makes each deeper shade. */
const STEPS = [0.25, 0.5, 0.75];

/**
 * One day of the map; level 0 is silence, 4 the busiest.
 *
 * @typedef {object} Cell
 * @property {string} day
 * @property {number} listenedMs
 * @property {number} level
 * @property {number} column from 0
 * @property {number} row from 0
 */

/**
 * Return the days from one to another as cells: a column a week, a row a weekday.
 *
 * The shades are measured by the day that nine in ten are below, so that one long
 * journey does not make every other day pale.
 *
 * @param {Period[]} days
 * @param {{ first: string, last: string, firstWeekday: number }} span
 * @returns {Cell[]}
 */
export function cellsOf(days, { first, last, firstWeekday }) {
  const heard = new Map(days.map(({ start_date, listened_ms }) => [start_date, listened_ms]));
  const most = usualMost([...heard.values()]);
  const offset = (weekdayOf(first) - firstWeekday + 7) % 7;
  const count = Math.round((instantOf(last) - instantOf(first)) / MS_PER_DAY) + 1;
  return Array.from({ length: Math.max(0, count) }, (_, index) => {
    const day = addDays(first, index);
    const listenedMs = heard.get(day) ?? 0;
    const place = index + offset;
    return { day, listenedMs, level: levelOf(listenedMs, most), column: Math.floor(place / 7), row: place % 7 };
  });
}

/**
 * Return the months as labels above the columns that they begin in.
 *
 * @param {Cell[]} cells
 * @returns {{ day: string, column: number }[]}
 */
export function monthsOf(cells) {
  const starts = cells.filter(({ day }, index) => day.endsWith("-01") || index === 0);
  // A month of which only some days are shown has no room for its name.
  return starts
    .filter(({ column }, index) => (starts[index + 1]?.column ?? Infinity) - column >= 3)
    .map(({ day, column }) => ({ day, column }));
}

/** @param {number[]} amounts */
function usualMost(amounts) {
  const sorted = amounts.filter((amount) => amount > 0).sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.9))] ?? 0;
}

/**
 * @param {number} listenedMs
 * @param {number} most
 */
function levelOf(listenedMs, most) {
  if (listenedMs <= 0 || most <= 0) return 0;
  return 1 + STEPS.filter((step) => listenedMs / most > step).length;
}

/**
 * Return the days on which something was heard: a minute at least.
 *
 * @param {Period[]} days
 * @returns {Period[]}
 */
export function listeningDays(days) {
  return days.filter((day) => day.listened_ms >= DAY_COUNTS_FROM_MS);
}

/**
 * Return the day on which most was heard; null if nothing was.
 *
 * @param {Period[]} days
 * @returns {Period | null}
 */
export function longestDay(days) {
  return days.reduce(
    (/** @type {Period | null} */ best, day) => (day.listened_ms > (best?.listened_ms ?? 0) ? day : best),
    null,
  );
}
