// Pure: numbers and states to words. No page, no requests.

/** @import { Job, ServerBook } from "./types.js" */

const MS_PER_SECOND = 1000;
const MS_PER_MINUTE = 60_000;
const BYTES_PER_MB = 1_000_000;

/** @type {Record<string, string>} */
const JOB_KINDS = {
  download: "Download",
  convert: "Conversion",
  library: "List of titles",
  probe: "A look at the file",
  scan: "A look at the folder",
};

/** @type {Record<string, string>} */
const JOB_STATES = {
  queued: "waits",
  running: "under way",
  paused: "paused",
  done: "done",
  failed: "failed",
  cancelled: "cancelled",
};

/** @type {Record<string, [string, string][]>} */
const JOB_ACTIONS = {
  queued: [["pause", "Pause"], ["cancel", "Cancel"]],
  running: [["pause", "Pause"], ["cancel", "Cancel"]],
  paused: [["resume", "Go on"], ["cancel", "Cancel"]],
  failed: [["retry", "Try again"]],
  cancelled: [["retry", "Try again"]],
};

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
      return book.error_text ? `Waiting to be downloaded. ${book.error_text}` : "Waiting to be downloaded";
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
 * Return what a title's files take, in words; nothing where there are none.
 *
 * @param {ServerBook} book
 * @returns {string}
 */
export function describeDisk(book) {
  return book.disk_bytes ? `${formatSize(book.disk_bytes)} on the disk` : "";
}

/**
 * Return how many titles there are, in words.
 *
 * @param {number} total
 * @returns {string}
 */
export function summarize(total) {
  if (!total) return "";
  return total === 1 ? "1 title" : `${total} titles`;
}

/**
 * Return a place in a title as players show it, such as "9:05" or "12:03:40".
 *
 * @param {number} ms
 * @returns {string}
 */
export function formatClock(ms) {
  const seconds = Math.max(0, Math.floor(ms / MS_PER_SECOND));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/**
 * Return a speed as players show it, such as "1.25×".
 *
 * @param {number} speed
 * @returns {string}
 */
export function formatSpeed(speed) {
  return `${Number(speed.toFixed(2))}×`;
}

/**
 * Return how much of a title was heard, 0 to 1; null where nothing was.
 *
 * @param {ServerBook} book
 * @returns {number | null}
 */
export function heardShare(book) {
  if (!book.position_ms || !book.runtime_ms) return null;
  return Math.min(1, book.position_ms / book.runtime_ms);
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

/**
 * Return what a job does, and how it goes.
 *
 * @param {Job} job
 * @returns {string}
 */
export function describeJob(job) {
  const percent = isOpen(job) && job.fraction !== null ? `, ${Math.floor(job.fraction * 100)} %` : "";
  const state = `${JOB_KINDS[job.kind] ?? job.kind}: ${JOB_STATES[job.state] ?? job.state}${percent}`;
  return job.error_text ? `${state}. ${job.error_text}` : state;
}

/**
 * Tell whether a job has not ended.
 *
 * @param {Job} job
 * @returns {boolean}
 */
export function isOpen(job) {
  return ["queued", "running", "paused"].includes(job.state);
}

/**
 * Return what can be done about a job: actions, and the verbs on their buttons.
 *
 * @param {Job} job
 * @returns {[string, string][]}
 */
export function jobActions(job) {
  return JOB_ACTIONS[job.state] ?? [];
}
