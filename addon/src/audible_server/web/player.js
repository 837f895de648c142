// The one player: an audio element, and what a listener expects around it.

/** @import { Chapter, ServerBook } from "./types.js" */
/** @import { SleepTimer } from "./sleep.js" */

import { fetchBookmarks, fetchChapters, fetchPosition, streamUrl } from "./api.js";
import { nextChapterStart, previousChapterStart } from "./chapters.js";
import { placeOf } from "./places.js";
import { SAVE_EVERY_MS, save } from "./position_saver.js";
import { resumePosition } from "./rewind.js";
import { afterChapters, afterListening, afterSeek, fadeVolume, remainingMs } from "./sleep.js";
import { clampSpeed, keepSpeed, speedOf } from "./speeds.js";
import { change, changePlaying, state } from "./store.js";

export const SKIP_MS = 30_000;
const SECOND_MS = 1000;
// Near its end a timer is looked at more often than the element tells the time.
const TICK_MS = 100;

const audio = new Audio();
audio.preload = "metadata";
audio.hidden = true;

let pausedAt = 0;
// Before the place of a title is known, none is sent: it would be taken for a rewind.
let isPlaced = false;
let savedAt = 0;
let heardAt = 0;
/** @type {number | undefined} */
let tickTimer;
/** @type {(asin: string) => void} */
let onBroken = () => undefined;

/**
 * Put the player on the page.
 *
 * @param {(asin: string) => void} broken told when a title does not play
 */
export function installPlayer(broken) {
  onBroken = broken;
  document.body.append(audio);
  audio.addEventListener("play", () => begun());
  audio.addEventListener("pause", () => paused());
  audio.addEventListener("ended", () => paused());
  audio.addEventListener("waiting", () => changePlaying({ isWaiting: true }));
  audio.addEventListener("playing", () => changePlaying({ isWaiting: false }));
  audio.addEventListener("timeupdate", () => moved());
  audio.addEventListener("seeked", () => sought());
  audio.addEventListener("error", () => state.playing && onBroken(state.playing.book.asin));
  // A phone may never say more than this before it ends the page.
  document.addEventListener("visibilitychange", () => document.hidden && saveNow(true));
  addEventListener("pagehide", () => saveNow(true));
}

/**
 * Play a title from where listening stands, or go on with it.
 *
 * @param {ServerBook} book
 */
export async function play(book) {
  if (state.playing?.book.asin === book.asin) {
    await start();
    return;
  }
  saveNow();
  pausedAt = 0;
  isPlaced = false;
  audio.src = streamUrl(book.asin);
  audio.load();
  const speed = speedOf(book.asin);
  change({
    playing: {
      book,
      chapters: [],
      bookmarks: [],
      positionMs: 0,
      draggedMs: null,
      durationMs: book.runtime_ms ?? 0,
      speed,
      isPaused: true,
      isWaiting: true,
      sleep: null,
    },
  });
  applySpeed(speed);
  // Within the click, for browsers that start no sound later on; silent up to the place.
  audio.muted = true;
  const starting = start();
  await putInPlace(book.asin);
  await Promise.all([starting, fetchAround(book.asin)]);
}

/** Play or pause. */
export async function toggle() {
  if (audio.paused) await start();
  else pause();
}

/** Pause, if something plays. */
export function pause() {
  audio.pause();
}

/** Let go of the title. */
export function stop() {
  saveNow();
  clearTimeout(tickTimer);
  change({ playing: null, sheet: null });
  audio.removeAttribute("src");
  audio.load();
}

/** @param {number} positionMs */
export function seek(positionMs) {
  if (!state.playing) return;
  const end = state.playing.durationMs || Infinity;
  const inside = Math.min(Math.max(0, positionMs), end);
  isPlaced = true;
  audio.currentTime = inside / SECOND_MS;
  changePlaying({ positionMs: inside, draggedMs: null });
}

/** @param {number} byMs */
export function moveBy(byMs) {
  seek(audio.currentTime * SECOND_MS + byMs);
}

/** Go to the next chapter. */
export function nextChapter() {
  const now = state.playing;
  if (now) seek(nextChapterStart(now.chapters, now.positionMs, now.durationMs));
}

/** Go to the start of the chapter, or to the one before it. */
export function previousChapter() {
  const now = state.playing;
  if (now) seek(previousChapterStart(now.chapters, now.positionMs));
}

/** @param {number} speed */
export function setSpeed(speed) {
  if (!state.playing) return;
  const clamped = clampSpeed(speed);
  keepSpeed(state.playing.book.asin, clamped);
  applySpeed(clamped);
  changePlaying({ speed: clamped });
}

/** @param {number} minutes */
export function sleepAfterMinutes(minutes) {
  setSleep({ kind: "time", leftMs: minutes * 60 * SECOND_MS });
}

/** @param {number} count chapters to hear, the one that plays included */
export function sleepAfterChapters(count) {
  const now = state.playing;
  if (now) setSleep(afterChapters(now.chapters, now.positionMs, count));
}

/** Let the sound go on. */
export function cancelSleep() {
  setSleep(null);
}

/** @param {SleepTimer | null} sleep */
function setSleep(sleep) {
  changePlaying({ sleep });
  audio.volume = 1;
  heardAt = performance.now();
  tick();
}

/** Go on with what is paused, a little before the place where it stopped. */
export async function start() {
  if (pausedAt && audio.currentTime > 0) {
    const position = resumePosition(audio.currentTime * SECOND_MS, Date.now() - pausedAt);
    audio.currentTime = position / SECOND_MS;
  }
  pausedAt = 0;
  try {
    await audio.play();
  } catch (error) {
    // A refusal arrives as the element's error event, which explains it.
    if (!(error instanceof DOMException)) throw error;
  }
}

/** @param {number} speed */
function applySpeed(speed) {
  // A new source resets the rate to the default one.
  audio.defaultPlaybackRate = speed;
  audio.playbackRate = speed;
  audio.preservesPitch = true;
}

/**
 * Return where the title was left, and when.
 *
 * @param {string} asin
 * @returns {Promise<{ positionMs: number, at: number }>}
 */
async function lastPlace(asin) {
  const known = await fetchPosition(asin);
  const unsent = placeOf(asin);
  const knownAt = known ? Date.parse(known.heard_at) : 0;
  const unsentAt = unsent ? Date.parse(unsent.heard_at) : 0;
  if (unsent && unsentAt > knownAt) return { positionMs: unsent.position_ms, at: unsentAt };
  return { positionMs: known?.position_ms ?? 0, at: knownAt };
}

/**
 * Go to where the title was left; give it up where that cannot be learnt.
 *
 * @param {string} asin
 */
async function putInPlace(asin) {
  const isStill = () => state.playing?.book.asin === asin;
  try {
    const place = await lastPlace(asin);
    // Whoever was quicker and went elsewhere stays there.
    if (!isStill() || isPlaced) return;
    audio.currentTime = resumePosition(place.positionMs, Date.now() - place.at) / SECOND_MS;
    isPlaced = true;
  } catch (error) {
    if (isStill()) stop();
    throw error;
  } finally {
    if (isStill()) audio.muted = false;
  }
}

/** @param {string} asin */
async function fetchAround(asin) {
  const [chapters, bookmarks] = await Promise.all([fetchChapters(asin), fetchBookmarks(asin)]);
  if (state.playing?.book.asin === asin) changePlaying({ chapters, bookmarks });
}

function begun() {
  heardAt = performance.now();
  changePlaying({ isPaused: false });
  tick();
}

function paused() {
  pausedAt = Date.now();
  clearTimeout(tickTimer);
  changePlaying({ isPaused: true, isWaiting: false });
  saveNow();
}

function moved() {
  const durationMs = Number.isFinite(audio.duration) ? audio.duration * SECOND_MS : 0;
  changePlaying({
    positionMs: audio.currentTime * SECOND_MS,
    ...(durationMs ? { durationMs } : {}),
  });
  if (!audio.paused && performance.now() - savedAt >= SAVE_EVERY_MS) saveNow();
}

function sought() {
  const now = state.playing;
  if (!now) return;
  const positionMs = audio.currentTime * SECOND_MS;
  if (now.sleep) changePlaying({ sleep: afterSeek(now.sleep, now.chapters, positionMs) });
  moved();
  saveNow();
}

/** @param {boolean} [isClosing] */
function saveNow(isClosing = false) {
  const now = state.playing;
  if (!now || !isPlaced || !audio.duration) return;
  savedAt = performance.now();
  const isPlaying = !audio.paused && !isClosing;
  void save(now.book.asin, audio.currentTime * SECOND_MS, { isPlaying, isClosing });
}

/** Count what is heard; fade out and end where the timer says. */
function tick() {
  clearTimeout(tickTimer);
  const now = state.playing;
  if (!now?.sleep || audio.paused) return;
  const at = performance.now();
  const sleep = afterListening(now.sleep, now.isWaiting ? 0 : at - heardAt);
  heardAt = at;
  const leftMs = remainingMs(sleep, { ...now, positionMs: audio.currentTime * SECOND_MS });
  audio.volume = fadeVolume(leftMs);
  if (leftMs > 0) {
    changePlaying({ sleep });
    tickTimer = setTimeout(tick, TICK_MS);
    return;
  }
  changePlaying({ sleep: null });
  audio.pause();
  audio.volume = 1;
}
