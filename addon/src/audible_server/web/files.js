// Files in the library folder that are no title's, and what they are said to be.

import { assignFile, fetchBooks, fetchUnknownFiles, startScan } from "./api.js";
import { attempt } from "./problems.js";
import { change, state } from "./store.js";

const SCAN_MS = 2000;
const MOST_SUGGESTED = 12;

/** Fetch them. */
export async function reloadFiles() {
  change({ files: await fetchUnknownFiles() });
}

/** Have the folder looked through, and show what is found. */
export async function lookAgain() {
  await attempt(async () => {
    change({ isScanning: true });
    await startScan();
    setTimeout(() => void attempt(reloadFiles).then(() => change({ isScanning: false })), SCAN_MS);
  });
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
 * Return titles whose names hold some words.
 *
 * @param {string} text
 */
export async function suggest(text) {
  const page = await fetchBooks({ text, filter: "all", sort: "title", shown: MOST_SUGGESTED });
  return page.books;
}
