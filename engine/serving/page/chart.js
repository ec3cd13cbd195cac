/**
 * A line chart in SVG: a few series over nights, days or places, and the same figures as a table.
 * Where a series has no value its line has a gap.
 * @module
 */

import { draw, make, table } from "./dom.js";
import { figure } from "./format.js";

/** @typedef {[low: number, high: number] | undefined} Interval */
/** @typedef {{name: string, kind: string, values: (number | undefined)[], intervals?: Interval[]}} Series */

const WIDTH = 860;
const HEIGHT = 300;
const LEFT = 56;
const RIGHT = 24;
const TOP = 16;
const BOTTOM = 34;
const MOST_LABELS = 12;

/**
 * @param {string} what What the values are, for who does not see the chart.
 * @param {string} along What the labels are of.
 * @param {string[]} labels Below the chart, one for each value.
 * @param {Series[]} series
 * @returns {HTMLElement}
 */
export function lineChart(what, along, labels, series) {
  const known = series.flatMap((one) => [...one.values, ...(one.intervals ?? []).flat()])
    .filter((value) => value !== undefined);
  if (!known.length) return make("p", { class: "quiet" }, "Nothing was measured yet.");
  const ticks = ticksOf(Math.min(...known), Math.max(...known));
  const [low, high] = [ticks[0], ticks[ticks.length - 1]];
  const x = (/** @type {number} */ n) =>
    labels.length === 1
      ? (LEFT + WIDTH - RIGHT) / 2
      : LEFT + 12 + ((WIDTH - LEFT - RIGHT - 24) * n) / (labels.length - 1);
  const y = (/** @type {number} */ value) =>
    TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - low) / (high - low));
  return make(
    "figure",
    { class: "chart" },
    draw(
      "svg",
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": what },
      ...ticks.map((tick) => gridline(y(tick), tick)),
      ...below(labels, x),
      ...series.map((one) => drawn(one, labels, x, y)),
    ),
    legend(series),
    make("details", { class: "figures" }, make("summary", {}, "The figures as a table"), figures(what, along, labels, series)),
  );
}

/**
 * @param {string} what
 * @param {string} along
 * @param {string[]} labels
 * @param {Series[]} series
 * @returns {HTMLElement}
 */
function figures(what, along, labels, series) {
  const rows = labels.map((label, n) => [label, ...series.map((one) => toldOf(one, n))]);
  return table(what, [along, ...series.map((one) => one.name)], rows);
}

/** @param {Series} one @param {number} n @returns {string} A value, and its interval where there is one. */
function toldOf(one, n) {
  const interval = one.intervals?.[n];
  const between = interval ? ` (${interval.map((bound) => figure(bound, 4)).join(" to ")})` : "";
  return figure(one.values[n], 4) + between;
}

/**
 * @param {number} least
 * @param {number} most
 * @returns {number[]} Round numbers around both.
 */
export function ticksOf(least, most) {
  const span = Math.max(most - least, Math.abs(most) * 0.1, 1e-6);
  const rough = span / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = (/** @type {number[]} */ ([1, 2, 5, 10]).find((one) => one * power >= rough) ?? 10) * power;
  const first = Math.floor(least / step);
  const last = Math.max(Math.ceil(most / step), first + 1);
  return Array.from({ length: last - first + 1 }, (_, n) => (first + n) * step);
}

/** @param {number} y @param {number} tick @returns {SVGElement} */
function gridline(y, tick) {
  return draw(
    "g",
    { class: "grid" },
    draw("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y, y2: y }),
    draw("text", { x: LEFT - 10, y: y + 4, "text-anchor": "end" }, figure(tick)),
  );
}

/** @param {string[]} labels @param {(n: number) => number} x @returns {SVGElement[]} */
function below(labels, x) {
  const every = Math.ceil(labels.length / MOST_LABELS);
  return labels.flatMap((text, n) =>
    n % every ? [] : [draw("text", { class: "tick", x: x(n), y: HEIGHT - 10, "text-anchor": "middle" }, text)],
  );
}

/**
 * @param {Series} one
 * @param {string[]} labels
 * @param {(n: number) => number} x
 * @param {(value: number) => number} y
 * @returns {SVGElement}
 */
function drawn(one, labels, x, y) {
  let path = "";
  /** @type {SVGElement[]} */
  const points = [];
  one.values.forEach((value, n) => {
    if (value === undefined) return;
    const joined = n > 0 && one.values[n - 1] !== undefined;
    path += `${joined ? "L" : "M"}${x(n).toFixed(1)} ${y(value).toFixed(1)}`;
    const said = `${one.name}, ${labels[n]}: ${toldOf(one, n)}`;
    const interval = one.intervals?.[n];
    if (interval) points.push(draw("line", { x1: x(n), x2: x(n), y1: y(interval[0]), y2: y(interval[1]) }));
    points.push(draw("circle", { cx: x(n), cy: y(value), r: 3.5 }, draw("title", {}, said)));
  });
  return draw("g", { class: `series ${one.kind}` }, draw("path", { d: path }), ...points);
}

/** @param {Series[]} series @returns {HTMLElement} */
function legend(series) {
  return make(
    "figcaption",
    { class: "legend" },
    ...series.map((one) =>
      make(
        "span",
        {},
        draw("svg", { viewBox: "0 0 30 10", class: `series ${one.kind}`, "aria-hidden": "true" },
          draw("path", { d: "M1 5H29" }), draw("circle", { cx: 15, cy: 5, r: 3.5 })),
        make("bdi", {}, one.name),
      ),
    ),
  );
}
