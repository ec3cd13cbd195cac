/**
 * Figures and moments as people read them.
 * @module
 */

const NUMBER = new Intl.NumberFormat("en");
const DAY = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeZone: "UTC" });
const MOMENT = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });
/** @type {[number, string][]} */
const UNITS = [[31_557_600, "year"], [86_400, "day"], [3_600, "hour"], [60, "minute"], [1, "second"]];

/** @param {number} value @returns {string} */
export const number = (value) => NUMBER.format(value);

/** @param {string | undefined} at @returns {string} */
export const day = (at) => (at === undefined ? "no date" : DAY.format(new Date(at)));

/** @param {string | undefined} at @returns {string} */
export const moment = (at) => (at === undefined ? "–" : MOMENT.format(new Date(at)));

/** @param {number | undefined} value @param {number} [digits] @returns {string} */
export const figure = (value, digits = 3) => (value === undefined ? "–" : value.toFixed(digits));

/** @param {number} share @returns {string} */
export const percent = (share) => `${Math.round(100 * share)} %`;

/** @param {number} share @returns {string} A change: +2.1 %. */
export const signedPercent = (share) => `${share < 0 ? "−" : "+"}${Math.abs(100 * share).toFixed(1)} %`;

/** @param {number | undefined} p @returns {string} */
export const chance = (p) => (p !== undefined && p < 0.001 ? "< 0.001" : figure(p));

/** @param {number} count @param {string} what @returns {string} */
export const counted = (count, what) => `${number(count)} ${what}${count === 1 ? "" : "s"}`;

/** @param {number} seconds @returns {string} */
export function age(seconds) {
  if (seconds < 0) return "in the future";
  const [unit, name] = UNITS.find(([unit]) => seconds >= unit) ?? [1, "second"];
  return counted(Math.round(seconds / unit), name);
}

/** @param {number} milliseconds @returns {string} */
export const took = (milliseconds) => `${milliseconds.toFixed(1)} ms`;

/**
 * @param {string} text
 * @param {number} most
 * @returns {string}
 */
export function shortened(text, most) {
  const signs = Array.from(text.slice(0, 4 * most));
  return signs.length > most ? `${signs.slice(0, most - 1).join("").trimEnd()}…` : text;
}
