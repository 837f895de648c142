// Keys of the keyboard, and those of headphones, lock screens and cars.

import { coverUrl } from "./api.js";
import { chapterAt } from "./chapters.js";
import { SKIP_MS, moveBy, nextChapter, pause, previousChapter, seek, start, toggle } from "./player.js";
import { state } from "./store.js";

// No letters or signs: who steers by voice would type them by accident.
/** @type {Record<string, () => void>} */
const KEYS = {
  " ": () => void toggle(),
  ArrowLeft: () => moveBy(-SKIP_MS),
  ArrowRight: () => moveBy(SKIP_MS),
  "Shift ArrowLeft": previousChapter,
  "Shift ArrowRight": nextChapter,
};

/** Listen to the keys. */
export function installKeys() {
  document.addEventListener("keydown", (event) => {
    const act = KEYS[event.shiftKey ? `Shift ${event.key}` : event.key];
    if (!act || !state.playing || state.sheet || isTaken(event)) return;
    event.preventDefault();
    act();
  });
  installMediaKeys();
}

/** Tell lock screens and the like what plays. */
export function describeToSystem() {
  if (!("mediaSession" in navigator)) return;
  const now = state.playing;
  navigator.mediaSession.playbackState = now ? (now.isPaused ? "paused" : "playing") : "none";
  const title = now ? (now.chapters[chapterAt(now.chapters, now.positionMs)]?.title ?? now.book.title) : null;
  if (navigator.mediaSession.metadata?.title === title) return;
  navigator.mediaSession.metadata = now
    ? new MediaMetadata({
        title: title ?? "",
        album: now.book.title,
        artist: now.book.authors.join(", "),
        artwork: now.book.has_cover ? [{ src: new URL(coverUrl(now.book.asin), location.href).href }] : [],
      })
    : null;
}

function installMediaKeys() {
  if (!("mediaSession" in navigator)) return;
  /** @type {[MediaSessionAction, MediaSessionActionHandler][]} */
  const handlers = [
    ["play", () => void start()],
    ["pause", pause],
    ["previoustrack", previousChapter],
    ["nexttrack", nextChapter],
    ["seekbackward", ({ seekOffset }) => moveBy(-(seekOffset ? seekOffset * 1000 : SKIP_MS))],
    ["seekforward", ({ seekOffset }) => moveBy(seekOffset ? seekOffset * 1000 : SKIP_MS)],
    ["seekto", ({ seekTime }) => seek((seekTime ?? 0) * 1000)],
  ];
  for (const [action, handler] of handlers) setHandler(action, handler);
}

/**
 * @param {MediaSessionAction} action
 * @param {MediaSessionActionHandler} handler
 */
function setHandler(action, handler) {
  try {
    navigator.mediaSession.setActionHandler(action, handler);
  } catch (error) {
    // Browsers differ in the actions they know.
    if (!(error instanceof TypeError)) throw error;
  }
}

/** @param {KeyboardEvent} event */
function isTaken(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return true;
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  const isField = target.matches("input, select, textarea");
  return isField || (event.key === " " && target.matches("button, summary, a"));
}
