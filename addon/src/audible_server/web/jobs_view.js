// How work in the background looks, and what can be done about it.

/** @import { Job } from "./types.js" */

import { controlJob } from "./api.js";
import { describeJob, jobActions } from "./format.js";
import { reloadJobs } from "./jobs.js";
import { attempt } from "./problems.js";
import { html, nothing, repeat } from "./vendor/lit.js";

/** @param {Job[]} jobs */
export function jobsView(jobs) {
  if (!jobs.length) return html`<p class="empty">Nothing is being done.</p>`;
  return html`<ul id="jobs" class="rows">
    ${repeat(jobs, (job) => job.job_id, jobView)}
  </ul>`;
}

/** @param {Job} job */
function jobView(job) {
  const name = job.title ?? job.asin ?? job.kind;
  return html`<li class="job">
    <div class="text">
      <h2>${name}</h2>
      <p class=${job.error_text ? "failed" : ""}>${describeJob(job)}</p>
      ${job.progress === null
        ? nothing
        : html`<progress aria-label=${`Progress of ${name}`} .value=${job.progress}></progress>`}
    </div>
    <div class="actions">
      ${jobActions(job).map(
        ([action, verb]) => html`<button
          type="button"
          aria-label=${`${verb}: ${name}`}
          @click=${() => void attempt(() => act(job.job_id, action))}
        >
          ${verb}
        </button>`,
      )}
    </div>
  </li>`;
}

/**
 * @param {string} jobId
 * @param {string} action
 */
async function act(jobId, action) {
  await controlJob(jobId, action);
  await reloadJobs();
}
