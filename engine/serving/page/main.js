/**
 * Start the page: which view the address names, and the key where the service asks for one.
 * @module
 */

import { forgetKey, get, hasKey, keepKey, newest, onKeyWanted } from "./api.js";
import { byId, input } from "./dom.js";
import { onMoved, showOperator } from "./operator.js";
import { installPerson, showPerson } from "./person.js";

const KEY_SAID = byId("key-said").textContent ?? "";

/** Show what the address names: `#operator`, `#person`, or `#person=` and an id. */
function route() {
  const operator = location.hash === "#operator";
  byId("person-view").hidden = operator;
  byId("operator-view").hidden = !operator;
  for (const [id, here] of /** @type {[string, boolean][]} */ ([["to-person", !operator], ["to-operator", operator]])) {
    if (here) byId(id).setAttribute("aria-current", "page");
    else byId(id).removeAttribute("aria-current");
  }
  if (operator) showOperator();
  else showPerson(named());
  showInService();
}

/** @returns {string | null} The id that the address names. */
function named() {
  const [view, id] = location.hash.split("=", 2);
  if (view !== "#person" || !id) return null;
  try {
    return decodeURIComponent(id);
  } catch {
    return null;
  }
}

const inService = newest(({ generation }) => {
  byId("key-form").hidden = true;
  sayInService(generation === undefined ? "nothing in service" : `generation ${generation} in service`);
}, (error) => sayInService(error.status === 401 ? "a key is needed" : error.message));

/** Asked for first, so that a missing key is noticed at once. */
function showInService() {
  byId("forget-key").hidden = !hasKey();
  inService.ask((signal) => get("/v1/generations", {}, signal));
}

/** @param {string} text */
function sayInService(text) {
  byId("in-service").textContent = text;
}

byId("skip").addEventListener("click", (event) => {
  event.preventDefault(); // The part after # says which view is shown.
  const view = byId("operator-view").hidden ? "person-view" : "operator-view";
  byId(view).focus();
});

onKeyWanted((detail) => {
  byId("key-said").textContent = hasKey() ? `This key is not accepted. ${detail}` : KEY_SAID;
  byId("key-form").hidden = false;
  input("key").focus();
});

byId("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  keepKey(input("key").value.trim());
  input("key").value = "";
  route();
});

byId("forget-key").addEventListener("click", () => {
  forgetKey();
  location.reload();
});

installPerson();
onMoved(route);
addEventListener("hashchange", route);
route();
