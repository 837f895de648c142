// How the player looks: one bar at the foot of the page.

/** @import { Playing, State } from "./store.js" */
/** @import { Icon } from "./icons.js" */

import { coverUrl } from "./api.js";
import { chapterAt, chapterEnd } from "./chapters.js";
import { valueOf } from "./fields.js";
import { formatClock, formatSpeed } from "./format.js";
import { icon } from "./icons.js";
import {
  SKIP_MS,
  nextChapter,
  previousChapter,
  seek,
  moveBy,
  stop,
  toggle,
} from "./player.js";
import { remainingMs } from "./sleep.js";
import { change, changePlaying } from "./store.js";
import { html, live, nothing } from "./vendor/lit.js";

/**
 * @param {Playing} playing
 * @param {boolean} isOpen whether a phone shows all of it
 */
export function playerView(playing, isOpen) {
  return html`<footer id="player-bar" class=${isOpen ? "open" : ""} aria-label="Player">
    ${nowView(playing, isOpen)} ${seekView(playing)} ${controlsView(playing)} ${extrasView(playing)}
  </footer>`;
}

/**
 * @param {Playing} playing
 * @param {boolean} isOpen
 */
function nowView({ book, chapters, positionMs, isPaused }, isOpen) {
  const chapter = chapters[chapterAt(chapters, positionMs)];
  return html`<div class="now">
    ${book.has_cover
      ? html`<img class="cover" src=${coverUrl(book.asin)} alt="" />`
      : html`<div class="cover"></div>`}
    <div class="text">
      <p id="playing">${book.title}</p>
      <p class="quiet" id="chapter">${chapter?.title ?? book.authors.join(", ")}</p>
    </div>
    <span class="small-only">
      ${isOpen ? nothing : button(isPaused ? "play" : "pause", isPaused ? "Play" : "Pause", () => void toggle())}
      ${button(isOpen ? "down" : "up", isOpen ? "Show less of the player" : "Show all of the player", () =>
        change({ isPlayerOpen: !isOpen }),
      )}
    </span>
  </div>`;
}

/** @param {Playing} playing */
function seekView({ positionMs: playedMs, draggedMs, durationMs, speed, chapters }) {
  const positionMs = draggedMs ?? playedMs;
  const number = chapterAt(chapters, positionMs);
  const chapterLeft = chapterEnd(chapters, number, durationMs) - positionMs;
  const spoken = `${formatClock(positionMs)} of ${formatClock(durationMs)}`;
  return html`<div class="seek">
    <span class="clock">${formatClock(positionMs)}</span>
    <input
      type="range"
      aria-label="Position"
      aria-valuetext=${spoken}
      min="0"
      max=${Math.round(durationMs)}
      step="1000"
      .value=${live(String(Math.round(positionMs)))}
      @input=${(/** @type {Event} */ event) => changePlaying({ draggedMs: Number(valueOf(event)) })}
      @change=${(/** @type {Event} */ event) => seek(Number(valueOf(event)))}
    />
    <span class="clock" title="Left at this speed">−${formatClock((durationMs - positionMs) / speed)}</span>
    ${chapters.length > 1
      ? html`<span class="quiet chapter-left">
          Chapter ${number + 1} of ${chapters.length}, ${formatClock(chapterLeft / speed)} left
        </span>`
      : nothing}
  </div>`;
}

/** @param {Playing} playing */
function controlsView({ isPaused, isWaiting }) {
  const seconds = SKIP_MS / 1000;
  return html`<div class="controls">
    ${button("previous", "Previous chapter", previousChapter)}
    ${button("back", `Back ${seconds} seconds`, () => moveBy(-SKIP_MS))}
    <button
      type="button"
      class="round main ${isWaiting && !isPaused ? "waiting" : ""}"
      aria-label=${isPaused ? "Play" : "Pause"}
      @click=${() => void toggle()}
    >
      ${icon(isPaused ? "play" : "pause")}
    </button>
    ${button("forward", `Forward ${seconds} seconds`, () => moveBy(SKIP_MS))}
    ${button("next", "Next chapter", nextChapter)}
  </div>`;
}

/** @param {Playing} playing */
function extrasView(playing) {
  const { speed, bookmarks, chapters } = playing;
  return html`<div class="extras">
    ${sheetButton("speed", `Speed, now ${formatSpeed(speed)}`, formatSpeed(speed))}
    ${sheetButton("chapters", "Chapters", icon("list"), !chapters.length)}
    ${sheetButton("bookmarks", `Bookmarks, ${bookmarks.length}`, icon("bookmark"))} ${sleepButton(playing)}
    ${button("close", "Close the player", stop)}
  </div>`;
}

/** @param {Playing} playing */
function sleepButton(playing) {
  const left = playing.sleep ? formatClock(remainingMs(playing.sleep, playing)) : "";
  const words = left ? `Sleep timer, ${left} left` : "Sleep timer";
  return sheetButton("sleep", words, [icon("moon"), left ? html`<span class="clock">${left}</span>` : nothing]);
}

/**
 * @param {NonNullable<State["sheet"]>} sheet
 * @param {string} words
 * @param {unknown} content
 * @param {boolean} [isDisabled]
 */
function sheetButton(sheet, words, content, isDisabled = false) {
  return html`<button
    type="button"
    class="flat"
    aria-haspopup="dialog"
    aria-label=${words}
    ?disabled=${isDisabled}
    @click=${() => change({ sheet })}
  >
    ${content}
  </button>`;
}

/**
 * @param {Icon} picture
 * @param {string} words
 * @param {() => void} act
 */
function button(picture, words, act) {
  return html`<button type="button" class="round" aria-label=${words} title=${words} @click=${act}>
    ${icon(picture)}
  </button>`;
}
