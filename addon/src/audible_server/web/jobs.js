// Work in the background, as the server tells of it.

import { fetchJobs } from "./api.js";
import { change } from "./store.js";

/** Fetch all of it. */
export async function reloadJobs() {
  change({ jobs: await fetchJobs() });
}
