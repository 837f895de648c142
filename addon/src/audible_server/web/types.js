// Shapes of the server's JSON and of the page's state; types only, nothing runs here.

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
 * @property {boolean} is_downloaded whether a file of it lies here
 * @property {boolean} is_playable whether it can be streamed now, be it from the shop
 * @property {number | null} position_ms where listening stands
 * @property {number} disk_bytes what its files take
 * @property {boolean} has_pdf whether a PDF belongs to it
 * @property {string | null} error
 * @property {string | null} error_text
 */

/**
 * @typedef {object} ServerAccount
 * @property {string} name
 * @property {string | null} error_text
 */

/**
 * @typedef {object} Chapter
 * @property {string} title
 * @property {number} start_ms
 * @property {number} length_ms
 */

/**
 * Where listening to a title stands.
 *
 * @typedef {object} Position
 * @property {number} position_ms
 * @property {string} heard_at instant, ISO 8601
 */

/**
 * @typedef {object} Bookmark
 * @property {string} bookmark_id
 * @property {number} position_ms
 * @property {string} note
 */

/**
 * Some work in the background; null means unknown.
 *
 * @typedef {object} Job
 * @property {number} id
 * @property {string} kind
 * @property {string} subject an ASIN, or an account
 * @property {string} state
 * @property {string | null} step
 * @property {number | null} fraction 0 to 1
 * @property {string | null} error_text
 */

/**
 * A file in the library folder that is no title's.
 *
 * @typedef {object} UnknownFile
 * @property {string} path
 * @property {string | null} title what its header says
 * @property {string | null} reason_text
 */

/**
 * One line of the self-check.
 *
 * @typedef {object} Check
 * @property {string} title
 * @property {"ok" | "warning" | "failed"} status
 * @property {string} sentence
 */

export {};
