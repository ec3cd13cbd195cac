/**
 * Draw why: the person on the left, what they had, what joins it, the item on the right.
 *
 * Every join between an own item and the item is a place in the third column: an entity that both
 * have a fact about, or a plate that says how they are alike. So no line crosses a node.
 * @module
 */

import { draw, nameOf } from "./dom.js";
import { counted, percent, shortened } from "./format.js";

/** @typedef {{key: string, kind: string, id: string, name?: string, type?: string}} GraphNode */
/** @typedef {{start: string, end: string, kind: string, relation?: string, weight: number}} Edge */
/** @typedef {{x: number, y: number}} Place */

const WIDTH = 704;
const COLUMN = { user: 68, own: 242, join: 448, item: 628 };
const ROW = 70;
const TOP = 42;
const RADIUS = { user: 15, own: 11, entity: 11, item: 17 };
const SIGNS = 19;

/**
 * @param {{nodes: GraphNode[], edges: Edge[]}} graph
 * @param {string} sentence What the picture says, for who does not see it.
 * @returns {SVGElement}
 */
export function reasonGraph(graph, sentence) {
  const plates = graph.edges.filter((edge) => ["alike", "together", "after"].includes(edge.kind));
  const entities = graph.nodes.filter((node) => node.kind === "entity");
  const { own, joins } = untangled(graph, [...plates, ...entities]);
  const height = TOP + ROW * Math.max(2, own.length, joins.length) + 8;
  const places = placed(graph, own, joins, height);
  const lines = graph.edges.flatMap((edge) => linesOf(edge, places, strongest(graph.edges)));
  return draw(
    "svg",
    { class: "reasons", viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": sentence },
    ...lines,
    ...plates.map((edge) => plate(edge, at(places, edge))),
    ...graph.nodes.map((node) => spot(node, at(places, node.key))),
  );
}

/**
 * Put own items in the order of what they lead to and joins in the order of what leads to them, a
 * few times: each in the middle of its neighbours, so that few lines cross.
 * @param {{nodes: GraphNode[], edges: Edge[]}} graph
 * @param {(GraphNode | Edge)[]} joins
 * @returns {{own: GraphNode[], joins: (GraphNode | Edge)[]}}
 */
function untangled(graph, joins) {
  let own = graph.nodes.filter((node) => node.kind === "own");
  const joined = (/** @type {GraphNode | Edge} */ join, /** @type {GraphNode} */ node) =>
    "key" in join
      ? graph.edges.some((edge) => edge.start === node.key && edge.end === join.key)
      : join.start === node.key;
  for (let round = 0; round < 3; round++) {
    joins = inTheMiddle(joins, own, joined);
    own = inTheMiddle(own, joins, (node, join) => joined(join, node));
  }
  return { own, joins };
}

/**
 * @template One, Other
 * @param {One[]} ones
 * @param {Other[]} others
 * @param {(one: One, other: Other) => boolean} joined
 * @returns {One[]} Sorted by the mean place of the others that each is joined to.
 */
function inTheMiddle(ones, others, joined) {
  const middle = (/** @type {One} */ one) => {
    const places = others.flatMap((other, n) => (joined(one, other) ? [n] : []));
    return places.reduce((sum, n) => sum + n, 0) / (places.length || 1);
  };
  const keyed = ones.map((one) => ({ one, middle: middle(one) }));
  return keyed.sort((a, b) => a.middle - b.middle).map(({ one }) => one);
}

/**
 * @param {{nodes: GraphNode[]}} graph
 * @param {GraphNode[]} own
 * @param {(GraphNode | Edge)[]} joins
 * @param {number} height
 * @returns {Map<string | Edge, Place>} Where each node and each plate is.
 */
function placed(graph, own, joins, height) {
  /** @type {Map<string | Edge, Place>} */
  const places = new Map();
  for (const node of graph.nodes) {
    if (node.kind === "user" || node.kind === "item") {
      places.set(node.key, { x: COLUMN[node.kind], y: height / 2 - 8 });
    }
  }
  spread(own.length, height).forEach((y, n) => places.set(own[n].key, { x: COLUMN.own, y }));
  spread(joins.length, height).forEach((y, n) => {
    const one = joins[n];
    places.set("key" in one ? one.key : one, { x: COLUMN.join, y });
  });
  return places;
}

/** @param {number} count @param {number} height @returns {number[]} */
function spread(count, height) {
  const step = (height - TOP - 8) / Math.max(1, count);
  return Array.from({ length: count }, (_, n) => TOP + step * (n + 0.5) - 8);
}

/** @param {Map<string | Edge, Place>} places @param {string | Edge} what @returns {Place} */
function at(places, what) {
  const found = places.get(what);
  if (found === undefined) throw new Error("an edge without its node");
  return found;
}

/**
 * @param {Edge[]} edges
 * @returns {Map<string, number>} Kind to its largest weight: kinds have no common scale.
 */
function strongest(edges) {
  const most = new Map();
  for (const edge of edges) most.set(edge.kind, Math.max(edge.weight, most.get(edge.kind) ?? 0));
  return most;
}

/**
 * @param {Edge} edge
 * @param {Map<string | Edge, Place>} places
 * @param {Map<string, number>} most
 * @returns {SVGElement[]}
 */
function linesOf(edge, places, most) {
  const thick = 1.2 + (2.3 * edge.weight) / (most.get(edge.kind) || 1);
  const [start, end] = [at(places, edge.start), at(places, edge.end)];
  const said = saidOf(edge);
  if (places.has(edge)) {
    const middle = at(places, edge);
    return [line(start, middle, edge.kind, thick, said), line(middle, end, edge.kind, thick, said)];
  }
  if (edge.kind === "had" && start.x === COLUMN.user && end.x === COLUMN.item) {
    return [arc(start, end, said)];
  }
  return [line(start, end, edge.kind, thick, said)];
}

/**
 * @param {Place} from
 * @param {Place} to
 * @param {string} kind
 * @param {number} thick
 * @param {string} said
 * @returns {SVGElement}
 */
function line(from, to, kind, thick, said) {
  const middle = (from.x + to.x) / 2;
  const path = `M${from.x} ${from.y}C${middle} ${from.y} ${middle} ${to.y} ${to.x} ${to.y}`;
  return draw("path", { class: `edge ${kind}`, d: path, "stroke-width": thick }, draw("title", {}, said));
}

/** @param {Place} from @param {Place} to @param {string} said @returns {SVGElement} */
function arc(from, to, said) {
  const d = `M${from.x} ${from.y - 15}C${from.x} 6 ${from.x + 40} 14 ${from.x + 120} 14H${to.x - 120}C${to.x - 40} 14 ${to.x} 6 ${to.x} ${to.y - 17}`;
  return draw(
    "g",
    { class: "edge-group" },
    draw("path", { class: "edge had", d, "stroke-width": 2 }, draw("title", {}, said)),
    draw("text", { class: "label small", x: (from.x + to.x) / 2, y: 28 }, said),
  );
}

/** @param {Edge} edge @returns {string} */
function saidOf(edge) {
  if (edge.kind === "alike") return `alike, carries ${percent(edge.weight)}`;
  if (edge.kind === "together") return `in ${counted(edge.weight, "basket")} together`;
  if (edge.kind === "after") return `came ${counted(edge.weight, "time")} after`;
  if (edge.kind === "had") return `had ${counted(edge.weight, "time")}`;
  return (edge.relation ?? "fact").replaceAll("_", " ").toLowerCase();
}

/** @param {Edge} edge @param {Place} place @returns {SVGElement} */
function plate(edge, place) {
  const text = saidOf(edge);
  const width = 6.4 * text.length + 22;
  return draw(
    "g",
    { class: `plate ${edge.kind}` },
    draw("rect", { x: place.x - width / 2, y: place.y - 13, width, height: 26, rx: 13 }),
    draw("text", { class: "label small", x: place.x, y: place.y + 4 }, text),
  );
}

/** @param {GraphNode} node @param {Place} place @returns {SVGElement} */
function spot(node, place) {
  const name = nameOf(node);
  const radius = RADIUS[/** @type {keyof typeof RADIUS} */ (node.kind)];
  const lines = wrapped(name);
  if (node.type) lines.push(node.type);
  return draw(
    "g",
    { class: `node ${node.kind}`, "data-key": node.key },
    draw("title", {}, shortened(node.type ? `${node.type}: ${name}` : name, 200)),
    draw("circle", { cx: place.x, cy: place.y, r: radius }),
    ...lines.map((text, n) =>
      draw(
        "text",
        {
          class: node.type && n === lines.length - 1 ? "label small quiet" : "label",
          x: place.x,
          y: place.y + radius + 15 + 14 * n,
        },
        text,
      ),
    ),
  );
}

/** @param {string} name @returns {string[]} At most two lines. */
function wrapped(name) {
  const short = shortened(name.replaceAll(/\s+/g, " ").trim() || "–", 2 * SIGNS);
  if (short.length <= SIGNS) return [short];
  const space = short.lastIndexOf(" ", SIGNS);
  const cut = space > SIGNS / 3 ? space : SIGNS;
  return [short.slice(0, cut).trim(), shortened(short.slice(cut).trim(), SIGNS)];
}
