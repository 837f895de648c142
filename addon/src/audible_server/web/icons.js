// The page's pictures, hidden from screen readers: the button around them has the words.

import { html } from "./vendor/lit.js";

// Outlines on a grid of 24 by 24.
const SHAPES = {
  play: "M8 5v14l11-7z",
  pause: "M6 5h4v14H6zM14 5h4v14h-4z",
  previous: "M6 5h2v14H6zM20 5v14L9 12z",
  next: "M16 5h2v14h-2zM4 5v14l11-7z",
  back: "M12 5V1L7 6l5 5V7a6 6 0 1 1-6 6H4a8 8 0 1 0 8-8z",
  forward: "M12 5V1l5 5-5 5V7a6 6 0 1 0 6 6h2a8 8 0 1 1-8-8z",
  up: "m6 15.4 6-6 6 6 1.4-1.4L12 6.6 4.6 14z",
  down: "m6 8.6 6 6 6-6 1.4 1.4-7.4 7.4L4.6 10z",
  list: "M3 6h2v2H3zM7 6h14v2H7zM3 11h2v2H3zM7 11h14v2H7zM3 16h2v2H3zM7 16h14v2H7z",
  bookmark: "M6 3h12v18l-6-4-6 4z",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z",
  close: "M6.4 5 12 10.6 17.6 5 19 6.4 13.4 12l5.6 5.6-1.4 1.4-5.6-5.6L6.4 19 5 17.6l5.6-5.6L5 6.4z",
};

/** @typedef {keyof typeof SHAPES} Icon */

/** @param {Icon} name */
export function icon(name) {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
    <path d=${SHAPES[name]}></path>
  </svg>`;
}
