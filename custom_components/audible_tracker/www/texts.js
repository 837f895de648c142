// What the cards say, in the user's language; English where a text or a language is missing.

import english from "./texts/en.js";

/** @typedef {Record<string, string | Record<string, string>>} Texts */
/** @typedef {(key: string, values?: Record<string, string | number>) => string} Translate */
/** @typedef {{ language: string, texts: Texts, say: Translate }} Speech */

/**
 * Languages beside English, and how each is fetched.
 *
 * @type {Record<string, () => Promise<{ default: Texts }>>}
 */
export const LANGUAGES = {
  de: () => import("./texts/de.js"),
  fr: () => import("./texts/fr.js"),
  it: () => import("./texts/it.js"),
  es: () => import("./texts/es.js"),
  "pt-BR": () => import("./texts/pt-BR.js"),
  ja: () => import("./texts/ja.js"),
};

/** @type {Map<string, Texts>} */
const known = new Map([["en", english]]);
/** @type {Set<string>} */
const asked = new Set();
/** Who has to be drawn anew when a language arrives. @type {Set<() => void>} */
const waiting = new Set();

/** What was spoken last: editors and the card picker are asked without a language. */
export let spoken = speechOf("en", english);

/**
 * Return how to speak a language now; `arrived` is called if it had to be fetched.
 *
 * @param {string} language such as "de" or "pt-BR"
 * @param {() => void} arrived
 * @returns {Speech}
 */
export function speak(language, arrived) {
  const name = nearest(language);
  const texts = known.get(name) ?? english;
  if (!known.has(name)) {
    waiting.add(arrived);
    if (!asked.has(name)) void fetchTexts(name);
  }
  if (spoken.language !== language || spoken.texts !== texts) spoken = speechOf(language, texts);
  return spoken;
}

/** @param {string} name */
async function fetchTexts(name) {
  asked.add(name);
  try {
    const texts = await LANGUAGES[name]?.();
    known.set(name, texts?.default ?? english);
  } catch {
    // An update has moved the files since the page was opened: English it is.
    known.set(name, english);
  }
  for (const arrived of waiting) arrived();
  waiting.clear();
}

/**
 * Return the language of ours that is nearest to one that is asked for.
 *
 * @param {string} language
 * @returns {string}
 */
export function nearest(language) {
  const [general = ""] = language.split("-");
  const ours = ["en", ...Object.keys(LANGUAGES)];
  return (
    ours.find((name) => name === language) ??
    ours.find((name) => name === general) ??
    ours.find((name) => name.startsWith(`${general}-`)) ??
    "en"
  );
}

/**
 * Return the language in which numbers and days stand best between our texts.
 *
 * @param {string} language
 * @returns {string}
 */
export function formatLanguage(language) {
  const ours = nearest(language);
  return ours.split("-")[0] === language.split("-")[0] ? language : ours;
}

/**
 * Return a function that says texts of a language.
 *
 * @param {string} language
 * @param {Texts} texts
 * @returns {Speech}
 */
export function speechOf(language, texts) {
  const plurals = new Intl.PluralRules(language);
  const numbers = new Intl.NumberFormat(language);
  return {
    language,
    texts,
    say(key, values = {}) {
      const found = texts[key] ?? english[key];
      if (found === undefined) throw new Error(`There is no text ${key}`);
      const text =
        typeof found === "string" ? found : (found[plurals.select(Number(values.count))] ?? found.other ?? "");
      return text.replace(/\{(\w+)\}/g, (_, name) => {
        const value = values[name] ?? "";
        return typeof value === "number" ? numbers.format(value) : value;
      });
    },
  };
}
