// Pure: how far to go back when listening goes on after a pause.

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

// The longer the pause, the more of the sentence is forgotten.
const STEPS = [
  { pausedMs: 24 * HOUR_MS, backMs: 30 * SECOND_MS },
  { pausedMs: HOUR_MS, backMs: 20 * SECOND_MS },
  { pausedMs: 5 * MINUTE_MS, backMs: 10 * SECOND_MS },
  { pausedMs: MINUTE_MS, backMs: 5 * SECOND_MS },
  { pausedMs: 10 * SECOND_MS, backMs: 2 * SECOND_MS },
];

/**
 * Return where to go on: a little before the place where listening stopped.
 *
 * @param {number} positionMs
 * @param {number} pausedMs how long the pause was
 * @returns {number}
 */
export function resumePosition(positionMs, pausedMs) {
  const step = STEPS.find((step) => pausedMs >= step.pausedMs);
  return Math.max(0, positionMs - (step?.backMs ?? 0));
}
