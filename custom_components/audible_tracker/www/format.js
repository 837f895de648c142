// Pure: lengths, days, shares and persons to words. No page, no requests.

const MS_PER_MINUTE = 60_000;
const MS_PER_DAY = 86_400_000;

/**
 * Return a length in words, such as "12h 5m"; less than a minute is that.
 *
 * @param {number} ms
 * @param {string} language
 * @returns {string}
 */
export function formatDuration(ms, language) {
  const minutes = Math.max(0, Math.floor(ms / MS_PER_MINUTE));
  const hours = Math.floor(minutes / 60);
  const parts = [];
  if (hours) parts.push(unit(hours, "hour", language));
  if (minutes % 60 || !hours) parts.push(unit(minutes % 60, "minute", language));
  return parts.join(" ");
}

/**
 * @param {number} amount
 * @param {"hour" | "minute"} name
 * @param {string} language
 */
function unit(amount, name, language) {
  return new Intl.NumberFormat(language, { style: "unit", unit: name, unitDisplay: "narrow" }).format(amount);
}

/**
 * Return a share, 0 to 1, in percent. Nothing is finished before it is.
 *
 * @param {number} share
 * @param {string} language
 * @returns {string}
 */
export function formatPercent(share, language) {
  const whole = Math.floor(Math.min(1, Math.max(0, share)) * 100) / 100;
  return new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 }).format(whole);
}

/**
 * Return a day, such as "Nov 29, 2026"; the day of an ISO text is the same everywhere.
 *
 * @param {string} day
 * @param {string} language
 * @param {Intl.DateTimeFormatOptions} [options]
 * @returns {string}
 */
export function formatDay(day, language, options = { dateStyle: "medium" }) {
  return new Intl.DateTimeFormat(language, { timeZone: "UTC", ...options }).format(instantOf(day));
}

/**
 * Return a number with at most one digit behind the point.
 *
 * @param {number} number
 * @param {string} language
 * @returns {string}
 */
export function formatNumber(number, language) {
  return new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(number);
}

/**
 * @param {string[]} names
 * @param {string} language
 * @returns {string}
 */
export function formatNames(names, language) {
  return new Intl.ListFormat(language, { type: "unit", style: "short" }).format(names);
}

/**
 * Return how a title's series are shown, such as "Sherlock Holmes 2".
 *
 * @param {{ title: string, sequence: string | null }[]} places
 * @returns {string}
 */
export function formatSeries(places) {
  return places.map(({ title, sequence }) => (sequence ? `${title} ${sequence}` : title)).join(" · ");
}

/**
 * Return the instant at which a day begins in UTC.
 *
 * @param {string} day
 * @returns {number}
 */
export function instantOf(day) {
  return Date.parse(`${day.slice(0, 10)}T00:00:00Z`);
}

/**
 * Return the day that is so many days after another.
 *
 * @param {string} day
 * @param {number} days
 * @returns {string}
 */
export function addDays(day, days) {
  return new Date(instantOf(day) + days * MS_PER_DAY).toISOString().slice(0, 10);
}

/**
 * Return the weekday of a day, 0 for Monday.
 *
 * @param {string} day
 * @returns {number}
 */
export function weekdayOf(day) {
  return (new Date(instantOf(day)).getUTCDay() + 6) % 7;
}

/** What may stand first in the profile. */
const WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/**
 * Return the day that weeks begin with, 0 for Monday: the profile's, else the language's.
 *
 * @param {{ language: string, first_weekday?: string }} locale
 * @returns {number}
 */
export function firstWeekday(locale) {
  const chosen = WEEKDAYS.indexOf(locale.first_weekday ?? "");
  if (chosen >= 0) return chosen;
  const region = /** @type {any} */ (new Intl.Locale(locale.language).maximize());
  const week = region.getWeekInfo?.() ?? region.weekInfo;
  return week ? (week.firstDay + 6) % 7 : 0;
}

/**
 * Return how much of a title was heard, 0 to 1; null is unknown.
 *
 * @param {{ position_ms?: number | null, runtime_ms: number | null, percent_complete: number | null }} title
 * @returns {number | null}
 */
export function heardShare({ position_ms, runtime_ms, percent_complete }) {
  if (position_ms != null && runtime_ms) return Math.min(1, position_ms / runtime_ms);
  return percent_complete === null ? null : percent_complete / 100;
}

/**
 * Return what is left to hear at normal speed; null is unknown.
 *
 * @param {{ position_ms?: number | null, runtime_ms: number | null, percent_complete: number | null }} title
 * @returns {number | null}
 */
export function leftMs(title) {
  const share = heardShare(title);
  if (share === null || !title.runtime_ms) return null;
  return Math.max(0, Math.round(title.runtime_ms * (1 - share)));
}
