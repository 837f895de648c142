// Run by test_page.py with node's own test runner.

import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";

import { lookAgain, suggest } from "../../../addon/src/audible_server/web/files.js";
import { state } from "../../../addon/src/audible_server/web/store.js";

const BOOKS = { success: true, data: { books: [], total: 0 } };
const REFUSED = { success: false, error: { code: "storage_unwritable", message: "Nothing can be read." } };

/**
 * @param {object} body
 * @param {number} [status]
 */
function answer(body, status = 200) {
  return new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
}

afterEach(() => mock.restoreAll());

test("a refused scan is told, and can be asked for again", async () => {
  mock.method(globalThis, "fetch", async () => answer(REFUSED, 507));
  await lookAgain();
  assert.equal(state.isScanning, false);
  assert.equal(state.problem, "Nothing can be read.");
});

test("a refused offer is told", async () => {
  mock.method(globalThis, "fetch", async () => answer(REFUSED, 507));
  state.problem = null;
  await suggest("anna", () => assert.fail("nothing came"));
  assert.equal(state.problem, "Nothing can be read.");
});

test("an answer that was overtaken offers nothing", async () => {
  /** @type {((answer: Response) => void)[]} */
  const waiting = [];
  mock.method(globalThis, "fetch", () => new Promise((resolve) => waiting.push(resolve)));
  /** @type {string[]} */
  const shown = [];
  const older = suggest("an", () => shown.push("an"));
  const newer = suggest("anna", () => shown.push("anna"));
  waiting[1](answer(BOOKS));
  await newer;
  waiting[0](answer(BOOKS));
  await older;
  assert.deepEqual(shown, ["anna"]);
});
