/**
 * Ask for a reason, and for a key that may, before another generation goes into service.
 * @module
 */

import { hasKey, post, Refused } from "./api.js";
import { make } from "./dom.js";

const KEY_SAID = "Scope admin: engine keys create NAME --scope admin. It is kept in memory until the page is left.";

/** @typedef {{title: string, verb: string, path: string}} Move The path is under `/v1/generations/`. */

/** The admin key that was accepted last; in memory alone, never in a storage. */
let adminKey = "";

/**
 * @param {Move} move
 * @param {(said: string) => void} moved Called once it is done.
 */
export function askToMove(move, moved) {
  const why = field({ id: "why-move", type: "text", required: true, maxlength: 500 });
  const key = field({ id: "admin-key", type: "password", required: true, maxlength: 200, value: adminKey });
  const fault = make("p", { class: "note warn", role: "alert", hidden: true });
  const button = make("button", { type: "submit" }, move.verb);
  const dialog = /** @type {HTMLDialogElement} */ (
    make("dialog", { "aria-labelledby": "move-title", close: () => dialog.remove() })
  );

  /** @param {Event} event */
  async function submitted(event) {
    event.preventDefault();
    button.setAttribute("disabled", "");
    try {
      const said = await send(move.path, why.value, hasKey() ? key.value.trim() : undefined);
      dialog.close();
      moved(said);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      fault.textContent = error.message;
      fault.hidden = false;
    } finally {
      button.removeAttribute("disabled");
    }
  }

  const keyed = [make("label", { for: key.id }, "Admin key"), key, make("p", { class: "quiet" }, KEY_SAID)];
  dialog.append(
    make(
      "form",
      { submit: submitted },
      make("h2", { id: "move-title" }, move.title),
      make("label", { for: why.id }, "Reason, for the audit"),
      why,
      // A service without keys asks this machine for none.
      ...(hasKey() ? keyed : []),
      fault,
      make("div", { class: "buttons" }, make("button", { type: "button", click: () => dialog.close() }, "Cancel"), button),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
}

/**
 * @param {import("./dom.js").Attributes} attributes
 * @returns {HTMLInputElement}
 */
function field(attributes) {
  return /** @type {HTMLInputElement} */ (make("input", { autocomplete: "off", spellcheck: "false", ...attributes }));
}

/**
 * @param {string} path
 * @param {string} why
 * @param {string} [key]
 * @returns {Promise<string>} What came of it.
 */
async function send(path, why, key) {
  const found = await post(`/v1/generations/${path}`, { why }, { key });
  adminKey = key ?? "";
  return `Generation ${found.generation} ${found.moved ? "is in service" : "was in service already"}.`;
}
