/**
 * Put what the service answered, or refused, where it belongs.
 * @module
 */

import { byId, make } from "./dom.js";
import { redraw } from "./phone.js";

/**
 * @param {string} place Id of the element.
 * @param {...Node} content
 */
export function show(place, ...content) {
  const where = byId(place);
  const focused = where.contains(document.activeElement);
  redraw(where, () => where.replaceChildren(...content));
  // Whoever was in it by the keyboard stays in it.
  const stop = where.querySelector("[tabindex='0'], button");
  if (focused && stop instanceof HTMLElement) stop.focus();
}

/**
 * @param {string} place Id of the element.
 * @returns {(error: Error) => void} Says there what went wrong.
 */
export function showRefusal(place) {
  return (error) => show(place, make("p", { class: "note warn", role: "alert" }, error.message));
}

/** @param {string} text @returns {HTMLElement} */
export const quiet = (text) => make("p", { class: "quiet" }, text);
