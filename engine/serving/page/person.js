/**
 * The view of one person: history, recommendations, and for a chosen item why, and what is like it.
 * @module
 */

import { get, newest, post } from "./api.js";
import { announce, byId, input, make } from "./dom.js";
import { asked, installFilters, offerLists } from "./filters.js";
import { counted } from "./format.js";
import { history, itemList, meta } from "./lists.js";
import { quiet, show, showRefusal } from "./panels.js";
import { installPicker } from "./people.js";
import { installPhone, openUnder } from "./phone.js";
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
let listsKnown = false;

const asking = {
  // Without an answer the menu has the one list that it begins with.
  menu: newest((found) => {
    offerLists(found.lists);
    listsKnown = true;
  }, () => {}),
  history: newest((found) => {
    show("history", history(found, choose));
    mark();
  }, showRefusal("history")),
  list: newest((found) => {
    show("list", itemList("Recommendations", found, choose));
    announce(`${counted(found.items.length, "item")} for ${found.subject}`);
    mark();
  }, showRefusal("list")),
  why: newest((found) => {
    show("why", ...why(found));
    announce(found.sentence);
  }, showRefusal("why")),
  similar: newest((found) => {
    show("similar", itemList("Similar items", found, choose));
    mark();
  }, showRefusal("similar")),
};

/** Prepare the view; nothing is asked for yet. */
export function installPerson() {
  installPicker((id) => (location.hash = `#person=${encodeURIComponent(id)}`));
  installFilters(showList);
  installPhone();
  byId("similar-by").append(...ALIKE.map(([value, text]) => make("option", { value }, text)));
  byId("similar-by").addEventListener("change", showSimilar);
}

/** @param {string | null} id Whom to show; null: whoever is shown. */
export function showPerson(id) {
  if (!listsKnown) asking.menu.ask((signal) => get("/v1/lists", {}, signal));
  if (id !== null && id !== user) {
    user = id;
    input("who").value = id;
    chooseNothing();
  }
  if (user === null) return;
  showHistory(user);
  showList();
}

function chooseNothing() {
  item = null;
  asking.why.drop();
  asking.similar.drop();
  openUnder(null);
  show("why", quiet("Choose an item to see what speaks for it."));
  show("similar", quiet("Choose an item to see what is like it."));
}

/** @param {string} whose */
function showHistory(whose) {
  const path = `/v1/users/${encodeURIComponent(whose)}/history`;
  asking.history.ask((signal) => get(path, { limit: PAST }, signal));
}

function showList() {
  if (user === null) return;
  const body = asked(user);
  asking.list.ask((signal) => post("/v1/recommendations", body, { signal }));
}

/** @param {Chosen} chosen @param {HTMLElement} button */
function choose(chosen, button) {
  item = chosen;
  mark();
  openUnder(button.closest("[role=row]"));
  showWhy();
  showSimilar();
}

/** Show which item is chosen, wherever it stands. */
function mark() {
  for (const row of document.querySelectorAll("#person-view [role=row]")) {
    const here = row.getAttribute("data-id") === item?.id;
    row.querySelector("button")?.setAttribute("aria-pressed", String(here));
  }
}

function showWhy() {
  if (user === null || item === null) return;
  const path = `/v1/users/${encodeURIComponent(user)}/explanations/${encodeURIComponent(item.id)}`;
  asking.why.ask((signal) => get(path, {}, signal));
}

/** @param {any} found An `Explanation`. @returns {Node[]} */
function why(found) {
  return [
    make("p", { class: "sentence" }, make("bdi", {}, found.sentence)),
    ...found.ranked.map((/** @type {string} */ reason) => make("p", { class: "ranked" }, make("bdi", {}, reason))),
    make("div", { class: "picture" }, reasonGraph(found.graph, found.sentence)),
    meta(found),
  ];
}

function showSimilar() {
  if (item === null) return;
  const path = `/v1/items/${encodeURIComponent(item.id)}/similar`;
  const by = input("similar-by").value;
  asking.similar.ask((signal) => get(path, { k: LIKE, by }, signal));
}
