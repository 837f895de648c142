// Pure: what "do the rest for me" would do, counted.

/**
 * @param {{ resolved: { resolution: string }[], left: unknown[] }} answer of a dry run
 * @returns {{ linked: number, created: number, left: number }}
 */
export function planOf({ resolved, left }) {
  const created = resolved.filter(({ resolution }) => resolution === "created").length;
  return { linked: resolved.length - created, created, left: left.length };
}
