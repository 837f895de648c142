// Run by test_cards.py with node's own test runner.

import assert from "node:assert/strict";
import { test } from "node:test";

import { goalsOf, standingOf } from "../../../custom_components/audible_tracker/www/goals.js";
import { cellsOf, longestDay, monthsOf } from "../../../custom_components/audible_tracker/www/heat_map.js";
import { planOf } from "../../../custom_components/audible_tracker/www/rest.js";
import {
  isWorthShowing,
  longestRun,
  monthsFrom,
  mostOften,
  reviewOf,
} from "../../../custom_components/audible_tracker/www/review.js";

const MINUTE = 60_000;

/** @param {string} day @param {number} minutes */
const heard = (day, minutes) => ({ start_date: day, end_date: day, listened_ms: minutes * MINUTE });

test("a year has a cell for each day, in weeks that begin as people begin them", () => {
  const span = { first: "2026-01-01", last: "2026-12-31" };
  const monday = cellsOf([], { ...span, firstWeekday: 0 });
  const sunday = cellsOf([], { ...span, firstWeekday: 6 });

  assert.equal(monday.length, 365);
  // 2026 begins with a Thursday.
  assert.deepEqual([monday[0]?.row, monday[0]?.column], [3, 0]);
  assert.deepEqual([monday[4]?.row, monday[4]?.column], [0, 1]);
  assert.deepEqual([sunday[0]?.row, sunday[3]?.row, sunday[3]?.column], [4, 0, 1]);
  assert.equal(monday.at(-1)?.day, "2026-12-31");
  assert.equal(cellsOf([], { first: "2028-01-01", last: "2028-12-31", firstWeekday: 0 }).length, 366);
});

test("silence is pale, and one long journey does not make all other days pale", () => {
  const days = [...Array(19)].map((_, index) => heard(`2026-03-${String(index + 1).padStart(2, "0")}`, 60));
  days.push(heard("2026-03-20", 900), heard("2026-03-21", 10));
  const cells = cellsOf(days, { first: "2026-03-01", last: "2026-03-22", firstWeekday: 0 });
  const levelOf = (/** @type {string} */ day) => cells.find((cell) => cell.day === day)?.level;

  assert.deepEqual(["2026-03-22", "2026-03-21", "2026-03-01", "2026-03-20"].map(levelOf), [0, 1, 4, 4]);
});

test("months stand above the week in which they begin, if there is room", () => {
  const months = monthsOf(cellsOf([], { first: "2025-12-30", last: "2026-12-31", firstWeekday: 0 }));

  assert.equal(months.length, 12);
  assert.deepEqual(months[0], { day: "2026-01-01", column: 0 });
});

test("the longest day is the first of equals, and none in silence", () => {
  assert.equal(longestDay([heard("2026-01-01", 5), heard("2026-01-02", 9), heard("2026-01-03", 9)])?.start_date, "2026-01-02");
  assert.equal(longestDay([]), null);
});

test("a streak goes over the turn of the year and ends with a silent day", () => {
  assert.equal(longestRun(["2025-12-31", "2026-01-01", "2026-01-02", "2026-01-04"]), 3);
  assert.equal(longestRun(["2026-01-04"]), 1);
  assert.equal(longestRun([]), 0);
});

test("months run from one day's to another's", () => {
  assert.deepEqual(monthsFrom("2025-11-30", "2026-02-01"), ["2025-11-01", "2025-12-01", "2026-01-01", "2026-02-01"]);
});

test("a favorite is whoever comes twice at least", () => {
  assert.equal(mostOften(["Ann", "Ben", "Ben"]), "Ben");
  assert.equal(mostOften(["Ann", "Ben"]), null);
  assert.equal(mostOften([]), null);
});

/** @param {number} id */
const book = (id) => ({ book_id: id, title: `Book ${id}`, authors: ["Ann"], narrators: [`Voice ${id}`] });

/** @returns {any} */
function year() {
  return {
    start_date: "2026-01-01",
    end_date: "2026-12-31",
    today: "2026-11-29",
    listened_ms: 180 * MINUTE,
    days: [heard("2026-01-01", 60), heard("2026-01-02", 119), heard("2026-05-05", 0.5)],
    months: [{ start_date: "2026-01-01", end_date: "2026-01-31", listened_ms: 179 * MINUTE }],
    finished: [1, 2, 1].map((id) => ({ read: {}, book: book(id) })).concat([{ read: {}, book: null }]),
    goals: [],
  };
}

test("a year in review counts re-reads, shows each book once, and half a minute is no day", () => {
  const review = reviewOf(year());

  assert.equal(review.books, 4);
  assert.deepEqual(review.finished.map(({ book_id }) => book_id), [1, 2]);
  assert.equal(review.listeningDays, 2);
  assert.equal(review.longestStreak, 2);
  assert.equal(review.months.length, 12);
  assert.equal(review.months[0], 179 * MINUTE);
  assert.equal(review.bestDay?.start_date, "2026-01-02");
  assert.deepEqual([review.author, review.narrator], ["Ann", "Voice 1"]);
  assert.equal(isWorthShowing(review), true);
  assert.equal(isWorthShowing(reviewOf({ ...year(), listened_ms: 0, finished: [] })), false);
});

/** @param {object} [changes] */
const goal = (changes) => ({
  kind: "books",
  target: 10,
  done: 5,
  share: 0.5,
  ahead: 0,
  needed_per_day: null,
  is_reached: false,
  start_date: "2026-01-01",
  end_date: "2026-12-31",
  ...changes,
});

test("a goal is reached, ahead, behind, or right on pace", () => {
  const goals = [goal({ is_reached: true, ahead: -1 }), goal({ ahead: 2 }), goal({ ahead: -2 }), goal({ ahead: -0.4 })];

  assert.deepEqual(goals.map(standingOf), ["reached", "ahead", "behind", "even"]);
});

test("the goals of today are shown with the last months, those of a year with the year", () => {
  const goals = [goal(), goal({ start_date: "2025-01-01", end_date: "2025-12-31" })];
  const lately = { ...year(), goals, start_date: "2025-11-30", end_date: "2026-11-29" };
  const before = { ...year(), goals, start_date: "2025-01-01", end_date: "2025-12-31" };

  assert.deepEqual(goalsOf(lately), [goals[0]]);
  assert.deepEqual(goalsOf(before), [goals[1]]);
});

test("what all at once would do is counted", () => {
  const answer = { resolved: [{ resolution: "linked" }, { resolution: "created" }, { resolution: "linked" }], left: [{}] };

  assert.deepEqual(planOf(answer), { linked: 2, created: 1, left: 1 });
});
