// What the server tells by itself, so that the page need not ask.

import { eventsUrl } from "./api.js";

const AGAIN_MS = 5000;

/** @type {EventSource | null} */
let source = null;
/** @type {number | undefined} */
let againTimer;

/**
 * Listen, until `stopListening`. A browser connects again by itself.
 *
 * @param {Record<string, (data: any) => void>} heard by kind of event
 * @param {() => void} connected told at each connection: something may have been missed
 */
export function listen(heard, connected) {
  stopListening();
  source = new EventSource(eventsUrl());
  source.addEventListener("open", connected);
  source.addEventListener("error", () => {
    // Cut connections are the browser's affair; after a refusal it gives up.
    if (source?.readyState === EventSource.CLOSED) againTimer = setTimeout(() => listen(heard, connected), AGAIN_MS);
  });
  for (const [kind, tell] of Object.entries(heard)) {
    source.addEventListener(kind, (event) => tell(JSON.parse(event.data)));
  }
}

/** Listen no longer. */
export function stopListening() {
  clearTimeout(againTimer);
  source?.close();
  source = null;
}
