// Pure: what of the library is wanted, as the server is asked for it.

/** How many more titles come at a time. */
export const MORE = 60;
// The server lists no more in one answer.
const MOST_AT_ONCE = 1000;

/** @typedef {"all" | "heard" | "here" | "failed"} LibraryFilter */
/** @typedef {"title" | "author" | "heard" | "added" | "runtime"} LibrarySort */

/**
 * @typedef {object} LibraryQuery
 * @property {string} text
 * @property {LibraryFilter} filter
 * @property {LibrarySort} sort
 * @property {number} shown how many titles from the first on
 */

/** @type {[LibraryFilter, string][]} */
export const FILTERS = [
  ["all", "All titles"],
  ["heard", "Begun here"],
  ["here", "Downloaded"],
  ["failed", "With a problem"],
];

/** @type {[LibrarySort, string][]} */
export const SORTS = [
  ["title", "By title"],
  ["author", "By author"],
  ["heard", "Last heard first"],
  ["added", "Newest first"],
  ["runtime", "Longest first"],
];

/** @type {Record<LibraryFilter, Record<string, string>>} */
const FILTER_PARAMETERS = {
  all: {},
  heard: { is_heard: "true" },
  here: { is_downloaded: "true" },
  failed: { state: "failed" },
};

/** @type {LibrarySort[]} */
const DESCENDING = ["heard", "added", "runtime"];

/**
 * Return the query as it stands in the address, for what comes behind so many titles.
 *
 * @param {LibraryQuery} query
 * @param {number} offset
 * @returns {string}
 */
export function queryString({ text, filter, sort, shown }, offset) {
  const order = DESCENDING.includes(sort) ? "desc" : "asc";
  const limit = Math.min(MOST_AT_ONCE, shown - offset);
  const page = { sort, order, limit: String(limit), offset: String(offset) };
  return String(new URLSearchParams({ q: text, ...FILTER_PARAMETERS[filter], ...page }));
}
