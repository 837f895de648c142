// Pure: numbers and states to words. No page, no requests.

/** @import { ServerBook } from "./types.js" */

const MS_PER_MINUTE = 60_000;
const BYTES_PER_MB = 1_000_000;

/**
 * Return a length in words, such as "12 h 5 min".
 *
 * @param {number} ms
 * @returns {string}
 */
export function formatDuration(ms) {
  const minutes = Math.floor(ms / MS_PER_MINUTE);
  if (minutes < 1) return "under a minute";
  const hours = Math.floor(minutes / 60);
  return hours ? `${hours} h ${minutes % 60} min` : `${minutes} min`;
}

/**
 * Return a size in words, such as "140 MB".
 *
 * @param {number} bytes
 * @returns {string}
 */
export function formatSize(bytes) {
  const megabytes = bytes / BYTES_PER_MB;
  if (megabytes < 1) return "under 1 MB";
  return megabytes < 1000
    ? `${Math.round(megabytes)} MB`
    : `${(megabytes / 1000).toFixed(1)} GB`;
}

/**
 * Return how much of a download is there, 0 to 1, or null where that is unknown.
 *
 * @param {ServerBook} book
 * @returns {number | null}
 */
export function downloadedShare(book) {
  if (!book.size_bytes) return null;
  return Math.min(1, (book.downloaded_bytes ?? 0) / book.size_bytes);
}

/**
 * Tell whether a download of the title is under way.
 *
 * @param {ServerBook} book
 * @returns {boolean}
 */
export function isUnderWay(book) {
  return book.state === "queued" || book.state === "downloading";
}

/**
 * Return a title's state as a sentence for people.
 *
 * @param {ServerBook} book
 * @returns {string}
 */
export function describeState(book) {
  switch (book.state) {
    case "new":
      return "Not downloaded";
    case "queued":
      return "Waiting to be downloaded";
    case "downloading":
      return describeProgress(book);
    case "failed":
      return book.error_text ?? "The download failed.";
    case "converting":
    case "downloaded":
    case "completed":
      return "Ready to play";
  }
}

/**
 * Return the second line of a title: authors and length, as far as known.
 *
 * @param {ServerBook} book
 * @returns {string}
 */
export function describeBook(book) {
  const length = book.runtime_ms ? formatDuration(book.runtime_ms) : "";
  return [book.authors.join(", "), length].filter(Boolean).join(" · ");
}

/**
 * Return a sentence about a whole library.
 *
 * @param {ServerBook[]} books
 * @returns {string}
 */
export function summarize(books) {
  if (!books.length) return "";
  const ready = books.filter((book) => book.is_playable).length;
  const titles = books.length === 1 ? "1 title" : `${books.length} titles`;
  return `${titles}, ${ready} ready to play`;
}

/**
 * @param {ServerBook} book
 * @returns {string}
 */
function describeProgress(book) {
  const share = downloadedShare(book);
  if (share === null || !book.size_bytes) return "Downloading";
  const percent = Math.floor(share * 100);
  return `Downloading, ${percent} % of ${formatSize(book.size_bytes)}`;
}
