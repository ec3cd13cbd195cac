/**
 * The view of whoever runs the engine: what there is, generations, nights and what the gate said.
 * @module
 */

import { get, newest } from "./api.js";
import { lineChart } from "./chart.js";
import { announce, make, named, table } from "./dom.js";
import { age, counted, day, figure, moment, number, percent } from "./format.js";
import { askForExperiments, experiments } from "./experiments.js";
import { generations } from "./generations.js";
import { askForOutcomes, kindsOf, outcomes } from "./outcomes.js";
import { quiet, show, showRefusal } from "./panels.js";

const NIGHTS = 40;
const FRESH_DAYS = 2;
const COUNTED = ["Users", "Items", "Events", "Entities", "Facts"];

const asking = {
  status: newest((found) => show("status", status(found)), showRefusal("status")),
  generations: newest((found) => show("generations", generations(found.generations, moved)), showRefusal("generations")),
  outcomes: newest((found) => {
    show("outcomes", outcomes(found));
    showExperiments(kindsOf(found));
  }, (error) => {
    showRefusal("outcomes")(error);
    showExperiments([]);
  }),
  experiments: newest((found) => show("experiments", experiments(found)), showRefusal("experiments")),
  nights: newest(({ nights }) => {
    show("quality", quality(nights));
    show("nights", ...(nights.length ? nights.map(night) : [quiet("No night yet: engine retrain.")]));
  }, showRefusal("nights")),
};
let changed = () => {};

/** @param {() => void} callback Called when another generation went into service. */
export function onMoved(callback) {
  changed = callback;
}

/** Ask for everything anew. */
export function showOperator() {
  asking.status.ask((signal) => get("/v1/status", {}, signal));
  asking.generations.ask((signal) => get("/v1/generations", {}, signal));
  asking.outcomes.ask(askForOutcomes);
  asking.nights.ask((signal) => get("/v1/nights", { limit: NIGHTS }, signal));
}

/** @param {string[]} kinds Of event, any of which may be a conversion. */
function showExperiments(kinds) {
  asking.experiments.ask((signal) => askForExperiments(kinds, signal));
}

/** @param {string} said */
function moved(said) {
  announce(said);
  changed();
}

/** @param {any} found @returns {HTMLElement} */
function status(found) {
  const seconds = found.newest_event_age_seconds;
  const old = seconds !== undefined && seconds > FRESH_DAYS * 86_400;
  const cards = [
    card("In service", found.generation === undefined ? "nothing" : `generation ${found.generation}`),
    card("Newest event", seconds === undefined ? "none" : `${age(seconds)} ago`, moment(found.newest_event_at), old),
    ...COUNTED.map((name) => card(name, number(found[name.toLowerCase()]))),
    card("In quarantine", counted(found.quarantined, "row"), "", found.quarantined > 0),
  ];
  const codes = Object.entries(found.quarantine).map(([code, rows]) => [code, number(rows)]);
  return make(
    "div",
    {},
    make("dl", { class: "cards" }, ...cards),
    codes.length ? make("h3", {}, "Quarantine by cause") : null,
    codes.length ? table("Rows in quarantine by cause", ["cause", "rows"], codes) : null,
  );
}

/**
 * @param {string} what
 * @param {string} value
 * @param {string} [more]
 * @param {boolean} [warn]
 * @returns {HTMLElement}
 */
function card(what, value, more = "", warn = false) {
  return make(
    "div",
    { class: warn ? "card warn" : "card" },
    make("dt", {}, what),
    make("dd", {}, value, more && make("span", { class: "quiet" }, more)),
  );
}

/** @param {any[]} found Newest first. @returns {HTMLElement} */
function quality(found) {
  const judged = found.filter((one) => one.measured.length).reverse();
  const labels = judged.map((one) => {
    const by = one.window?.protocol ?? "";
    return by.startsWith("next-") ? `night ${one.number}, ${by}` : `night ${one.number}`;
  });
  /** @type {Map<string, import("./chart.js").Series>} */
  const series = new Map();
  judged.forEach((one, n) => {
    for (const each of one.measured) {
      const serves = each.role === "in-service";
      const name = serves ? "in service before" : each.name;
      const line = series.get(name) ?? { name, kind: each.role, values: Array(judged.length).fill(undefined) };
      line.values[n] = each.quality;
      series.set(name, line);
    }
  });
  const order = ["candidate", "in-service", "plain"];
  const sorted = [...series.values()].sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
  let plain = 0;
  for (const one of sorted) if (one.kind === "plain") one.kind += ` plain-${plain++ % 3}`;
  return make(
    "div",
    {},
    make("p", { class: "quiet" }, "ndcg@20 on each night's held-out window; the window moves on, so compare within a night."),
    lineChart("ndcg@20 of every contender, night by night", "night", labels, sorted),
  );
}

/** @param {any} one @returns {HTMLElement} */
function night(one) {
  const rules = Object.values(one.rules).flat();
  const kept = rules.filter((rule) => rule.passed).length;
  const held = one.files.some((/** @type {any} */ file) => file.held !== undefined);
  return make(
    "details",
    { class: "night", "data-night": one.number },
    make(
      "summary",
      {},
      make("span", { class: "number" }, `Night ${one.number}`),
      make("span", { class: "quiet" }, day(one.started_at)),
      make("span", { class: badgeOf(one, held) }, one.outcome ?? one.status),
      make("span", {}, `${number(one.new_events)} new`),
      make("span", { class: "quiet" }, rules.length ? `${kept} of ${rules.length} rules kept` : "nothing judged"),
      held ? make("span", { class: "badge warn" }, "file held back") : null,
    ),
    ...one.causes.map((/** @type {string} */ cause) => make("p", { class: "cause" }, make("bdi", {}, cause))),
    one.measured.length ? measured(one) : null,
    ...Object.entries(one.rules).map(([name, checked]) => gate(name, checked)),
    one.files.length ? files(one.files) : null,
  );
}

/** @param {any} one @param {boolean} held @returns {string} */
function badgeOf(one, held) {
  if (["promoted", "plain-promoted"].includes(one.outcome)) return "badge strong";
  return held || one.status !== "finished" ? "badge warn" : "badge";
}

/** @param {any} one @returns {HTMLElement} */
function measured(one) {
  const rows = one.measured.map((/** @type {any} */ each) => [
    make("bdi", {}, each.name),
    each.role,
    figure(each.quality, 4),
    each.coverage === undefined ? "–" : percent(each.coverage),
  ]);
  return table(`What night ${one.number} measured`, ["contender", "as", "ndcg@20", "coverage"], rows);
}

/** @param {string} name @param {any} checked @returns {HTMLElement} */
function gate(name, checked) {
  const rows = checked.map((/** @type {any} */ rule) => [
    make("span", { class: rule.passed ? "kept" : "broken" }, rule.passed ? "kept" : "broken"),
    rule.name,
    rule.asked,
    rule.measured,
  ]);
  return make("div", {}, make("h3", {}, "Gate: ", named({ id: name })), table(`Gate: ${name}`, ["", "rule", "asked", "measured"], rows));
}

/** @param {any[]} found @returns {HTMLElement} */
function files(found) {
  const rows = found.map((file) => [
    make("bdi", {}, file.file),
    file.held ?? "loaded",
    number(file.accepted),
    number(file.duplicate),
    number(file.quarantined),
  ]);
  return table("Files of the night", ["file", "became", "new", "duplicate", "quarantined"], rows);
}
