// Pure: which chapter plays at a position, and where the next ones begin.

/** @import { Chapter } from "./types.js" */

// Whoever presses "back" this soon after a chapter began wants the one before it.
const JUST_BEGUN_MS = 3000;

/**
 * Return the number of the chapter that plays at a position; 0 where there are none.
 *
 * @param {Chapter[]} chapters in playing order
 * @param {number} positionMs
 * @returns {number}
 */
export function chapterAt(chapters, positionMs) {
  let low = 0;
  let high = chapters.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (chapters[middle].start_ms <= positionMs) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

/**
 * Return where a chapter ends: where the next one begins, else the title's end.
 *
 * @param {Chapter[]} chapters
 * @param {number} number
 * @param {number} durationMs
 * @returns {number}
 */
export function chapterEnd(chapters, number, durationMs) {
  return chapters[number + 1]?.start_ms ?? durationMs;
}

/**
 * Return where "next chapter" leads; from the last one, to the title's end.
 *
 * @param {Chapter[]} chapters
 * @param {number} positionMs
 * @param {number} durationMs
 * @returns {number}
 */
export function nextChapterStart(chapters, positionMs, durationMs) {
  return chapterEnd(chapters, chapterAt(chapters, positionMs), durationMs);
}

/**
 * Return where "previous chapter" leads: to the start of this one, or of the one before
 * it when this one has only just begun.
 *
 * @param {Chapter[]} chapters
 * @param {number} positionMs
 * @returns {number}
 */
export function previousChapterStart(chapters, positionMs) {
  const number = chapterAt(chapters, positionMs);
  const start = chapters[number]?.start_ms ?? 0;
  if (positionMs - start >= JUST_BEGUN_MS) return start;
  return chapters[number - 1]?.start_ms ?? 0;
}
