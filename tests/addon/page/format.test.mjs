// Run by test_page.py with node's own test runner.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  describeBook,
  describeDisk,
  describeState,
  downloadedShare,
  formatClock,
  formatDuration,
  formatSize,
  formatSpeed,
  heardShare,
  isUnderWay,
  summarize,
} from "../../../addon/src/audible_server/web/format.js";

const BOOK = {
  asin: "B000000001",
  title: "A title",
  authors: ["Ada", "Ben"],
  state: /** @type {const} */ ("new"),
  runtime_ms: 43_500_000,
  size_bytes: 200_000_000,
  downloaded_bytes: 50_000_000,
  has_cover: true,
  is_downloaded: false,
  is_playable: false,
  position_ms: null,
  error: null,
  error_text: null,
};

test("lengths are said in hours and minutes", () => {
  const cases = [
    [0, "under a minute"],
    [59_999, "under a minute"],
    [60_000, "1 min"],
    [3_599_999, "59 min"],
    [3_600_000, "1 h 0 min"],
    [43_500_000, "12 h 5 min"],
  ];
  for (const [ms, expected] of cases) assert.equal(formatDuration(ms), expected);
});

test("sizes are said in MB and GB", () => {
  const cases = [
    [10, "under 1 MB"],
    [1_000_000, "1 MB"],
    [140_400_000, "140 MB"],
    [1_240_000_000, "1.2 GB"],
  ];
  for (const [bytes, expected] of cases) assert.equal(formatSize(bytes), expected);
});

test("the share of a download is unknown without a size and never over one", () => {
  assert.equal(downloadedShare(BOOK), 0.25);
  assert.equal(downloadedShare({ ...BOOK, downloaded_bytes: null }), 0);
  assert.equal(downloadedShare({ ...BOOK, size_bytes: null }), null);
  assert.equal(downloadedShare({ ...BOOK, downloaded_bytes: 9e9 }), 1);
});

test("every state has a sentence", () => {
  const cases = [
    ["new", "Not downloaded"],
    ["queued", "Waiting to be downloaded"],
    ["downloading", "Downloading, 25 % of 200 MB"],
    ["downloaded", "Ready to play"],
    ["converting", "Ready to play"],
    ["completed", "Ready to play"],
    ["failed", "The download failed."],
  ];
  for (const [state, expected] of cases) {
    assert.equal(describeState({ ...BOOK, state }), expected);
  }
  assert.equal(
    describeState({ ...BOOK, state: "failed", error_text: "No license." }),
    "No license.",
  );
  assert.equal(
    describeState({ ...BOOK, state: "queued", error_text: "There is no room." }),
    "Waiting to be downloaded. There is no room.",
  );
  assert.equal(
    describeState({ ...BOOK, state: "downloading", size_bytes: null }),
    "Downloading",
  );
});

test("only waiting and running downloads are under way", () => {
  const states = ["new", "queued", "downloading", "downloaded", "failed"];
  assert.deepEqual(
    states.filter((state) => isUnderWay({ ...BOOK, state })),
    ["queued", "downloading"],
  );
});

test("what is unknown is left out", () => {
  assert.equal(describeBook(BOOK), "Ada, Ben · 12 h 5 min");
  assert.equal(describeBook({ ...BOOK, runtime_ms: null }), "Ada, Ben");
  assert.equal(describeBook({ ...BOOK, authors: [] }), "12 h 5 min");
});

test("a library is summed up", () => {
  assert.deepEqual([0, 1, 12].map(summarize), ["", "1 title", "12 titles"]);
});

test("places are told as players show them", () => {
  assert.deepEqual(
    [-5, 0, 65_999, 3_600_000, 36_061_000].map(formatClock),
    ["0:00", "0:00", "1:05", "1:00:00", "10:01:01"],
  );
});

test("speeds are told without needless zeros", () => {
  assert.deepEqual([1, 1.5, 1.25].map(formatSpeed), ["1×", "1.5×", "1.25×"]);
});

test("what was heard is a share, none where nothing was", () => {
  assert.equal(heardShare({ ...BOOK, position_ms: null }), null);
  assert.equal(heardShare({ ...BOOK, position_ms: 0 }), null);
  assert.equal(heardShare({ ...BOOK, position_ms: 21_750_000 }), 0.5);
  assert.equal(heardShare({ ...BOOK, position_ms: 99_999_999 }), 1);
});

test("what a title takes is told in words, and nothing where it takes nothing", () => {
  assert.equal(describeDisk({ ...BOOK, disk_bytes: 312_400_000 }), "312 MB on the disk");
  assert.equal(describeDisk({ ...BOOK, disk_bytes: 0 }), "");
});
