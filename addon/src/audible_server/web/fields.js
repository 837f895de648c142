// What somebody typed or chose.

/**
 * Return the value of the field that an event is of.
 *
 * @param {Event} event
 * @returns {string}
 */
export function valueOf(event) {
  const field = event.target;
  return field instanceof HTMLInputElement || field instanceof HTMLSelectElement ? field.value : "";
}
