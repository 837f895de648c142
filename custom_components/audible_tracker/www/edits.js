// Pure: what is said of a book, and what of it was changed.

/** @import { Book } from "./types.js" */

/** Fields of the action, each with its text, and whether it is a list of names. @type {[string, string, boolean][]} */
export const FIELDS = [
  ["title", "book.title", false],
  ["subtitle", "book.subtitle", false],
  ["authors", "book.authors", true],
  ["narrators", "book.narrators", true],
  ["series", "book.series", false],
  ["series_sequence", "book.series_sequence", false],
  ["page_count", "book.page_count", false],
  ["cover_url", "book.cover_url", false],
];

/**
 * Return what stands in each field.
 *
 * @param {Book} book
 * @returns {Record<string, string>}
 */
export function shownOf(book) {
  const [series] = book.series;
  return {
    title: book.title,
    subtitle: book.subtitle ?? "",
    authors: book.authors.join(", "),
    narrators: book.narrators.join(", "),
    series: series?.title ?? "",
    series_sequence: series?.sequence ?? "",
    page_count: book.page_count === null ? "" : String(book.page_count),
    cover_url: book.own_cover_url ?? "",
  };
}

/**
 * Return what the action has to be told: what has another value now, and nothing else.
 *
 * @param {Record<string, string>} before
 * @param {Record<string, string>} now
 * @returns {Record<string, unknown>}
 */
export function editOf(before, now) {
  /** @type {Record<string, unknown>} */
  const edit = {};
  const cleared = [];
  const isSeries = now.series !== before.series || now.series_sequence !== before.series_sequence;
  for (const [name, , isList] of FIELDS) {
    const value = (now[name] ?? "").trim();
    // A number alone is no series, and a series is said with its number.
    if (name === "series_sequence" ? !(isSeries && now.series && value) : name === "series" ? !isSeries : value === before[name])
      continue;
    if (!value) cleared.push(name);
    else edit[name] = isList ? value.split(",").map((part) => part.trim()).filter(Boolean) : name === "page_count" ? Number(value) : value;
  }
  return cleared.length ? { ...edit, clear: cleared } : edit;
}
