/**
 * Make elements. Text goes in as text nodes only, so nothing that the service sends is ever markup.
 * @module
 */

/** @typedef {Node | string | number | null | undefined} Child */
/** @typedef {Record<string, string | number | boolean | EventListener | null | undefined>} Attributes */

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {Element} element
 * @param {Attributes} attributes A function listens to the event of that name; false and null are left out.
 * @param {Child[]} children
 */
function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, String(value));
  }
  for (const child of children) {
    if (child != null) element.append(child instanceof Node ? child : String(child));
  }
}

/**
 * @param {string} tag
 * @param {Attributes} [attributes]
 * @param {...Child} children
 * @returns {HTMLElement}
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  fill(element, attributes, children);
  return element;
}

/**
 * @param {string} tag
 * @param {Attributes} [attributes]
 * @param {...Child} children
 * @returns {SVGElement}
 */
export function draw(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  fill(element, attributes, children);
  return /** @type {SVGElement} */ (element);
}

/**
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no ${id}`);
  return found;
}

/**
 * @param {string} id
 * @returns {HTMLInputElement}
 */
export function input(id) {
  return /** @type {HTMLInputElement} */ (byId(id));
}

/**
 * A name from the data: a direction of its own, so that right-to-left text turns nothing around.
 * @param {{id: string, name?: string}} one
 * @returns {HTMLElement}
 */
export function named(one) {
  const name = nameOf(one);
  return make("bdi", { title: name === one.id ? null : one.id }, name);
}

/**
 * @param {{id: string, name?: string}} one
 * @returns {string} The id where there is no name, or nothing to see in it.
 */
export function nameOf(one) {
  return one.name?.trim() ? one.name : one.id;
}

/**
 * @param {string} caption
 * @param {string[]} head
 * @param {Child[][]} rows
 * @returns {HTMLElement}
 */
export function table(caption, head, rows) {
  return make(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
    make(
      "table",
      {},
      make("caption", { class: "hidden" }, caption),
      make("thead", {}, make("tr", {}, ...head.map((text) => make("th", { scope: "col" }, text)))),
      make("tbody", {}, ...rows.map((row) => make("tr", {}, ...row.map((cell) => make("td", {}, cell))))),
    ),
  );
}

/** @param {string} text Said to who hears the page; what is shown stays as it is. */
export function announce(text) {
  byId("said").textContent = text;
}
