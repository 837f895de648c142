// Shapes of the server's JSON; types only, nothing runs here.

/**
 * @typedef {"new" | "queued" | "downloading" | "downloaded" | "converting"
 *   | "completed" | "failed"} BookState
 */

/**
 * One title; sizes in bytes, null means unknown.
 *
 * @typedef {object} ServerBook
 * @property {string} asin
 * @property {string} title
 * @property {string[]} authors
 * @property {BookState} state
 * @property {number | null} runtime_ms
 * @property {number | null} size_bytes
 * @property {number | null} downloaded_bytes
 * @property {boolean} has_cover
 * @property {boolean} is_playable
 * @property {string | null} error
 * @property {string | null} error_text
 */

/**
 * @typedef {object} ServerAccount
 * @property {string} name
 * @property {string | null} error_text
 */

export {};
