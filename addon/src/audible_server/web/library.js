// The titles on the page: asked for, asked again, told about by events.

/** @import { LibraryQuery } from "./library_query.js" */

import { convert, deleteDownload, fetchAccounts, fetchBook, fetchBooks, startDownload } from "./api.js";
import { MORE } from "./library_query.js";
import { attempt } from "./problems.js";
import { change, state } from "./store.js";

const TYPING_MS = 200;

/** @type {number | undefined} */
let typingTimer;
let asked = 0;

/** Fetch what is shown once more. */
export async function reload() {
  const mine = ++asked;
  const [page, accounts] = await Promise.all([fetchBooks(state.query), fetchAccounts()]);
  // Answers may overtake each other; only the last question counts.
  if (mine !== asked) return;
  const trouble = accounts.find((account) => account.error_text);
  change({
    books: page.books,
    total: page.total,
    isLoading: false,
    ...(trouble ? { problem: `${trouble.name}: ${trouble.error_text}` } : {}),
  });
}

/**
 * Ask for other titles; while somebody types, a moment later.
 *
 * @param {Partial<LibraryQuery>} changes
 */
export async function ask(changes) {
  change({ query: { ...state.query, ...changes, shown: MORE }, isLoading: true });
  clearTimeout(typingTimer);
  typingTimer = setTimeout(() => void attempt(reload), "text" in changes ? TYPING_MS : 0);
}

/** Show more of the same. */
export async function askMore() {
  change({ query: { ...state.query, shown: state.query.shown + MORE } });
  await attempt(reload);
}

/** @param {string} asin */
export async function download(asin) {
  await attempt(async () => show(await startDownload(asin)));
}

/**
 * Delete what was downloaded, once that was asked for twice.
 *
 * @param {string} asin
 */
export async function removeDownload(asin) {
  if (state.confirming !== asin) {
    change({ confirming: asin });
    return;
  }
  change({ confirming: null });
  await attempt(async () => {
    await deleteDownload(asin);
    await refreshBook(asin);
  });
}

/** @param {string} asin */
export async function makePlain(asin) {
  await attempt(async () => {
    await convert(asin);
    await refreshBook(asin);
  });
}

/**
 * Fetch one title again, if it is shown.
 *
 * @param {string} asin
 */
export async function refreshBook(asin) {
  if (state.books.some((book) => book.asin === asin)) show(await fetchBook(asin));
}

/** @param {import("./types.js").ServerBook} changed */
function show(changed) {
  change({ books: state.books.map((book) => (book.asin === changed.asin ? changed : book)) });
}
