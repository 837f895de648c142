// Pure: which goals are shown, and how each stands.

/** @import { Goal, Statistics } from "./types.js" */

const EVEN = 0.5;

/**
 * Return how a goal stands against an even pace, in words.
 *
 * @param {Goal} goal
 * @returns {"reached" | "ahead" | "behind" | "even"}
 */
export function standingOf({ is_reached, ahead }) {
  if (is_reached) return "reached";
  if (Math.abs(ahead) < EVEN) return "even";
  return ahead > 0 ? "ahead" : "behind";
}

/**
 * Return the goals that a stretch of days is about.
 *
 * @param {Statistics} statistics
 * @returns {Goal[]}
 */
export function goalsOf({ goals, start_date, end_date, today }) {
  const isLately = end_date === today;
  return goals.filter((goal) =>
    isLately
      ? goal.start_date <= today && goal.end_date >= today
      : goal.start_date <= end_date && goal.end_date >= start_date,
  );
}
