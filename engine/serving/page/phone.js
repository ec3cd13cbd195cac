/**
 * What stands elsewhere on a phone: the filters are folded, and the reasons open under the item that
 * was tapped.
 * @module
 */

import { byId, make } from "./dom.js";

const PHONE = matchMedia("(max-width: 720px)");
const reasons = byId("reasons");
const column = byId("beside");
const cell = make("div", { role: "gridcell", class: "under" });
/** @type {Element | null} */
let tapped = null;

/** Fold the filters on a phone, and follow a window that becomes one. */
export function installPhone() {
  const filters = /** @type {HTMLDetailsElement} */ (byId("filters-fold"));
  const arrange = () => {
    filters.open = !PHONE.matches;
    place();
  };
  PHONE.addEventListener("change", arrange);
  arrange();
}

/** @param {Element | null} row The row of the item that was chosen; null: none. */
export function openUnder(row) {
  tapped = row;
  place();
  // Reasons that were open above it are gone, and the page below them moved.
  if (PHONE.matches) row?.scrollIntoView({ block: "nearest" });
}

/**
 * Draw a place anew without losing the reasons that stand in it.
 * @param {HTMLElement} where
 * @param {() => void} draw
 */
export function redraw(where, draw) {
  if (tapped === null || !where.contains(tapped)) return draw();
  const id = tapped.getAttribute("data-id");
  tapped = null;
  place();
  draw();
  const rows = [...where.querySelectorAll("[role=row]")];
  tapped = rows.find((row) => row.getAttribute("data-id") === id) ?? null;
  place();
}

function place() {
  if (PHONE.matches && tapped !== null) {
    cell.append(reasons);
    tapped.append(cell);
  } else {
    column.prepend(reasons);
    cell.remove();
  }
}
