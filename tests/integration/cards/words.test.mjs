// Run by test_cards.py with node's own test runner.

import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { test } from "node:test";

import { editOf, shownOf } from "../../../custom_components/audible_tracker/www/edits.js";
import {
  addDays,
  firstWeekday,
  formatDay,
  formatDuration,
  formatNames,
  formatPercent,
  formatSeries,
  heardShare,
  leftMs,
  weekdayOf,
} from "../../../custom_components/audible_tracker/www/format.js";
import { hueOf, initialsOf } from "../../../custom_components/audible_tracker/www/initials.js";
import { playersOf, playingFirst, readersPlayers, sessionOf } from "../../../custom_components/audible_tracker/www/players.js";
import { LANGUAGES, formatLanguage, nearest, speak, speechOf, spoken } from "../../../custom_components/audible_tracker/www/texts.js";
import english from "../../../custom_components/audible_tracker/www/texts/en.js";

const HOUR = 3_600_000;
const TEXTS = new URL("../../../custom_components/audible_tracker/www/texts/", import.meta.url);

test("a length is hours and minutes, each only where there are any", () => {
  const lengths = [0, 59_999, 60_000, HOUR, 12 * HOUR + 5 * 60_000, -5];

  assert.deepEqual(
    lengths.map((ms) => formatDuration(ms, "en")),
    ["0m", "0m", "1m", "1h", "12h 5m", "0m"],
  );
});

test("nothing is 100 percent before it is", () => {
  assert.deepEqual(
    [0, 0.999, 1, 1.5, -1].map((share) => formatPercent(share, "en")),
    ["0%", "99%", "100%", "100%", "0%"],
  );
});

test("a day is the same day in every time zone and language", () => {
  assert.equal(formatDay("2026-03-01", "en"), "Mar 1, 2026");
  assert.equal(formatDay("2026-03-01", "de"), "01.03.2026");
  assert.equal(addDays("2028-02-28", 2), "2028-03-01");
  assert.equal(addDays("2026-03-30", -2), "2026-03-28");
  assert.deepEqual(["2026-11-29", "2026-11-30"].map(weekdayOf), [6, 0]);
});

test("a week begins as the profile says, else as the language's people begin it", () => {
  assert.equal(firstWeekday({ language: "en", first_weekday: "sunday" }), 6);
  assert.equal(firstWeekday({ language: "de", first_weekday: "language" }), 0);
  assert.equal(firstWeekday({ language: "en-US", first_weekday: "language" }), 6);
});

test("persons and series are listed", () => {
  assert.equal(formatNames([], "en"), "");
  assert.equal(formatNames(["Ann", "Ben"], "en"), "Ann, Ben");
  assert.equal(formatSeries([{ title: "Holmes", sequence: "2" }, { title: "Classics", sequence: null }]), "Holmes 2 · Classics");
});

test("what is left follows the position, else the percentage; unknown stays unknown", () => {
  const title = { runtime_ms: 4 * HOUR, position_ms: HOUR, percent_complete: 90 };

  assert.equal(heardShare(title), 0.25);
  assert.equal(leftMs(title), 3 * HOUR);
  assert.equal(heardShare({ ...title, position_ms: null }), 0.9);
  assert.equal(heardShare({ ...title, position_ms: 9 * HOUR }), 1);
  assert.equal(heardShare({ ...title, position_ms: null, percent_complete: null }), null);
  assert.equal(leftMs({ ...title, runtime_ms: null }), null);
});

test("a title without a cover has its initials and always the same color", () => {
  assert.equal(initialsOf("pride and Prejudice"), "PA");
  assert.equal(initialsOf("… 1984"), "1");
  assert.equal(initialsOf("こころ"), "こ");
  assert.equal(initialsOf(""), "");
  assert.equal(hueOf("Emma"), hueOf("Emma"));
});

/** @param {string} id @param {number} features @param {string} [state] */
const player = (id, features, state = "idle") => ({
  entity_id: id,
  state,
  attributes: { supported_features: features, friendly_name: id.split(".")[1] },
});

test("players that can play are offered, the one used last first", () => {
  const all = [
    player("media_player.bath", 512),
    player("media_player.attic", 512 | 4, "playing"),
    player("media_player.tv", 4),
    player("media_player.garage", 512, "unavailable"),
    player("light.kitchen", 512),
  ];
  const states = Object.fromEntries(all.map((one) => [one.entity_id, one]));

  assert.deepEqual(playersOf({ states }).map(({ name }) => name), ["attic", "bath"]);
  assert.deepEqual(playersOf({ states }, { last: "media_player.bath" }).map(({ name }) => name), ["bath", "attic"]);
  assert.deepEqual(playersOf({ states }, { only: ["media_player.bath"] }).map(({ name }) => name), ["bath"]);
  const entities = { "media_player.bath": { platform: "audible_tracker" } };
  assert.deepEqual(playersOf({ states, entities }).map(({ name }) => name), ["attic"]);
});

test("what plays in the house is found by its title", () => {
  const entities = { "media_player.anna": { platform: "audible_tracker" }, "media_player.bath": { platform: "mpd" } };
  const ours = readersPlayers(entities);
  const anna = player("media_player.anna", 0, "playing");
  const states = { "media_player.anna": anna, "media_player.bath": player("media_player.bath", 512) };
  Object.assign(anna.attributes, { asin: "B0", speaker: "media_player.bath" });

  assert.deepEqual(ours, ["media_player.anna"]);
  assert.deepEqual(sessionOf(states, ours, "B0"), { id: "media_player.anna", speaker: "bath", isPlaying: true });
  assert.equal(sessionOf(states, ours, "B1"), null);
  const titles = ["B2", "B1", "B0", "B3"].map((asin) => ({ asin }));
  assert.deepEqual(playingFirst(titles, states, ours).map(({ asin }) => asin), ["B0", "B2", "B1", "B3"]);
  anna.state = "paused";
  assert.equal(sessionOf(states, ours, "B0")?.isPlaying, false);
  assert.deepEqual(playingFirst(titles, states, ours), titles);
  anna.state = "idle";
  assert.equal(sessionOf(states, ours, "B0"), null);
  assert.equal(sessionOf({}, ours, "B0"), null);
});

test("an edit says what has another value now, and clears what was emptied", () => {
  const book = { title: "Emma", subtitle: "A Novel", authors: ["Jane Austen"], narrators: [], page_count: 400 };
  const before = shownOf(/** @type {any} */ ({ ...book, series: [{ title: "Classics", sequence: "2" }], own_cover_url: null }));

  assert.deepEqual(editOf(before, { ...before }), {});
  assert.deepEqual(editOf(before, { ...before, title: " Emma! ", page_count: "401" }), { title: "Emma!", page_count: 401 });
  assert.deepEqual(editOf(before, { ...before, authors: "Ann, Ben ,", subtitle: "" }), {
    authors: ["Ann", "Ben"],
    clear: ["subtitle"],
  });
  assert.deepEqual(editOf(before, { ...before, series_sequence: "3" }), { series: "Classics", series_sequence: "3" });
  assert.deepEqual(editOf(before, { ...before, series_sequence: "" }), { series: "Classics" });
  assert.deepEqual(editOf(before, { ...before, series: "" }), { clear: ["series"] });
});

test("texts take values and plurals, and an unknown one is a mistake", () => {
  const { say } = speechOf("en", english);

  assert.equal(say("stats.books", { count: 1 }), "1 book");
  assert.equal(say("stats.books", { count: 1200 }), "1,200 books");
  assert.equal(say("shelf.left", { time: "5m" }), "5m left");
  assert.throws(() => say("shelf.nothing"), /no text/);
});

test("a language that is not there is spoken as its nearest, else in English", () => {
  assert.deepEqual(["en-GB", "pt-PT", "he"].map(formatLanguage), ["en-GB", "pt-PT", "en"]);
  assert.deepEqual(["en-GB", "pt", "pt-BR", "xx"].map(nearest), ["en", "pt-BR", "pt-BR", "en"]);
});

test("a language is fetched once, and everybody who waits for it is drawn anew", async () => {
  let fetched = 0;
  LANGUAGES.nl = async () => {
    fetched += 1;
    return { default: { "common.save": "Bewaren" } };
  };
  /** @type {string[]} */
  const drawn = [];
  const first = speak("nl", () => drawn.push("first")).say("common.save");
  speak("nl-BE", () => drawn.push("second"));
  await new Promise((resolve) => setTimeout(resolve));

  assert.equal(first, "Save");
  assert.deepEqual(drawn, ["first", "second"]);
  assert.equal(speak("nl", () => undefined).say("common.save"), "Bewaren");
  assert.equal(spoken.say("common.close"), "Close");
  assert.equal(fetched, 1);
  delete LANGUAGES.nl;
});

test("a language that does not arrive leaves English", async () => {
  LANGUAGES.sv = () => Promise.reject(new Error("gone"));
  speak("sv", () => undefined);
  await new Promise((resolve) => setTimeout(resolve));

  assert.equal(speak("sv", () => undefined).say("common.save"), "Save");
  delete LANGUAGES.sv;
});

test("every language has every text with the same values, and each file is offered", async () => {
  const names = (await readdir(TEXTS)).map((file) => file.replace(/\.js$/, ""));
  assert.deepEqual(names.sort(), ["en", ...Object.keys(LANGUAGES)].sort());
  for (const name of names) {
    const { default: texts } = await import(new URL(`${name}.js`, TEXTS).href);
    assert.deepEqual(Object.keys(texts).sort(), Object.keys(english).sort(), name);
    for (const [key, text] of Object.entries(english)) {
      assert.deepEqual(valuesOf(texts[key]), valuesOf(text), `${name}: ${key}`);
      if (typeof text === "object") {
        const needed = new Intl.PluralRules(name).resolvedOptions().pluralCategories;
        assert.deepEqual(Object.keys(texts[key]).sort(), needed.filter((one) => one in texts[key] || one === "other").sort());
      }
    }
  }
});

/** @param {string | Record<string, string>} text */
function valuesOf(text) {
  const words = typeof text === "string" ? text : (text.other ?? "");
  return [...words.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
}

test("every text that the cards say is there, and none is left over", async () => {
  const folder = new URL("../", TEXTS);
  const { readFile } = await import("node:fs/promises");
  const files = (await readdir(folder)).filter((name) => name.endsWith(".js"));
  const sources = await Promise.all(files.map((name) => readFile(new URL(name, folder), "utf8")));
  const source = sources.join("\n");
  const said = [...source.matchAll(/say\(\s*"([\w.]+)"/g)].map(([, key]) => key);
  assert.deepEqual(said.filter((key) => !(key in english)), []);
  const built = /^(card|editor|books\.(status|order)|book\.(outcome|note|review)|conflicts\.type|stats\.goal)\./;
  const unsaid = Object.keys(english).filter((key) => !source.includes(`"${key}"`) && !built.test(`${key}.`));
  assert.deepEqual(unsaid, []);
});
