// Files in the library folder that are no title's, and what they are said to be.

/** @import { ServerBook } from "./types.js" */

import { assignFile, fetchBooks, fetchUnknownFiles, startScan } from "./api.js";
import { attempt, inBackground } from "./problems.js";
import { change, state } from "./store.js";

const SCAN_MS = 2000;
const MOST_SUGGESTED = 12;

let asked = 0;

/** Fetch them. */
export async function reloadFiles() {
  change({ files: await fetchUnknownFiles() });
}

/** Have the folder looked through, and show what is found. */
export async function lookAgain() {
  change({ isScanning: true });
  await attempt(async () => {
    await startScan();
    await new Promise((resolve) => setTimeout(resolve, SCAN_MS));
    await reloadFiles();
  }).finally(() => change({ isScanning: false }));
}

/**
 * Say which title a file is.
 *
 * @param {string} path
 * @param {string} asin
 */
export async function assign(path, asin) {
  await attempt(async () => {
    await assignFile(path, asin);
    change({ files: state.files.filter((file) => file.path !== path) });
  });
}

/**
 * Offer titles whose names hold some words; an answer that was overtaken is dropped.
 *
 * @param {string} text
 * @param {(books: ServerBook[]) => void} show
 */
export async function suggest(text, show) {
  const mine = ++asked;
  await inBackground(async () => {
    const page = await fetchBooks({ text, filter: "all", sort: "title", shown: MOST_SUGGESTED });
    if (mine === asked) show(page.books);
  });
}
