// How work in the background looks, and what can be done about it.

/** @import { Job } from "./types.js" */
/** @import { State } from "./store.js" */

import { controlJob } from "./api.js";
import { describeJob, isOpen, jobActions } from "./format.js";
import { reloadJobs } from "./jobs.js";
import { attempt } from "./problems.js";
import { html, nothing, repeat } from "./vendor/lit.js";

/** @param {State} state */
export function jobsView({ jobs: all, titles }) {
  // A look at a file is over before anybody reads of it.
  const jobs = all.filter((job) => job.kind !== "probe" || job.state === "failed");
  if (!jobs.length) return html`<p class="empty">Nothing was done yet.</p>`;
  return html`<ul id="jobs" class="rows">
    ${repeat(jobs, (job) => job.id, (job) => jobView(job, nameOf(job, titles)))}
  </ul>`;
}

/**
 * @param {Job} job
 * @param {Record<string, string>} titles
 */
function nameOf(job, titles) {
  const isOfLibrary = job.kind === "library" || job.kind === "scan";
  return isOfLibrary ? "The library" : (titles[job.subject] ?? job.subject);
}

/**
 * @param {Job} job
 * @param {string} name
 */
function jobView(job, name) {
  return html`<li class="job">
    <div class="text">
      <h2>${name}</h2>
      <p class=${job.error_text ? "failed" : ""}>${describeJob(job)}</p>
      ${isOpen(job) && job.fraction !== null
        ? html`<progress aria-label=${`Progress of ${name}`} .value=${job.fraction}></progress>`
        : nothing}
    </div>
    <div class="actions">
      ${jobActions(job).map(
        ([action, verb]) => html`<button
          type="button"
          aria-label=${`${verb}: ${name}`}
          @click=${() => void attempt(() => act(job.id, action))}
        >
          ${verb}
        </button>`,
      )}
    </div>
  </li>`;
}

/**
 * @param {number} id
 * @param {string} action
 */
async function act(id, action) {
  await controlJob(id, action);
  await reloadJobs();
}
