// The page: the library, the work in the background, the self-check, and one player.

/** @import { State } from "./store.js" */

import { explainSilence, fetchChecks, signIn, signOut } from "./api.js";
import { checksView } from "./checks_view.js";
import { listen, stopListening } from "./events.js";
import { summarize } from "./format.js";
import { noteJob, reloadJobs } from "./jobs.js";
import { jobsView } from "./jobs_view.js";
import { reloadFiles } from "./files.js";
import { filesView } from "./files_view.js";
import { describeToSystem, installKeys } from "./keys.js";
import { refreshBook, reload } from "./library.js";
import { libraryView } from "./library_view.js";
import { installPlayer, stop } from "./player.js";
import { playerView } from "./player_view.js";
import { sendUnsent } from "./position_saver.js";
import { attempt, inBackground } from "./problems.js";
import { sheetView, syncSheet } from "./sheets.js";
import { change, drawWith, state } from "./store.js";
import { html, nothing, render } from "./vendor/lit.js";

const INGRESS_PATH = "/api/hassio_ingress/";

/** @type {[State["view"], string][]} */
const VIEWS = [
  ["library", "Library"],
  ["jobs", "Downloads"],
  ["files", "Files"],
  ["checks", "Self-check"],
];

drawWith(draw);
installPlayer((asin) => void attempt(() => explain(asin)));
installKeys();
addEventListener("hashchange", () => void attempt(show));
addEventListener("online", () => void inBackground(begin));
void attempt(begin);

/** Fetch what is shown, and listen for changes. */
async function begin() {
  change({ canSignOut: !location.pathname.startsWith(INGRESS_PATH) });
  await reload();
  await sendUnsent();
  const heard = {
    job: (/** @type {import("./types.js").Job} */ job) => void inBackground(() => noteJob(job)),
    account: () => void inBackground(show),
  };
  listen(heard, () => void inBackground(show));
  await show();
}

/** Show the view that the address names. */
async function show() {
  const view = VIEWS.find(([name]) => `#${name}` === location.hash)?.[0] ?? "library";
  change({ view });
  if (view === "library") await reload();
  if (view === "jobs") await reloadJobs();
  if (view === "files") await reloadFiles();
  if (view === "checks") {
    change({ checks: null });
    change({ checks: await fetchChecks() });
  }
}

function draw() {
  const root = document.getElementById("page");
  if (!root) throw new Error("The page has no root");
  render(pageView(state), root);
  syncSheet(state.playing ? state.sheet : null);
  describeToSystem();
}

/** @param {State} state */
function pageView(state) {
  const { isSignedIn, playing, isPlayerOpen, problem, sheet } = state;
  return html`${headerView(state)}
    ${problem ? html`<p id="problem" role="alert">${problem}</p>` : nothing}
    <main>${isSignedIn ? mainView(state) : signInView()}</main>
    ${playing && isSignedIn ? playerView(playing, isPlayerOpen) : nothing} ${sheetView(sheet, playing)}`;
}

/** @param {State} state */
function headerView({ view, total, isSignedIn, canSignOut }) {
  return html`<header>
    <h1>Audiobooks</h1>
    <p id="summary" role="status">${isSignedIn && view === "library" ? summarize(total) : ""}</p>
    ${isSignedIn
      ? html`<nav aria-label="Views">
          ${VIEWS.map(
            ([name, words]) => html`<a href=${`#${name}`} aria-current=${name === view ? "page" : nothing}>${words}</a>`,
          )}
        </nav>`
      : nothing}
    ${isSignedIn && canSignOut
      ? html`<button type="button" id="sign-out" @click=${() => void attempt(leave)}>Sign out</button>`
      : nothing}
  </header>`;
}

/** @param {State} state */
function mainView(state) {
  switch (state.view) {
    case "library":
      return libraryView(state);
    case "jobs":
      return jobsView(state);
    case "files":
      return filesView(state);
    case "checks":
      return checksView(state.checks);
  }
}

function signInView() {
  return html`<form id="sign-in" @submit=${enter}>
    <h2>Sign in</h2>
    <p id="secret-hint">
      The secret stands in the settings of this server, or in the file <code>secret</code> in its data folder. It is asked for
      once on this device.
    </p>
    <!-- Password managers want a name to keep the secret under. -->
    <input type="text" autocomplete="username" value="audible-tracker" hidden />
    <label for="secret">Secret</label>
    <input
      id="secret"
      name="secret"
      type="password"
      required
      autofocus
      autocomplete="current-password"
      aria-describedby="secret-hint"
    />
    <button type="submit" class="main">Sign in</button>
  </form>`;
}

/** @param {Event} event */
function enter(event) {
  event.preventDefault();
  const form = event.target;
  if (!(form instanceof HTMLFormElement)) return;
  const secret = String(new FormData(form).get("secret"));
  void attempt(async () => {
    await signIn(secret);
    // At once: what is asked meanwhile for an earlier visit must not bring the form back.
    change({ isSignedIn: true });
    await begin();
  });
}

async function leave() {
  await signOut();
  stopListening();
  stop();
  change({ isSignedIn: false, books: [], total: 0, jobs: [], checks: null });
}

/**
 * Say why a title does not play.
 *
 * @param {string} asin
 */
async function explain(asin) {
  const sentence = await explainSilence(asin);
  await refreshBook(asin);
  const book = state.books.find((book) => book.asin === asin);
  change({ problem: book?.error_text ?? sentence });
}
