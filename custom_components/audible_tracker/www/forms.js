// The visual editors: a field and its selector a line; words come from the texts.

import { spoken } from "./texts.js";

const HELPED = ["reader", "players", "year"];

/**
 * Return a form as the dashboard editor wants it.
 *
 * @param {[string, Record<string, any>][]} fields
 */
export function formFor(fields) {
  return {
    schema: fields.map(([name, selector]) => ({ name, selector: selectorOf(name, selector) })),
    /** @param {{ name: string }} field */
    computeLabel: ({ name }) => spoken.say(`editor.${name}`),
    /** @param {{ name: string }} field */
    computeHelper: ({ name }) => (HELPED.includes(name) ? spoken.say(`editor.${name}.help`) : undefined),
  };
}

/**
 * Give the options of a choice their words.
 *
 * @param {string} name
 * @param {Record<string, any>} selector
 */
function selectorOf(name, selector) {
  if (!selector.select) return selector;
  const group = name === "order" ? "books.order" : `editor.${name}`;
  const options = selector.select.options.map((/** @type {string} */ value) => ({
    value,
    label: spoken.say(`${group}.${value}`),
  }));
  return { select: { ...selector.select, options } };
}
