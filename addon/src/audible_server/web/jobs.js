// Work in the background, as the server tells of it.

/** @import { Job } from "./types.js" */

import { fetchBook, fetchJobs } from "./api.js";
import { isOpen } from "./format.js";
import { refreshBook, reload } from "./library.js";
import { change, state } from "./store.js";

// Whoever wants to know more reads the log.
const MOST_SHOWN = 50;

/** Fetch what is open, and what ended last. */
export async function reloadJobs() {
  const jobs = await fetchJobs(MOST_SHOWN);
  change({ jobs });
  await nameSubjects(jobs);
}

/**
 * Take note of how a job goes.
 *
 * @param {Job} job
 */
export async function noteJob(job) {
  const isKnown = state.jobs.some((other) => other.id === job.id);
  const others = state.jobs.map((other) => (other.id === job.id ? job : other));
  change({ jobs: isKnown ? others : [job, ...others] });
  if (isOfTitle(job)) await refreshBook(job.subject);
  else if (!isOpen(job)) await reload();
  await nameSubjects([job]);
}

/**
 * Tell whether a job is about one title.
 *
 * @param {Job} job
 * @returns {boolean}
 */
function isOfTitle(job) {
  return job.kind !== "library" && job.kind !== "scan";
}

/**
 * Find out which titles the jobs are about.
 *
 * @param {Job[]} jobs
 */
async function nameSubjects(jobs) {
  const unnamed = jobs.filter((job) => isOfTitle(job) && !(job.subject in state.titles));
  const subjects = [...new Set(unnamed.map((job) => job.subject))];
  // A title that is gone keeps its id for a name.
  const names = await Promise.all(subjects.map((asin) => fetchBook(asin).then((book) => book.title, () => asin)));
  if (!subjects.length) return;
  const found = Object.fromEntries(subjects.map((asin, index) => [asin, names[index]]));
  change({ titles: { ...state.titles, ...found } });
}
