/**
 * The field in which a person is picked: a combobox that asks for ids as they are typed.
 * @module
 */

import { get, newest } from "./api.js";
import { byId, input, make } from "./dom.js";

const SHOWN = 12;
const PAUSE_MS = 120;

/** @param {(user: string) => void} picked Called with the id of the person. */
export function installPicker(picked) {
  const field = input("who");
  const list = byId("who-list");
  const people = newest((found) => offer(found.users, found.more), close);
  let waiting = 0;
  let at = -1;

  /** Close the list; what was asked for it and is not answered yet must not open it again. */
  function close() {
    clearTimeout(waiting);
    people.drop();
    list.hidden = true;
    at = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  }

  /** @param {string} user */
  function pick(user) {
    field.value = user;
    close();
    picked(user);
  }

  /** @param {{id: string, name?: string}[]} users @param {boolean} more */
  function offer(users, more) {
    const nobody = field.value ? "Nobody." : "Nobody yet: engine ingest events.csv";
    at = -1;
    list.replaceChildren(
      ...users.map((user, n) =>
        make(
          "li",
          { id: `who-${n}`, role: "option", "data-id": user.id, "aria-selected": "false" },
          make("bdi", {}, user.id),
          user.name && make("bdi", { class: "quiet" }, user.name),
        ),
      ),
    );
    if (!users.length) list.append(make("li", { class: "quiet", role: "presentation" }, nobody));
    if (more) list.append(make("li", { class: "quiet", role: "presentation" }, "… and more: type on"));
    list.hidden = false;
    field.setAttribute("aria-expanded", "true");
  }

  function search() {
    const prefix = field.value;
    people.ask((signal) => get("/v1/users", { prefix, limit: SHOWN }, signal));
  }

  /** @param {number} step */
  function move(step) {
    const options = /** @type {HTMLElement[]} */ ([...list.querySelectorAll("[role=option]")]);
    if (!options.length) return;
    at = (at + step + options.length) % options.length;
    options.forEach((option, n) => option.setAttribute("aria-selected", String(n === at)));
    options[at].scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", options[at].id);
  }

  /** @param {KeyboardEvent} event */
  function keyed(event) {
    if (event.key === "Escape") close();
    else if (event.key === "ArrowDown" && list.hidden) search();
    else if (event.key === "ArrowDown") move(1);
    else if (event.key === "ArrowUp") move(at < 0 ? 0 : -1);
    else if (event.key === "Enter") {
      const chosen = /** @type {HTMLElement | null} */ (list.querySelector("[aria-selected=true]"));
      const user = chosen?.dataset.id ?? field.value;
      if (user) pick(user);
    } else return;
    event.preventDefault();
  }

  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(search, PAUSE_MS);
  });
  field.addEventListener("focus", search);
  field.addEventListener("keydown", keyed);
  field.addEventListener("blur", close);
  // Before the field loses the focus, which closes the list.
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const option = /** @type {Element} */ (event.target).closest("[role=option]");
    if (option instanceof HTMLElement && option.dataset.id) pick(option.dataset.id);
  });
}
