// Pure: what stands where a cover is not.

/**
 * Return the first letters of a title's first two words.
 *
 * @param {string} title
 * @returns {string}
 */
export function initialsOf(title) {
  const words = title.split(/[\s:,.–-]+/u).filter((word) => /[\p{L}\p{N}]/u.test(word));
  return words.slice(0, 2).map((word) => [...word][0]?.toLocaleUpperCase() ?? "").join("");
}

/**
 * Return a color's angle, always the same for a title.
 *
 * @param {string} title
 * @returns {number}
 */
export function hueOf(title) {
  let sum = 0;
  for (const letter of title) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 360;
  return sum;
}
