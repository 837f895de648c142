// What opens over the page: chapters, bookmarks, sleep timer, speed.

/** @import { Bookmark } from "./types.js" */
/** @import { Playing, State } from "./store.js" */

import { bookmarkNow, dropBookmark, renameBookmark } from "./bookmarks.js";
import { chapterAt, chapterEnd } from "./chapters.js";
import { valueOf } from "./fields.js";
import { formatClock, formatSpeed } from "./format.js";
import { icon } from "./icons.js";
import { cancelSleep, seek, setSpeed, sleepAfterChapters, sleepAfterMinutes } from "./player.js";
import { remainingMs } from "./sleep.js";
import { FASTEST, SLOWEST } from "./speeds.js";
import { change } from "./store.js";
import { html, nothing, repeat } from "./vendor/lit.js";

const SLEEP_MINUTES = [5, 10, 15, 30, 45, 60, 90];
const MOST_CHAPTERS = 5;
const SPEEDS = [0.75, 1, 1.1, 1.25, 1.5, 1.75, 2, 2.5];

/** @type {Record<NonNullable<State["sheet"]>, [string, (playing: Playing) => unknown]>} */
const SHEETS = {
  chapters: ["Chapters", chaptersView],
  bookmarks: ["Bookmarks", bookmarksView],
  sleep: ["Sleep timer", sleepView],
  speed: ["Speed", speedView],
};

/**
 * @param {State["sheet"]} name
 * @param {Playing | null} playing
 */
export function sheetView(name, playing) {
  const isOpen = name !== null && playing !== null;
  const [title, view] = SHEETS[name ?? "chapters"];
  return html`<dialog id="sheet" aria-labelledby="sheet-title" @close=${close} @click=${closeOutside}>
    ${isOpen
      ? html`<div class="sheet">
          <div class="sheet-head">
            <h2 id="sheet-title">${title}</h2>
            <button type="button" class="round" aria-label="Close" @click=${close}>
              ${icon("close")}
            </button>
          </div>
          ${view(playing)}
        </div>`
      : nothing}
  </dialog>`;
}

/**
 * Open or close the dialog itself; templates cannot.
 *
 * @param {State["sheet"]} name
 */
export function syncSheet(name) {
  const dialog = document.getElementById("sheet");
  if (!(dialog instanceof HTMLDialogElement)) return;
  if (name && !dialog.open) dialog.showModal();
  if (!name && dialog.open) dialog.close();
}

function close() {
  change({ sheet: null });
}

/** @param {Event} event */
function closeOutside(event) {
  // The dialog itself is only hit beside its content.
  if (event.target === event.currentTarget) close();
}

/** @param {Playing} playing */
function chaptersView({ chapters, positionMs, durationMs }) {
  const current = chapterAt(chapters, positionMs);
  return html`<ol class="rows">
    ${chapters.map(
      (chapter, number) => html`<li>
        <button
          type="button"
          class="row"
          aria-current=${number === current ? "true" : nothing}
          @click=${() => jump(chapter.start_ms)}
        >
          <span>${chapter.title}</span>
          <span class="clock">${formatClock(chapterEnd(chapters, number, durationMs) - chapter.start_ms)}</span>
        </button>
      </li>`,
    )}
  </ol>`;
}

/** @param {Playing} playing */
function bookmarksView({ bookmarks, chapters, positionMs }) {
  return html`<form class="note" @submit=${addBookmark}>
      <label for="note">A note for ${formatClock(positionMs)}</label>
      <input id="note" name="note" maxlength="4000" autocomplete="off" />
      <button type="submit" class="main">Add bookmark</button>
    </form>
    ${bookmarks.length ? nothing : html`<p class="quiet">No bookmarks yet.</p>`}
    <ul class="rows">
      ${repeat(
        bookmarks,
        (bookmark) => bookmark.bookmark_id,
        (bookmark) => bookmarkRow(bookmark, chapters[chapterAt(chapters, bookmark.position_ms)]?.title),
      )}
    </ul>`;
}

/**
 * @param {Bookmark} bookmark
 * @param {string | undefined} chapter
 */
function bookmarkRow(bookmark, chapter) {
  const place = formatClock(bookmark.position_ms);
  return html`<li class="bookmark">
    <button type="button" class="row" aria-label=${`Go to ${place}`} @click=${() => jump(bookmark.position_ms)}>
      <span class="clock">${place}</span><span class="quiet">${chapter ?? ""}</span>
    </button>
    <input
      aria-label=${`Note at ${place}`}
      maxlength="4000"
      placeholder="Add a note"
      .value=${bookmark.note}
      @change=${(/** @type {Event} */ event) => void renameBookmark(bookmark, valueOf(event))}
    />
    <button
      type="button"
      class="round"
      aria-label=${`Delete the bookmark at ${place}`}
      @click=${() => void dropBookmark(bookmark)}
    >
      ${icon("close")}
    </button>
  </li>`;
}

/** @param {Playing} playing */
function sleepView(playing) {
  const { chapters, positionMs, sleep } = playing;
  const ahead = Math.min(MOST_CHAPTERS, chapters.length - chapterAt(chapters, positionMs));
  return html`${sleep
      ? html`<p role="status">
          The sound ends in ${formatClock(remainingMs(sleep, playing))}.
          <button type="button" @click=${cancelSleep}>Keep playing</button>
        </p>`
      : nothing}
    <h3>After some listening</h3>
    <div class="choices">
      ${SLEEP_MINUTES.map(
        (minutes) => html`<button type="button" @click=${() => closeAfter(() => sleepAfterMinutes(minutes))}>
          ${minutes} min
        </button>`,
      )}
    </div>
    ${chapters.length ? html`<h3>At the end of a chapter</h3>` : nothing}
    <div class="choices">
      ${Array.from(
        { length: Math.max(0, ahead) },
        (_, index) => html`<button type="button" @click=${() => closeAfter(() => sleepAfterChapters(index + 1))}>
          ${index === 0 ? "This chapter" : `${index + 1} chapters`}
        </button>`,
      )}
    </div>`;
}

/** @param {Playing} playing */
function speedView({ speed }) {
  return html`<div class="speed">
      <input
        type="range"
        aria-label="Speed"
        aria-valuetext=${formatSpeed(speed)}
        min=${SLOWEST}
        max=${FASTEST}
        step="0.05"
        .value=${String(speed)}
        @input=${(/** @type {Event} */ event) => setSpeed(Number(valueOf(event)))}
      />
      <output>${formatSpeed(speed)}</output>
    </div>
    <div class="choices">
      ${SPEEDS.map(
        (choice) => html`<button
          type="button"
          aria-pressed=${choice === speed}
          @click=${() => setSpeed(choice)}
        >
          ${formatSpeed(choice)}
        </button>`,
      )}
    </div>`;
}

/** @param {number} positionMs */
function jump(positionMs) {
  closeAfter(() => seek(positionMs));
}

/** @param {() => void} act */
function closeAfter(act) {
  act();
  close();
}

/** @param {Event} event */
function addBookmark(event) {
  event.preventDefault();
  const form = event.target;
  if (!(form instanceof HTMLFormElement)) return;
  void bookmarkNow(String(new FormData(form).get("note") ?? ""));
  form.reset();
}
