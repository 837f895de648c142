// Requests to the server this page came from. Addresses are relative: under Home
// Assistant's ingress the page stands below a path of its own.

/**
 * @import { Bookmark, Chapter, Check, Job, Position, ServerAccount, ServerBook, UnknownFile } from "./types.js"
 * @import { LibraryQuery } from "./library_query.js"
 * @import { Place } from "./places.js"
 */

import { queryString } from "./library_query.js";

/** The server refused, or did not answer; the message is a sentence for people. */
export class ApiError extends Error {
  /**
   * @param {string} message
   * @param {number} status 0 when no answer came
   */
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/**
 * @param {LibraryQuery} query
 * @returns {Promise<{ books: ServerBook[], total: number }>} those to show, and how many fit
 */
export async function fetchBooks(query) {
  /** @type {ServerBook[]} */
  const books = [];
  for (;;) {
    const page = await call("GET", `api/books?${queryString(query, books.length)}`);
    books.push(...page.books);
    if (!page.books.length || books.length >= Math.min(query.shown, page.total)) {
      return { books, total: page.total };
    }
  }
}

/**
 * @param {string} asin
 * @returns {Promise<ServerBook>}
 */
export async function fetchBook(asin) {
  return call("GET", `api/books/${asin}`);
}

/**
 * @param {string} asin
 * @returns {Promise<Chapter[]>}
 */
export async function fetchChapters(asin) {
  return (await call("GET", `api/books/${asin}/chapters`)).chapters;
}

/**
 * @param {string} asin
 * @returns {Promise<Position | null>} null for a title that nobody began
 */
export async function fetchPosition(asin) {
  return (await call("GET", `api/books/${asin}/position`)).position;
}

/**
 * Send where a title stands.
 *
 * @param {Place} place
 * @param {boolean} isClosing whether the page may end before the answer comes
 * @returns {Promise<boolean>} whether the server has it, or something later
 */
export async function savePosition({ asin, ...position }, isClosing) {
  try {
    const answer = await fetch(`api/books/${asin}/position`, {
      method: "PUT",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(position),
      credentials: "same-origin",
      keepalive: isClosing,
    });
    // A refusal for good, such as of a title that is gone, is not asked again.
    return answer.ok || answer.status === 404 || answer.status === 409;
  } catch {
    return false;
  }
}

/**
 * @param {string} asin
 * @returns {Promise<Bookmark[]>}
 */
export async function fetchBookmarks(asin) {
  return (await call("GET", `api/books/${asin}/bookmarks`)).bookmarks;
}

/**
 * @param {string} asin
 * @param {number} positionMs
 * @param {string} note
 * @returns {Promise<Bookmark>}
 */
export async function addBookmark(asin, positionMs, note) {
  return call("POST", `api/books/${asin}/bookmarks`, { position_ms: positionMs, note });
}

/**
 * @param {string} asin
 * @param {string} bookmarkId
 * @param {string} note
 * @returns {Promise<Bookmark>}
 */
export async function changeBookmark(asin, bookmarkId, note) {
  return call("PATCH", `api/books/${asin}/bookmarks/${bookmarkId}`, { note });
}

/**
 * @param {string} asin
 * @param {string} bookmarkId
 */
export async function deleteBookmark(asin, bookmarkId) {
  await call("DELETE", `api/books/${asin}/bookmarks/${bookmarkId}`);
}

/**
 * @param {number} atMost
 * @returns {Promise<Job[]>} the open ones, then those that ended last
 */
export async function fetchJobs(atMost) {
  return (await call("GET", "api/jobs")).jobs.slice(0, atMost);
}

/**
 * @param {number} id
 * @param {string} action
 */
export async function controlJob(id, action) {
  await call("POST", `api/jobs/${id}/${action}`);
}

/**
 * Delete what was downloaded of a title; its license is kept.
 *
 * @param {string} asin
 */
export async function deleteDownload(asin) {
  await call("DELETE", `api/books/${asin}/download`);
}

/**
 * Have a title converted to a plain file.
 *
 * @param {string} asin
 */
export async function convert(asin) {
  await call("POST", `api/books/${asin}/convert`, {});
}

/** @returns {Promise<UnknownFile[]>} the files that no title was found for */
export async function fetchUnknownFiles() {
  return (await call("GET", "api/files?limit=1000")).files;
}

/**
 * @param {string} path
 * @param {string} asin which title the file is
 */
export async function assignFile(path, asin) {
  await call("PUT", "api/files/title", { path, asin });
}

/** Have the library folder looked through. */
export async function startScan() {
  await call("POST", "api/scan");
}

/** @returns {Promise<Check[]>} */
export async function fetchChecks() {
  return (await call("GET", "api/checks")).checks;
}

/** @returns {string} address of the server's events */
export function eventsUrl() {
  return "api/events";
}

/** @returns {Promise<ServerAccount[]>} the linked accounts */
export async function fetchAccounts() {
  return (await call("GET", "api/accounts")).accounts;
}

/**
 * @param {string} asin
 * @returns {Promise<ServerBook>} the title, with its download begun
 */
export async function startDownload(asin) {
  return call("POST", `api/books/${asin}/download`);
}

/**
 * Exchange the secret for a cookie.
 *
 * @param {string} secret
 */
export async function signIn(secret) {
  await call("POST", "session", { secret });
}

/** Give the cookie back. */
export async function signOut() {
  await call("DELETE", "session");
}

/**
 * Return why a title does not play, asking for its first byte.
 *
 * @param {string} asin
 * @returns {Promise<string>}
 */
export async function explainSilence(asin) {
  try {
    const answer = await request("GET", streamUrl(asin), { Range: "bytes=0-0" });
    if (!answer.ok) return (await refusal(answer)).message;
    await answer.body?.cancel();
  } catch (error) {
    if (error instanceof ApiError) return error.message;
    throw error;
  }
  return "This browser cannot play the title.";
}

/**
 * @param {string} asin
 * @returns {string} address of the audio
 */
export function streamUrl(asin) {
  return `stream/${asin}`;
}

/**
 * @param {string} asin
 * @returns {string} address of the cover image
 */
export function coverUrl(asin) {
  return `api/books/${asin}/cover`;
}

/**
 * @param {string} asin
 * @returns {string} address of the companion PDF
 */
export function pdfUrl(asin) {
  return `api/books/${asin}/pdf`;
}

/**
 * @param {string} method
 * @param {string} path
 * @param {object} [body]
 * @returns {Promise<any>} the data that came, null where there is none
 */
async function call(method, path, body) {
  /** @type {Record<string, string>} */
  const headers = body ? { "Content-Type": "application/json" } : {};
  const answer = await request(method, path, headers, body);
  if (!answer.ok) throw await refusal(answer);
  return answer.status === 204 ? null : (await answer.json()).data;
}

/**
 * @param {string} method
 * @param {string} path
 * @param {Record<string, string>} headers
 * @param {object} [body]
 * @returns {Promise<Response>}
 */
async function request(method, path, headers, body) {
  try {
    return await fetch(path, {
      method,
      headers,
      body: body ? JSON.stringify(body) : null,
      credentials: "same-origin",
    });
  } catch {
    throw new ApiError("The server does not answer. Is it running?", 0);
  }
}

/**
 * @param {Response} answer
 * @returns {Promise<ApiError>}
 */
async function refusal(answer) {
  try {
    const { error } = await answer.json();
    return new ApiError(String(error.message), answer.status);
  } catch {
    return new ApiError(`The server answered with ${answer.status}.`, answer.status);
  }
}
