/**
 * The generations, and what moves the serving pointer from one to another.
 * @module
 */

import { make } from "./dom.js";
import { figure, moment } from "./format.js";
import { askToMove } from "./moves.js";
import { quiet } from "./panels.js";

/**
 * @param {any[]} found Newest first.
 * @param {(said: string) => void} moved
 * @returns {HTMLElement}
 */
export function generations(found, moved) {
  if (!found.length) return quiet("Nothing is published yet: engine publish.");
  const head = ["no.", "generation", "ndcg@20 of new items", ""];
  return make(
    "table",
    { class: "generations" },
    make("caption", { class: "hidden" }, "Generations"),
    make("thead", {}, make("tr", {}, ...head.map((text) => make("th", { scope: "col" }, text)))),
    make("tbody", {}, ...found.map((one) => row(one, mover(one, found, moved)))),
  );
}

/** @param {any} one @param {HTMLElement | null} button @returns {HTMLElement} */
function row(one, button) {
  const where = one.in_graph ? "in the graph" : "no longer in the graph";
  return make(
    "tr",
    {},
    make("td", {}, one.number),
    make(
      "td",
      {},
      make("bdi", {}, one.model ?? "–"),
      " ",
      make("span", { class: one.serving ? "badge strong" : "badge" }, one.state),
      make("div", { class: "quiet" }, `made ${moment(one.created_at)}, ${where}`),
    ),
    make("td", {}, figure(one.metrics["unseen.blend.ndcg@20"], 4)),
    make("td", {}, button),
  );
}

/**
 * @param {any} one
 * @param {any[]} all
 * @param {(said: string) => void} moved
 * @returns {HTMLElement | null} What moves the pointer to it, or from it; null where nothing could.
 */
function mover(one, all, moved) {
  if (!one.in_graph) return null;
  if (!one.serving) {
    return opener({ title: `Promote generation ${one.number}`, verb: "Promote", path: `${one.number}/promote` }, moved);
  }
  if (!all.some((other) => other.in_graph && other !== one)) return null;
  return opener({ title: "Roll back to the generation before", verb: "Roll back", path: "rollback" }, moved);
}

/**
 * @param {import("./moves.js").Move} move
 * @param {(said: string) => void} moved
 * @returns {HTMLElement}
 */
function opener(move, moved) {
  const click = () => askToMove(move, moved);
  return make("button", { type: "button", "aria-label": move.title, click }, move.verb);
}
