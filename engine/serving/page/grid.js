/**
 * A column of buttons that is one stop of the Tab key: the arrow keys lead through it, as through a
 * layout grid of the ARIA Authoring Practices.
 * @module
 */

import { make } from "./dom.js";

/** @typedef {{id: string, button: HTMLElement}} Row */

/**
 * @param {string} label
 * @param {string} kind Its class.
 * @param {Row[]} rows
 * @returns {HTMLElement}
 */
export function grid(label, kind, rows) {
  const buttons = rows.map((row) => row.button);

  /** @param {EventTarget | null} here */
  function stopAt(here) {
    for (const button of buttons) button.tabIndex = button === here ? 0 : -1;
  }

  /** @param {Event} event */
  function keyed(event) {
    const { key } = /** @type {KeyboardEvent} */ (event);
    const last = buttons.length - 1;
    const at = buttons.findIndex((button) => button === event.target);
    const to = { ArrowDown: Math.min(at + 1, last), ArrowUp: Math.max(at - 1, 0), Home: 0, End: last }[key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    buttons[to].focus();
  }

  /** @param {Event} event */
  function entered(event) {
    if (buttons.some((button) => button === event.target)) stopAt(event.target);
  }

  stopAt(buttons[0]);
  return make(
    "div",
    { role: "grid", "aria-label": label, class: kind, keydown: keyed, focusin: entered },
    ...rows.map(({ id, button }) =>
      make("div", { role: "row", "data-id": id }, make("div", { role: "gridcell" }, button)),
    ),
  );
}
