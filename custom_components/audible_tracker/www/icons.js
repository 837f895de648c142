// Pictures, hidden from screen readers: the button around them has the words.

import { html } from "./vendor/lit.js";

// Outlines on a grid of 24 by 24.
const SHAPES = {
  play: "M8 5v14l11-7z",
  pause: "M6 5h4v14H6zM14 5h4v14h-4z",
  speaker: "M7 2h10a2 2 0 0 1 2 2v16a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2V4a2 2 0 0 1 2-2zm5 2.5A1.75 1.75 0 1 0 12 8a1.75 1.75 0 0 0 0-3.5zM12 10a5 5 0 1 0 0 10 5 5 0 0 0 0-10zm0 2.500a2.500 2.500 0 1 1 0 5 2.500 2.500 0 0 1 0-5z",
  previous: "m15.400 7.400-1.400-1.400-6 6 6 6 1.400-1.400L10.800 12z",
  next: "m8.600 16.600 1.400 1.400 6-6-6-6-1.400 1.400L13.200 12z",
  close: "M6.4 5 12 10.6 17.6 5 19 6.400 13.4 12l5.600 5.600-1.400 1.400-5.600-5.600L6.400 19 5 17.6l5.6-5.6L5 6.400z",
  check: "M9 16.2 4.800 12l-1.400 1.400L9 19 21 7l-1.400-1.400z",
  plus: "M11 5h2v6h6v2h-6v6h-2v-6H5v-2h6z",
  minus: "M5 11h14v2H5z",
  star: "m12 17.300 6.200 3.700-1.600-7L22 9.200l-7.200-.6L12 2 9.200 8.600 2 9.200 7.500 14l-1.700 7z",
  trash: "M6 19a2 2 0 0 0 2 2h8a2 2 0 0 0 2-2V7H6zM19 4h-3.500l-1-1h-5l-1 1H5v2h14z",
  flame: "M13.500.700s.7 2.600.7 4.800c0 2-1.300 3.700-3.400 3.700S7.200 7.500 7.200 5.400l0-.300C5.200 7.500 4 10.600 4 14a8 8 0 0 0 16 0c0-5.400-2.600-10.200-6.500-13.300zM11.700 19a3.200 3.200 0 0 1-3.200-3.200c0-1.600 1-2.800 2.800-3.100 1.800-.4 3.600-1.200 4.600-2.600.4 1.300.6 2.600.6 4a4.900 4.900 0 0 1-4.800 4.900z",
};

/** @typedef {keyof typeof SHAPES} Icon */

/** @param {Icon} name */
export function icon(name) {
  return html`<svg class="icon ${name}" viewBox="0 0 24 24" aria-hidden="true"><path d=${SHAPES[name]}></path></svg>`;
}
