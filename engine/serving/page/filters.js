/**
 * What the list is made of, as the form has it: the body of `POST /v1/recommendations`.
 * @module
 */

import { byId, input, make } from "./dom.js";

const RANGES = ["k", "damping", "variety", "explore"];
const PAUSE_MS = 150;

/** @param {() => void} changed Called when the list has to be made anew. */
export function installFilters(changed) {
  const form = byId("filters");
  let waiting = 0;
  form.addEventListener("input", () => {
    for (const id of RANGES) byId(`${id}-out`).textContent = input(id).value;
    clearTimeout(waiting);
    waiting = setTimeout(changed, PAUSE_MS);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
}

/** @param {{name: string, title: string, needs: string[]}[]} lists Which lists the service makes. */
export function offerLists(lists) {
  const made = lists.filter((one) => one.needs.every((field) => field === "user"));
  for (const id of ["by", "blend"]) {
    const menu = input(id);
    const chosen = menu.value;
    const none = id === "blend" ? [make("option", { value: "" }, "nothing")] : [];
    menu.replaceChildren(...none, ...made.map((one) => make("option", { value: one.name }, one.title)));
    menu.value = chosen;
  }
}

/**
 * @param {string} user
 * @returns {object} What the form asks for, for a user.
 */
export function asked(user) {
  const by = input("by").value;
  const blend = input("blend").value;
  const variety = Number(input("variety").value);
  const most = input("at-most");
  const trait = input("trait");
  const days = input("seen-days");
  const limited = most.value !== "" && trait.value !== "" && most.validity.valid && trait.validity.valid;
  return {
    user,
    by,
    blend: blend === "" || blend === by ? null : blend,
    fallback: input("fill-in").checked && by !== "popular" ? ["popular"] : [],
    k: Number(input("k").value),
    exclude_seen: input("exclude-seen").checked,
    seen_days: days.value !== "" && days.validity.valid ? Number(days.value) : null,
    damping: Number(input("damping").value),
    mmr: variety === 0 ? null : 1 - variety,
    explore: limited ? 0 : Number(input("explore").value),
    at_most: limited ? { trait: trait.value, n: Number(most.value) } : null,
    ...conditions(input("only").value),
  };
}

/**
 * Read `attribute=value` and `Type=id`, as many as there are, with commas between them; what is not
 * finished yet counts for nothing.
 * @param {string} text
 * @returns {{filters: Record<string, string[]>, facts: Record<string, string[]>}}
 */
export function conditions(text) {
  /** @type {Map<string, string[]>} */
  const filters = new Map();
  /** @type {Map<string, string[]>} */
  const facts = new Map();
  for (const part of text.split(",")) {
    const found = /^\s*([A-Za-z][A-Za-z0-9_]{0,62})\s*=\s*(.+?)\s*$/u.exec(part);
    if (found === null) continue;
    const into = /^[A-Z]/.test(found[1]) ? facts : filters;
    into.set(found[1], [...(into.get(found[1]) ?? []), found[2]]);
  }
  return { filters: Object.fromEntries(filters), facts: Object.fromEntries(facts) };
}
