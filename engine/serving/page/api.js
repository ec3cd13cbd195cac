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
 * @param {{signal?: AbortSignal, key?: string}} [how] A key that is sent instead of the tab's.
 * @returns {Promise<any>}
 */
export function post(path, body, { signal, key } = {}) {
  const headers = { "Content-Type": "application/json" };
  return call(path, { method: "POST", headers, body: JSON.stringify(body), signal }, key);
}

/**
 * @param {string} path
 * @param {RequestInit} init
 * @param {string} [other] A key that is sent instead of the tab's.
 * @returns {Promise<any>}
 */
async function call(path, init, other) {
  const key = other ?? sessionStorage.getItem(PLACE);
  const headers = { ...init.headers, ...(key === null ? {} : { Authorization: `Bearer ${key}` }) };
  let answer;
  try {
    answer = await fetch(path, { ...init, headers, credentials: "omit", redirect: "error" });
    if (answer.ok) return await answer.json();
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Refused(0, "The service does not answer.");
  }
  const detail = await problemOf(answer);
  if (answer.status === 401 && other === undefined) askForKey(detail);
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
 * A question that a panel asks again and again, of which the newest alone is heard: the answer or
 * the fault of an earlier one, or of one that was dropped, changes nothing.
 * @template Answer
 * @param {(answer: Answer) => void} answered
 * @param {(error: Refused) => void} failed
 */
export function newest(answered, failed) {
  let current = new AbortController();

  /** Nothing that was asked matters any more. */
  function drop() {
    current.abort();
  }

  /** @param {(signal: AbortSignal) => Promise<Answer>} question */
  async function ask(question) {
    drop();
    const mine = (current = new AbortController());
    try {
      const answer = await question(mine.signal);
      if (!mine.signal.aborted) answered(answer);
    } catch (error) {
      if (mine.signal.aborted) return;
      if (!(error instanceof Refused)) throw error;
      failed(error);
    }
  }

  return { ask, drop };
}
