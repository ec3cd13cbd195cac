/**
 * What came of the lists that the service remembers: curves by day and by position.
 * @module
 */

import { get } from "./api.js";
import { lineChart } from "./chart.js";
import { make } from "./dom.js";
import { figure, number } from "./format.js";
import { quiet } from "./panels.js";

const GROUPS = ["day", "position"];
const MOST_KINDS = 4;

/** @param {AbortSignal} signal @returns {Promise<any[]>} What is told by day, and by position. */
export async function askForOutcomes(signal) {
  const found = [];
  // One after the other: the service has few threads for it.
  for (const by of GROUPS) found.push(await get("/v1/outcomes", { by }, signal));
  return found;
}

/** @param {any[]} found What `askForOutcomes` returned. @returns {string[]} Kinds of the events that name a list. */
export function kindsOf([found]) {
  return [...new Set(found.groups.flatMap((/** @type {any} */ one) => one.outcomes.map((/** @type {any} */ each) => each.event)))];
}

/** @param {any[]} found @returns {HTMLElement} */
export function outcomes(found) {
  const lists = found[0].groups.reduce((/** @type {number} */ sum, /** @type {any} */ one) => sum + one.lists, 0);
  if (!lists) return quiet("No list of the last 28 days is remembered: remember_lists = true in engine.toml.");
  const refused = Object.entries(found[0].unattributed).map(([reason, events]) => `${number(events)} ${reason}`);
  const rest = found[0].kinds_left_out;
  return make(
    "div",
    {},
    quiet("Events that name their list, for each list of the last 28 days, with 95 % intervals by user."),
    ...found.flatMap((one) => [make("h3", {}, `By ${one.by}`), curves(one)]),
    refused.length ? quiet(`Events that name a list and count for none: ${refused.join(", ")}.`) : null,
    rest.length ? quiet(`The most frequent kinds of event. Not looked at: ${rest.join(", ")}.`) : null,
  );
}

/** @param {any} found @returns {HTMLElement} */
function curves(found) {
  const groups = found.groups;
  const kinds = kindsOf([found]);
  const series = kinds.slice(0, MOST_KINDS).map((kind, n) => ({
    name: `${kind} per list`,
    kind: n ? `plain-${(n - 1) % 3}` : "candidate",
    values: groups.map((/** @type {any} */ one) => rate(one, kind)?.ratio),
    intervals: groups.map((/** @type {any} */ one) => intervalOf(rate(one, kind))),
  }));
  const labels = groups.map((/** @type {any} */ one) => one.group);
  return make("div", {}, lineChart(`Events per list by ${found.by}`, found.by, labels, series), ...told(groups, kinds));
}

/** @param {any} group @param {string} kind @returns {any} Events per list; undefined where nothing came. */
function rate(group, kind) {
  return group.outcomes.find((/** @type {any} */ one) => one.event === kind)?.per_list;
}

/** @param {any} rate @returns {import("./chart.js").Interval} */
function intervalOf(rate) {
  return rate?.low === undefined ? undefined : [rate.low, rate.high];
}

/** @param {any[]} groups @param {any[]} kinds @returns {HTMLElement[]} The lists alone, where nothing came of them. */
function told(groups, kinds) {
  if (kinds.length) return [];
  return [quiet(`${figure(groups.reduce((sum, one) => sum + one.lists, 0), 0)} lists; no event names one yet.`)];
}
