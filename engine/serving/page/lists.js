/**
 * Draw lists of items, and what a person did.
 * @module
 */

import { make, named, nameOf } from "./dom.js";
import { counted, day, figure, number, took } from "./format.js";
import { grid } from "./grid.js";

/**
 * @typedef {object} Item An item of a list, as the service describes it.
 * @property {string} id
 * @property {string} [name]
 * @property {number} score
 * @property {string} source
 * @property {number} [count]
 * @property {string} [because]
 * @property {string} [because_name]
 * @property {number} [gap_days]
 * @property {number} [since_days]
 */

/**
 * @param {string} label
 * @param {any} found An `ItemList`.
 * @param {(item: Item, button: HTMLElement) => void} chosen
 * @returns {HTMLElement}
 */
export function itemList(label, found, chosen) {
  const rows = found.items.map((/** @type {Item} */ item, /** @type {number} */ n) =>
    row(item, chosen, [
      make("span", { class: "rank" }, n + 1),
      make("span", { class: "name" }, named(item)),
      badge(item),
      make("span", { class: "score", title: "score" }, figure(item.score)),
      detail(item),
    ]),
  );
  return make(
    "div",
    {},
    found.note && make("p", { class: found.degraded || found.fallback ? "note warn" : "note" }, found.note),
    rows.length ? grid(label, "items", rows) : make("p", { class: "quiet" }, "No item."),
    meta(found),
  );
}

/** @param {Item} item */
function badge(item) {
  return item.source === "explore"
    ? make("span", { class: "badge warn", title: "little is known of it: it is tried here" }, "explored")
    : make("span", { class: "badge", title: "what speaks most for it" }, item.source);
}

/**
 * @template {{id: string}} One
 * @param {One} one
 * @param {(one: One, button: HTMLElement) => void} chosen
 * @param {import("./dom.js").Child[]} cells
 * @returns {import("./grid.js").Row}
 */
function row(one, chosen, cells) {
  const button = make("button", { type: "button", class: "item", click: () => chosen(one, button) }, ...cells);
  return { id: one.id, button };
}

/**
 * @param {any} found An answer of the service.
 * @returns {HTMLElement}
 */
export function meta(found) {
  const told = [
    found.generation === undefined ? "no vectors used" : `generation ${found.generation}`,
    found.basis && `asked ${found.basis.asked}, served ${found.basis.served}`,
    found.fallback && "fallback",
    found.degraded && "degraded",
    took(found.took_ms),
  ];
  return make("p", { class: "meta quiet" }, told.filter(Boolean).join(" · "));
}

/**
 * @param {Item} item
 * @returns {HTMLElement | null}
 */
function detail(item) {
  if (item.because !== undefined) {
    return make("span", { class: "from" }, "because of ", named({ id: item.because, name: item.because_name }));
  }
  if (item.gap_days !== undefined && item.since_days !== undefined) {
    const [gap, since] = [item.gap_days, item.since_days].map((days) => counted(Math.round(days), "day"));
    return make("span", { class: "from" }, `every ${gap}, last ${since} ago`);
  }
  return item.count === undefined ? null : make("span", { class: "from" }, `${number(item.count)} ×`);
}

/**
 * @param {any} found A `History`.
 * @param {(item: {id: string, name?: string}, button: HTMLElement) => void} chosen
 * @returns {HTMLElement}
 */
export function history(found, chosen) {
  const rows = found.events.map((/** @type {any} */ event) =>
    row(event, chosen, [make("span", { class: "name" }, named(event)), make("span", { class: "from" }, ...did(event))]),
  );
  const shown = found.events.length < found.total ? `, the newest ${found.events.length} shown` : "";
  return make(
    "div",
    {},
    make("p", { class: "who" }, named({ id: found.user, name: found.name }),
      make("span", { class: "quiet" }, ` ${counted(found.total, "event")}${shown}`)),
    rows.length ? grid("What they did", "items past", rows) : null,
  );
}

/** @param {any} event @returns {import("./dom.js").Child[]} */
function did(event) {
  const weight = event.weight === 1 ? "" : ` · weight ${number(event.weight)}`;
  return [
    make("time", { datetime: event.at }, day(event.at)),
    ` · ${event.kind ?? "event"}${weight}`,
    ...(nameOf(event) === event.id ? [] : [" · ", make("bdi", { class: "id" }, event.id)]),
  ];
}
