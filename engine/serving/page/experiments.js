/**
 * Experiments on users: which there are, and of an open one how far its variants lie from the control.
 * @module
 */

import { get, newest } from "./api.js";
import { draw, make, table } from "./dom.js";
import { chance, day, figure, number, signedPercent } from "./format.js";
import { quiet } from "./panels.js";

const HEAD = ["variant", "share", "users", "rate", "against the control", "95 % interval", "", "p"];
const TEAM_HEAD = ["list", "items chosen", "users who chose more of it"];
const BAR = 120;
const EDGE = 6;
const USUAL = "purchase";

/** @typedef {[least: number, most: number]} Span Of the intervals of all variants, and 0. */

/** @type {Promise<unknown>} */
let before = Promise.resolve();

/**
 * One report after the other: the service has few threads for them.
 * @template Answer
 * @param {() => Promise<Answer>} question
 * @returns {Promise<Answer>}
 */
function inTurn(question) {
  const mine = before.then(question);
  before = mine.catch(() => {});
  return mine;
}

/**
 * @param {string[]} kinds Of event, any of which may be a conversion.
 * @param {AbortSignal} signal
 */
export async function askForExperiments(kinds, signal) {
  const { experiments } = await get("/v1/experiments", {}, signal);
  return { experiments, kinds, signal };
}

/** @param {{experiments: any[], kinds: string[], signal: AbortSignal}} found @returns {HTMLElement} */
export function experiments({ experiments: found, kinds, signal }) {
  if (!found.length) return quiet("No experiment yet: engine experiment start.");
  const several = kinds.length > 1;
  const options = kinds.map((kind) => make("option", { selected: kind === USUAL }, kind));
  const chosen = /** @type {HTMLSelectElement} */ (make("select", { id: "conversion", change: askAgain }, ...options));
  /** @returns {Record<string, string>} */
  const conversion = () => (several ? { event: chosen.value } : {});
  const all = found.map((one) => experiment(one, conversion, signal));

  function askAgain() {
    for (const one of all) if (one.element.open) one.ask();
  }

  return make(
    "div",
    {},
    several ? make("div", { class: "inline" }, make("label", { for: "conversion" }, "A conversion is"), chosen) : null,
    ...all.map((one) => one.element),
  );
}

/**
 * One that may be looked at at any time is open while it runs. Of the others each report before the
 * end is a look that somebody takes.
 * @param {any} one
 * @param {() => Record<string, string>} conversion
 * @param {AbortSignal} signal Ends with what is shown: a report that nobody will see is no look.
 */
function experiment(one, conversion, signal) {
  const running = one.state === "running";
  const place = make("div");
  const told = newest(
    (found) => place.replaceChildren(...report(one, found)),
    (error) => place.replaceChildren(make("p", { class: "note", role: "status" }, error.message)),
  );
  signal.addEventListener("abort", told.drop);

  function ask() {
    const path = `/v1/experiments/${encodeURIComponent(one.name)}/report`;
    told.ask((mine) => inTurn(() => get(path, conversion(), mine)));
  }

  const element = /** @type {HTMLDetailsElement} */ (make(
    "details",
    {
      class: "night",
      "data-experiment": one.name,
      open: running && one.days === undefined,
      toggle: () => element.open && ask(),
    },
    make(
      "summary",
      {},
      make("bdi", { class: "number" }, one.name),
      make("span", { class: running ? "badge strong" : "badge" }, one.state),
      one.winner === undefined ? null : make("span", {}, "won: ", make("bdi", {}, one.winner)),
      one.trial ? make("span", { class: "badge" }, "online gate") : null,
      make("span", { class: "quiet" }, `${one.metric}, ${figure(one.traffic, 0)} % of ${one.layer}, ${timeOf(one)}`),
    ),
    one.stop_reason === undefined ? null : make("p", { class: "cause quiet" }, one.stop_reason),
    place,
  ));
  return { element, ask };
}

/** @param {any} one @returns {string} */
function timeOf(one) {
  const began = `since ${day(one.started_at)}`;
  if (one.stopped_at !== undefined) return `${began}, until ${day(one.stopped_at)}`;
  return one.days === undefined ? began : `${began}, for ${number(one.days)} days`;
}

/** @param {any} one @param {any} found @returns {HTMLElement[]} */
function report(one, found) {
  if (found.teams !== undefined) return interleaved(one, found);
  const shares = new Map(one.variants.map((/** @type {any} */ each) => [each.name, each.share]));
  const bounds = found.variants.flatMap((/** @type {any} */ { against }) => (against ? [against.low, against.high] : []));
  /** @type {Span} */
  const span = [Math.min(0, ...bounds), Math.max(0, ...bounds)];
  const rows = found.variants.map((/** @type {any} */ each) => row(each, shares.get(each.name), span));
  return [
    table(`Variants of ${one.name}`, HEAD, rows),
    ...found.remarks.map((/** @type {string} */ said, /** @type {number} */ n) =>
      found.sample_ratio.mismatch && n === 0
        ? make("p", { class: "note warn", role: "alert" }, said)
        : make("p", { class: "cause quiet" }, said)),
  ];
}

/** @param {any} one @param {any} found @returns {HTMLElement[]} */
function interleaved(one, found) {
  const rows = found.teams.map((/** @type {any} */ each) => [nameOf(each), number(each.chosen), number(each.users)]);
  return [
    table(`Lists of ${one.name}`, TEAM_HEAD, rows),
    ...found.remarks.map((/** @type {string} */ said) => make("p", { class: "cause quiet" }, said)),
  ];
}

/** @param {any} one @returns {HTMLElement} */
function nameOf(one) {
  return make(
    "span",
    {},
    make("bdi", {}, one.name),
    make("bdi", { class: "variant" }, one.is_what.slice(one.name.length + 1)),
  );
}

/** @param {any} one @param {number | undefined} share @param {Span} span */
function row(one, share, span) {
  const start = [nameOf(one), `${figure(share, 0)} %`, number(one.users), figure(one.rate, 4)];
  if (one.against === undefined) return [...start, "–", "–", null, "–"];
  const { difference, low, high, relative, relative_low, relative_high } = one.against;
  const [mean, least, greatest] = relative === undefined
    ? [difference, low, high].map((value) => figure(value, 4))
    : [relative, relative_low, relative_high].map(signedPercent);
  return [...start, mean, `${least} to ${greatest}`, bar(one.against, span), chance(one.p)];
}

/**
 * @param {{difference: number, low: number, high: number}} against
 * @param {Span} span
 * @returns {SVGElement} Where the interval lies beside 0, for the eye: the figures stand beside it.
 */
function bar({ difference, low, high }, [least, most]) {
  const x = (/** @type {number} */ value) => EDGE + ((value - least) / (most - least || 1)) * (BAR - 2 * EDGE);
  const apart = low > 0 || high < 0;
  return draw(
    "svg",
    { viewBox: `0 0 ${BAR} 20`, class: apart ? "interval apart" : "interval", "aria-hidden": "true" },
    draw("line", { x1: x(0), x2: x(0), y1: 0, y2: 20 }),
    draw("line", { class: "bar", x1: x(low), x2: x(high), y1: 10, y2: 10 }),
    draw("circle", { cx: x(difference), cy: 10, r: 4.5 }),
  );
}
