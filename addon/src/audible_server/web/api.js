// Requests to the server this page came from. Addresses are relative: under Home
// Assistant's ingress the page stands below a path of its own.

/** @import { ServerAccount, ServerBook } from "./types.js" */

const PAGE_SIZE = 1000;

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

/** @returns {Promise<ServerBook[]>} all titles */
export async function fetchBooks() {
  /** @type {Map<string, ServerBook>} */
  const books = new Map();
  let offset = 0;
  let total = 1;
  while (offset < total) {
    const page = await call("GET", `api/books?limit=${PAGE_SIZE}&offset=${offset}`);
    for (const book of page.books) books.set(book.asin, book);
    if (!page.books.length) break;
    offset += page.books.length;
    total = page.total;
  }
  return [...books.values()];
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
