/**
 * Start the page: which view the address names, and the key where the service asks for one.
 * @module
 */

import { forgetKey, get, hasKey, keepKey, onKeyWanted, Refused } from "./api.js";
import { byId, input } from "./dom.js";
import { showOperator } from "./operator.js";
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

/** Say which generation serves; asked for first, so that a missing key is noticed at once. */
async function showInService() {
  const place = byId("in-service");
  byId("forget-key").hidden = !hasKey();
  try {
    const { generation } = await get("/v1/generations");
    byId("key-form").hidden = true;
    place.textContent = generation === undefined ? "nothing in service" : `generation ${generation} in service`;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    place.textContent = error.status === 401 ? "a key is needed" : error.message;
  }
}

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
addEventListener("hashchange", route);
route();
