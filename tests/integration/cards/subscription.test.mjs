// Asking the tracker: what is not asked any more is not heard.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Subscription } from "../../../custom_components/audible_tracker/www/subscription.js";

/** A connection that answers when it is told to. */
class Connection {
  /** Questions, each with what tells it, refuses it, and says whether it has ended. */
  asked = [];

  subscribeMessage(tell, message) {
    const question = { message, tell, hasEnded: false };
    this.asked.push(question);
    return new Promise((resolve, reject) => {
      question.begin = () => resolve(async () => (question.hasEnded = true));
      question.refuse = reject;
    });
  }
}

function screen() {
  const connection = new Connection();
  const heard = [];
  const subscription = new Subscription(async (event) => void heard.push(event));
  return { connection, heard, subscription, hass: { connection } };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("the same question is asked once", () => {
  const { connection, heard, subscription, hass } = screen();
  subscription.follow(hass, { type: "book", book_id: 1 });
  subscription.follow(hass, { type: "book", book_id: 1 });
  connection.asked[0].tell({ data: "one" });

  assert.equal(connection.asked.length, 1);
  assert.deepEqual(heard, [{ data: "one" }]);
});

test("another question ends the one before, and its refusal is not heard", async () => {
  const { connection, heard, subscription, hass } = screen();
  for (const book_id of [1, 2, 3]) subscription.follow(hass, { type: "book", book_id });
  const [first, second, third] = connection.asked;
  first.begin();
  second.refuse(new Error("gone"));
  first.tell({ data: "one" });
  third.tell({ data: "three" });
  await settled();

  assert.equal(first.hasEnded, true);
  assert.equal(third.hasEnded, false);
  assert.deepEqual(heard, [{ data: "three" }]);
});

test("a refusal is heard; after the end it can be asked again", async () => {
  const { connection, heard, subscription, hass } = screen();
  const error = new Error("no such book");
  subscription.follow(hass, { type: "book", book_id: 1 });
  connection.asked[0].refuse(error);
  await settled();
  subscription.end();
  subscription.follow(hass, { type: "book", book_id: 1 });

  assert.deepEqual(heard, [{ error }]);
  assert.equal(connection.asked.length, 2);
});
