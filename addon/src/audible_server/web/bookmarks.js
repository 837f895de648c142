// The bookmarks of the title that plays; the server keeps them.

/** @import { Bookmark } from "./types.js" */

import { addBookmark, changeBookmark, deleteBookmark } from "./api.js";
import { attempt } from "./problems.js";
import { changePlaying, state } from "./store.js";

/**
 * Keep the present place.
 *
 * @param {string} note
 */
export async function bookmarkNow(note) {
  const now = state.playing;
  if (!now) return;
  await attempt(async () => {
    const added = await addBookmark(now.book.asin, Math.round(now.positionMs), note.trim());
    show([...bookmarks(), added]);
  });
}

/**
 * @param {Bookmark} bookmark
 * @param {string} note
 */
export async function renameBookmark(bookmark, note) {
  const asin = state.playing?.book.asin;
  if (!asin) return;
  await attempt(async () => {
    const changed = await changeBookmark(asin, bookmark.bookmark_id, note.trim());
    show(bookmarks().map((other) => (other.bookmark_id === bookmark.bookmark_id ? changed : other)));
  });
}

/** @param {Bookmark} bookmark */
export async function dropBookmark(bookmark) {
  const asin = state.playing?.book.asin;
  if (!asin) return;
  await attempt(async () => {
    await deleteBookmark(asin, bookmark.bookmark_id);
    show(bookmarks().filter((other) => other.bookmark_id !== bookmark.bookmark_id));
  });
}

function bookmarks() {
  return state.playing?.bookmarks ?? [];
}

/** @param {Bookmark[]} changed */
function show(changed) {
  changePlaying({ bookmarks: [...changed].sort((one, other) => one.position_ms - other.position_ms) });
}
