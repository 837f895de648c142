// Run by test_page.py with node's own test runner.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  chapterAt,
  chapterEnd,
  nextChapterStart,
  previousChapterStart,
} from "../../../addon/src/audible_server/web/chapters.js";
import { resumePosition } from "../../../addon/src/audible_server/web/rewind.js";
import {
  FADE_MS,
  afterChapters,
  afterListening,
  afterSeek,
  fadeVolume,
  remainingMs,
} from "../../../addon/src/audible_server/web/sleep.js";
import { clampSpeed } from "../../../addon/src/audible_server/web/speeds.js";

const CHAPTERS = [0, 60_000, 180_000].map((start_ms) => ({ title: "", start_ms, length_ms: 0 }));
const DURATION_MS = 300_000;

/** @param {Partial<{ positionMs: number, speed: number }>} changes */
function place(changes) {
  return { chapters: CHAPTERS, durationMs: DURATION_MS, positionMs: 0, speed: 1, ...changes };
}

test("a chapter begins with its first millisecond and ends before the next one's", () => {
  const places = [0, 59_999, 60_000, 179_999, 180_000, 299_999];

  assert.deepEqual(places.map((at) => chapterAt(CHAPTERS, at)), [0, 0, 1, 1, 2, 2]);
  assert.equal(chapterAt([], 5000), 0);
});

test("the last chapter ends with the title", () => {
  assert.equal(chapterEnd(CHAPTERS, 0, DURATION_MS), 60_000);
  assert.equal(chapterEnd(CHAPTERS, 2, DURATION_MS), DURATION_MS);
  assert.equal(nextChapterStart(CHAPTERS, 200_000, DURATION_MS), DURATION_MS);
});

test("'previous' goes to the start of the chapter, soon after it to the one before", () => {
  assert.equal(previousChapterStart(CHAPTERS, 70_000), 60_000);
  assert.equal(previousChapterStart(CHAPTERS, 61_000), 0);
  assert.equal(previousChapterStart(CHAPTERS, 1000), 0);
});

test("after a longer pause listening goes on further back, never before the start", () => {
  assert.equal(resumePosition(100_000, 1000), 100_000);
  assert.equal(resumePosition(100_000, 30_000), 98_000);
  assert.equal(resumePosition(100_000, 2 * 3_600_000), 80_000);
  assert.equal(resumePosition(5000, 48 * 3_600_000), 0);
});

test("a timer in chapters ends with the chapter, sooner at a higher speed", () => {
  const timer = afterChapters(CHAPTERS, 10_000, 2);

  assert.equal(remainingMs(timer, place({ positionMs: 10_000 })), 170_000);
  assert.equal(remainingMs(timer, place({ positionMs: 10_000, speed: 2 })), 85_000);
});

test("a timer in chapters is not moved by listening or by seeks before its end", () => {
  const timer = afterChapters(CHAPTERS, 10_000, 2);

  assert.deepEqual(afterListening(timer, 5000), timer);
  assert.deepEqual(afterSeek(timer, CHAPTERS, 0), timer);
  assert.equal(remainingMs(afterSeek(timer, CHAPTERS, 0), place({})), 180_000);
});

test("whoever seeks past the end of the timer's chapter hears the chapter he is in", () => {
  const timer = afterSeek(afterChapters(CHAPTERS, 10_000, 1), CHAPTERS, 200_000);

  assert.equal(remainingMs(timer, place({ positionMs: 200_000 })), 100_000);
});

test("more chapters than there are end with the title", () => {
  const timer = afterChapters(CHAPTERS, 200_000, 5);

  assert.equal(remainingMs(timer, place({ positionMs: 200_000 })), 100_000);
});

test("a timer in minutes counts the listening, at any speed and after any seek", () => {
  const timer = afterListening({ kind: "time", leftMs: 60_000 }, 15_000);

  assert.equal(remainingMs(timer, place({ speed: 2 })), 45_000);
  assert.deepEqual(afterSeek(timer, CHAPTERS, 200_000), timer);
  assert.equal(remainingMs(afterListening(timer, 90_000), place({})), 0);
});

test("the sound fades over the last seconds alone", () => {
  assert.equal(fadeVolume(FADE_MS + 1), 1);
  assert.equal(fadeVolume(FADE_MS / 2), 0.5);
  assert.equal(fadeVolume(0), 0);
});

test("speeds are steps that can be played", () => {
  assert.deepEqual([0.1, 1.02, 1.23, 9, NaN].map(clampSpeed), [0.5, 1, 1.25, 3, 1]);
});
