/**
 * Calls to the service. The key, where there is one, lies in the session storage of this tab only.
 * @module
 */

const PLACE = "engine-key";

/** What the service refused, or that it could not be asked. */
export class Refused extends Error {
  /**
   * @param {number} status 0 where no answer came.
   * @param {string} detail
   */
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

/** @param {string} key */
export function keepKey(key) {
  sessionStorage.setItem(PLACE, key);
}

export function forgetKey() {
  sessionStorage.removeItem(PLACE);
}

/** @returns {boolean} */
export function hasKey() {
  return sessionStorage.getItem(PLACE) !== null;
}

/** @type {(detail: string) => void} */
let askForKey = () => {};

/** @param {(detail: string) => void} callback Called when the service wants a key, or another one. */
export function onKeyWanted(callback) {
  askForKey = callback;
}

/**
 * @param {string} path
 * @param {Record<string, string | number>} [params]
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export function get(path, params = {}, signal) {
  const query = new URLSearchParams(Object.entries(params).map(([name, value]) => [name, String(value)]));
  return call(query.size ? `${path}?${query}` : path, { signal });
}

/**
 * @param {string} path
 * @param {object} body
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export function post(path, body, signal) {
  const headers = { "Content-Type": "application/json" };
  return call(path, { method: "POST", headers, body: JSON.stringify(body), signal });
}

/**
 * @param {string} path
 * @param {RequestInit} init
 * @returns {Promise<any>}
 */
async function call(path, init) {
  const key = sessionStorage.getItem(PLACE);
  const headers = { ...init.headers, ...(key === null ? {} : { Authorization: `Bearer ${key}` }) };
  let answer;
  try {
    answer = await fetch(path, { ...init, headers, credentials: "omit", redirect: "error" });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Refused(0, "The service does not answer.");
  }
  if (answer.ok) return answer.json();
  const detail = await problemOf(answer);
  if (answer.status === 401) askForKey(detail);
  throw new Refused(answer.status, detail);
}

/**
 * @param {Response} answer
 * @returns {Promise<string>}
 */
async function problemOf(answer) {
  try {
    const told = await answer.json();
    const faults = (told.errors ?? []).map((/** @type {any} */ one) => `${one.where.at(-1)}: ${one.what}`);
    return faults.length ? faults.join("; ") : `${told.title}: ${told.detail}`;
  } catch {
    return `The service answered ${answer.status}.`;
  }
}

/**
 * Let only the newest of several questions be heard: an earlier one is cut off.
 * @returns {(work: (signal: AbortSignal) => Promise<void>, failed: (error: Refused) => void) => Promise<void>}
 */
export function newest() {
  let current = new AbortController();
  return async (work, failed) => {
    current.abort();
    const mine = (current = new AbortController());
    try {
      await work(mine.signal);
    } catch (error) {
      if (mine.signal.aborted) return;
      if (!(error instanceof Refused)) throw error;
      failed(error);
    }
  };
}
