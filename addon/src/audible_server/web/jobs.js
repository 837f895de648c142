// Work in the background, as the server tells of it.

/** @import { Job } from "./types.js" */

import { fetchBook, fetchJobs } from "./api.js";
import { isOpen } from "./format.js";
import { refreshBook, reload } from "./library.js";
import { change, state } from "./store.js";

/** Fetch all of it. */
export async function reloadJobs() {
  const jobs = await fetchJobs();
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
  if (job.kind === "library" && !isOpen(job)) await reload();
  else if (job.kind !== "scan") await refreshBook(job.subject);
  await nameSubjects([job]);
}

/**
 * Find out which titles the jobs are about.
 *
 * @param {Job[]} jobs
 */
async function nameSubjects(jobs) {
  const isOfTitle = (/** @type {Job} */ job) => job.kind !== "library" && job.kind !== "scan";
  const unnamed = jobs.filter((job) => isOfTitle(job) && !(job.subject in state.titles));
  const books = await Promise.all([...new Set(unnamed.map((job) => job.subject))].map(fetchBook));
  if (!books.length) return;
  const found = Object.fromEntries(books.map((book) => [book.asin, book.title]));
  change({ titles: { ...state.titles, ...found } });
}
