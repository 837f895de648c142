// Pure: when a sleep timer ends the sound, at any speed and after any seek.

/** @import { Chapter } from "./types.js" */

import { chapterAt, chapterEnd } from "./chapters.js";

/** The sound fades out over the last seconds before it ends. */
export const FADE_MS = 20_000;

/**
 * A timer in time counts what is heard, so a pause stops it too. A timer in chapters
 * ends with a chapter, wherever the listener seeks before it.
 *
 * @typedef {{ kind: "time", leftMs: number }
 *   | { kind: "chapter", number: number }} SleepTimer
 */

/**
 * Return a timer that ends after so many chapters, this one included.
 *
 * @param {Chapter[]} chapters
 * @param {number} positionMs
 * @param {number} count
 * @returns {SleepTimer}
 */
export function afterChapters(chapters, positionMs, count) {
  const last = Math.max(0, chapters.length - 1);
  const number = Math.min(last, chapterAt(chapters, positionMs) + count - 1);
  return { kind: "chapter", number };
}

/**
 * Return a timer after some listening; the speed does not matter to who wants to sleep.
 *
 * @param {SleepTimer} timer
 * @param {number} heardMs time that went by while there was sound
 * @returns {SleepTimer}
 */
export function afterListening(timer, heardMs) {
  if (timer.kind === "chapter") return timer;
  return { kind: "time", leftMs: Math.max(0, timer.leftMs - heardMs) };
}

/**
 * Return a timer after a seek: whoever jumps past its chapter wants the one he is in.
 *
 * @param {SleepTimer} timer
 * @param {Chapter[]} chapters
 * @param {number} positionMs
 * @returns {SleepTimer}
 */
export function afterSeek(timer, chapters, positionMs) {
  if (timer.kind === "time") return timer;
  return { ...timer, number: Math.max(timer.number, chapterAt(chapters, positionMs)) };
}

/**
 * Return after how long the sound ends, by the clock on the wall.
 *
 * @param {SleepTimer} timer
 * @param {{ chapters: Chapter[], positionMs: number, durationMs: number, speed: number }} place
 * @returns {number} milliseconds
 */
export function remainingMs(timer, { chapters, positionMs, durationMs, speed }) {
  if (timer.kind === "time") return timer.leftMs;
  const end = chapterEnd(chapters, timer.number, durationMs);
  return Math.max(0, end - positionMs) / speed;
}

/**
 * Return how loud it is so long before the end, 0 to 1.
 *
 * @param {number} leftMs
 * @returns {number}
 */
export function fadeVolume(leftMs) {
  return Math.min(1, Math.max(0, leftMs / FADE_MS));
}
