// What the page shows, in one object; whoever changes it has the page drawn again.

/** @import { Bookmark, Chapter, Check, Job, ServerBook, UnknownFile } from "./types.js" */
/** @import { LibraryQuery } from "./library_query.js" */
/** @import { SleepTimer } from "./sleep.js" */

/**
 * What is playing, or loaded and paused.
 *
 * @typedef {object} Playing
 * @property {ServerBook} book
 * @property {Chapter[]} chapters
 * @property {Bookmark[]} bookmarks
 * @property {number} positionMs
 * @property {number | null} draggedMs where the slider is held, null while it is not
 * @property {number} durationMs
 * @property {number} speed
 * @property {boolean} isPaused
 * @property {boolean} isWaiting whether sound is on its way
 * @property {SleepTimer | null} sleep
 */

/**
 * @typedef {object} State
 * @property {"library" | "jobs" | "files" | "checks"} view
 * @property {boolean} isSignedIn
 * @property {boolean} canSignOut
 * @property {string | null} problem
 * @property {LibraryQuery} query
 * @property {ServerBook[]} books those shown
 * @property {number} total how many titles fit the query
 * @property {boolean} isLoading
 * @property {Job[]} jobs
 * @property {Record<string, string>} titles names of titles that jobs are about, by ASIN
 * @property {UnknownFile[]} files those that no title was found for
 * @property {boolean} isScanning
 * @property {string | null} confirming the title whose download is about to be deleted
 * @property {Check[] | null} checks
 * @property {Playing | null} playing
 * @property {boolean} isPlayerOpen whether a phone shows all of the player
 * @property {"chapters" | "bookmarks" | "sleep" | "speed" | null} sheet
 */

import { MORE } from "./library_query.js";

/** @type {State} */
export const state = {
  view: "library",
  isSignedIn: true,
  canSignOut: false,
  problem: null,
  query: { text: "", filter: "all", sort: "title", shown: MORE },
  books: [],
  total: 0,
  isLoading: true,
  jobs: [],
  titles: {},
  files: [],
  isScanning: false,
  confirming: null,
  checks: null,
  playing: null,
  isPlayerOpen: false,
  sheet: null,
};

/** @type {() => void} */
let draw = () => undefined;
let isDue = false;

/**
 * Say what draws the page.
 *
 * @param {() => void} drawer
 */
export function drawWith(drawer) {
  draw = drawer;
}

/**
 * Change the state; the page is drawn once, however many changes come together.
 *
 * @param {Partial<State>} changes
 */
export function change(changes) {
  Object.assign(state, changes);
  if (isDue) return;
  isDue = true;
  queueMicrotask(() => {
    isDue = false;
    draw();
  });
}

/**
 * Change what is playing, if something is.
 *
 * @param {Partial<Playing>} changes
 */
export function changePlaying(changes) {
  if (state.playing) change({ playing: { ...state.playing, ...changes } });
}
