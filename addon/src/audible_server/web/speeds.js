// How fast each title is played, kept on this device.

const PREFIX = "speed:";
export const SLOWEST = 0.5;
export const FASTEST = 3;
const STEP = 0.05;

/**
 * @param {string} asin
 * @returns {number}
 */
export function speedOf(asin) {
  return clampSpeed(Number(localStorage.getItem(PREFIX + asin) ?? 1));
}

/**
 * @param {string} asin
 * @param {number} speed
 */
export function keepSpeed(asin, speed) {
  localStorage.setItem(PREFIX + asin, String(speed));
}

/**
 * Return a speed that can be played, in steps of five hundredths.
 *
 * @param {number} speed
 * @returns {number}
 */
export function clampSpeed(speed) {
  if (!Number.isFinite(speed)) return 1;
  const stepped = Math.round(speed / STEP) * STEP;
  return Number(Math.min(FASTEST, Math.max(SLOWEST, stepped)).toFixed(2));
}
