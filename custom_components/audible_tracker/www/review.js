// Pure: a year in a few figures, for pictures to share.

/** @import { Book, Period, Statistics } from "./types.js" */

import { addDays } from "./format.js";
import { listeningDays, longestDay } from "./heat_map.js";

/**
 * @typedef {object} Review
 * @property {number} listenedMs
 * @property {number} books how many times a book was finished
 * @property {number} listeningDays
 * @property {number} longestStreak in days, within the year
 * @property {number[]} months milliseconds, January first; for twelve months the oldest first
 * @property {string[]} monthStarts the first day of each
 * @property {Period | null} bestMonth
 * @property {Period | null} bestDay
 * @property {Book[]} finished each once, the last one first
 * @property {string | null} author whose books were finished most, if more than one
 * @property {string | null} narrator
 */

/**
 * @param {Statistics} statistics
 * @returns {Review}
 */
export function reviewOf({ start_date, end_date, days, months, finished, listened_ms }) {
  const heard = listeningDays(days).map((day) => day.start_date);
  const books = finished.flatMap(({ book }) => (book ? [book] : []));
  const unique = [...new Map([...books].reverse().map((book) => [book.book_id, book])).values()];
  // 365 days end in a month of the same name as that of the first few.
  const starts = monthsFrom(start_date, end_date).slice(-12);
  const byMonth = new Map(months.map((month) => [month.start_date.slice(0, 7), month.listened_ms]));
  return {
    listenedMs: listened_ms,
    books: finished.length,
    listeningDays: heard.length,
    longestStreak: longestRun(heard),
    months: starts.map((start) => byMonth.get(start.slice(0, 7)) ?? 0),
    monthStarts: starts,
    bestMonth: longestDay(months),
    bestDay: longestDay(days),
    finished: unique,
    author: mostOften(books.flatMap((book) => book.authors)),
    narrator: mostOften(books.flatMap((book) => book.narrators)),
  };
}

/**
 * Return the first day of each month that two days lie in or between.
 *
 * @param {string} first
 * @param {string} last
 * @returns {string[]}
 */
export function monthsFrom(first, last) {
  const starts = [];
  let [year = 0, month = 0] = first.split("-").map(Number);
  while (`${year}-${two(month)}` <= last.slice(0, 7)) {
    starts.push(`${year}-${two(month)}-01`);
    month += 1;
    if (month > 12) [year, month] = [year + 1, 1];
  }
  return starts;
}

/** @param {number} number */
function two(number) {
  return String(number).padStart(2, "0");
}

/**
 * Return the most days in a row.
 *
 * @param {string[]} days
 * @returns {number}
 */
export function longestRun(days) {
  const sorted = [...new Set(days)].sort();
  let best = 0;
  let run = 0;
  for (const [index, day] of sorted.entries()) {
    run = index > 0 && addDays(sorted[index - 1] ?? day, 1) === day ? run + 1 : 1;
    best = Math.max(best, run);
  }
  return best;
}

/**
 * Return the name that comes most often, if any comes twice; of equals the first.
 *
 * @param {string[]} names
 * @returns {string | null}
 */
export function mostOften(names) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const best = Math.max(0, ...counts.values());
  return best < 2 ? null : ([...counts].find(([, count]) => count === best)?.[0] ?? null);
}

/**
 * Tell whether there is something to show of a year.
 *
 * @param {Review} review
 * @returns {boolean}
 */
export function isWorthShowing({ listenedMs, books }) {
  return listenedMs > 0 || books > 0;
}
