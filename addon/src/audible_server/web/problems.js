// What goes wrong becomes a sentence on the page.

import { ApiError } from "./api.js";
import { change, state } from "./store.js";

const UNAUTHORIZED = 401;

/**
 * Do what a person asked for; what they were told before is out of date then.
 *
 * @param {() => Promise<void>} action
 */
export async function attempt(action) {
  change({ problem: null });
  await inBackground(action);
}

/**
 * Do something; a refusal of the server is shown, and one for want of the secret asks
 * for it.
 *
 * @param {() => Promise<void>} action
 */
export async function inBackground(action) {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === UNAUTHORIZED && state.isSignedIn) change({ isSignedIn: false });
    else change({ problem: error.message });
  }
}
