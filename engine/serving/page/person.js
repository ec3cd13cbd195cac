/**
 * The view of one person: history, recommendations, and for a chosen item why, and what is like it.
 * @module
 */

import { get, newest, post } from "./api.js";
import { announce, byId, input, make } from "./dom.js";
import { asked, installFilters } from "./filters.js";
import { counted } from "./format.js";
import { history, itemList, meta } from "./lists.js";
import { installPicker } from "./people.js";
import { reasonGraph } from "./reason_graph.js";

/** @typedef {{id: string, name?: string}} Chosen */
/** @type {[string, string][]} */
const ALIKE = [
  ["embedding", "vectors"],
  ["bought-together", "baskets"],
  ["next", "order"],
  ["attributes", "shared facts"],
  ["content", "content"],
];
const PAST = 50;
const LIKE = 8;

/** @type {string | null} */
let user = null;
/** @type {Chosen | null} */
let item = null;
const asking = { history: newest(), list: newest(), why: newest(), similar: newest() };

/** Prepare the view; nothing is asked for yet. */
export function installPerson() {
  installPicker((id) => (location.hash = `#person=${encodeURIComponent(id)}`));
  installFilters(() => showList());
  byId("similar-by").append(...ALIKE.map(([value, text]) => make("option", { value }, text)));
  byId("similar-by").addEventListener("change", showSimilar);
}

/** @param {string | null} id Whom to show; null: whoever is shown. */
export function showPerson(id) {
  if (id !== null && id !== user) {
    user = id;
    item = null;
    input("who").value = id;
    byId("why").replaceChildren(make("p", { class: "quiet" }, "Choose an item to see what speaks for it."));
    byId("similar").replaceChildren(make("p", { class: "quiet" }, "Choose an item to see what is like it."));
  }
  if (user === null) return;
  showHistory();
  showList();
}

/**
 * @param {string} place Id of the element.
 * @returns {(error: Error) => void} Says there what went wrong.
 */
function saying(place) {
  return (error) => byId(place).replaceChildren(make("p", { class: "note warn", role: "alert" }, error.message));
}

function showHistory() {
  const path = `/v1/users/${encodeURIComponent(user ?? "")}/history`;
  asking.history(async (signal) => {
    const found = await get(path, { limit: PAST }, signal);
    byId("history").replaceChildren(history(found, choose));
  }, saying("history"));
}

function showList() {
  if (user === null) return;
  const body = asked(user);
  asking.list(async (signal) => {
    const found = await post("/v1/recommendations", body, signal);
    byId("list").replaceChildren(itemList(found, choose));
    announce(`${counted(found.items.length, "item")} for ${found.subject}`);
    mark();
  }, saying("list"));
}

/** @param {Chosen} chosen */
function choose(chosen) {
  item = chosen;
  mark();
  showWhy();
  showSimilar();
}

/** Show which item is chosen, wherever it stands. */
function mark() {
  for (const row of document.querySelectorAll("#person-view li[data-id] > button")) {
    const here = /** @type {HTMLElement} */ (row.parentElement).dataset.id === item?.id;
    row.setAttribute("aria-pressed", String(here));
  }
}

function showWhy() {
  if (user === null || item === null) return;
  const path = `/v1/users/${encodeURIComponent(user)}/explanations/${encodeURIComponent(item.id)}`;
  asking.why(async (signal) => {
    const found = await get(path, {}, signal);
    byId("why").replaceChildren(
      make("p", { class: "sentence" }, make("bdi", {}, found.sentence)),
      ...found.ranked.map((reason) => make("p", { class: "ranked" }, make("bdi", {}, reason))),
      reasonGraph(found.graph, found.sentence),
      meta(found),
    );
    announce(found.sentence);
  }, saying("why"));
}

function showSimilar() {
  if (item === null) return;
  const path = `/v1/items/${encodeURIComponent(item.id)}/similar`;
  const by = input("similar-by").value;
  asking.similar(async (signal) => {
    const found = await get(path, { k: LIKE, by }, signal);
    byId("similar").replaceChildren(itemList(found, choose));
    mark();
  }, saying("similar"));
}
