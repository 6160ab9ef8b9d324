// The server: requests that are tried again while it is away or busy.

const BUSY = [429, 503];
const PATIENCE = 30_000; // ms
const LONGEST_PAUSE = 15_000; // ms

const troubles = new Map(); // request -> what people are told of it
let tell = () => {};
let hurry = new AbortController();

/** Have `report(message)` called when requests wait, and with "" afterwards. */
export function watchTrouble(report) {
  tell = report;
}

/** Try what waits again at once. */
export function retryNow() {
  hurry.abort();
  hurry = new AbortController();
}

export const gallery = (signal) => ask("gallery", {}, signal);

/** Latents [count][size]; those of a seed stay the same, and are kept. */
export async function latents(size, seed, count, truncation, signal) {
  const query = new URLSearchParams({ size, seed, count, truncation });
  const path = `latents?${query}`;
  if (!kept.has(path)) {
    const answer = await ask(path, {}, signal);
    if (kept.size > 50) kept.clear();
    kept.set(path, answer.latents);
  }
  return kept.get(path);
}
const kept = new Map();

/** The only output of a model's signature. */
export async function predict({ name, version }, signature, inputs, signal) {
  const model = `v1/models/${encodeURIComponent(name)}/versions/${version}`;
  const body = JSON.stringify({ signature_name: signature, inputs });
  const answer = await ask(`${model}:predict`, { method: "POST", body }, signal);
  return answer.outputs;
}

async function ask(path, options, signal) {
  const request = Symbol(path);
  try {
    for (let attempt = 0; ; attempt++) {
      signal?.throwIfAborted();
      const pause = Math.min(1000 * 2 ** attempt, LONGEST_PAUSE);
      const response = await send(path, options, signal);
      if (response && !BUSY.includes(response.status)) return await read(response);
      const asked = Number(response?.headers.get("Retry-After")) * 1000;
      await wait(request, response ? "is busy" : "does not answer", asked || pause, signal);
    }
  } finally {
    if (troubles.delete(request)) tell([...troubles.values()].at(-1) ?? "");
  }
}

/** The response with its whole body, or null where the server is not there. */
async function send(path, options, signal) {
  const late = AbortSignal.timeout(PATIENCE);
  const signals = signal ? [signal, late] : [late];
  try {
    const response = await fetch(path, { ...options, signal: AbortSignal.any(signals) });
    const { status, headers } = response;
    return { status, headers, ok: response.ok, text: await response.text() };
  } catch (error) {
    signal?.throwIfAborted();
    return null;
  }
}

async function read({ ok, status, text }) {
  let answer = {};
  try {
    answer = JSON.parse(text);
  } catch {
    if (ok) throw new Error("The server's answer is not JSON.");
  }
  if (!ok) throw new Error(answer.error ?? `The server answered ${status}.`);
  return answer;
}

async function wait(request, what, pause, signal) {
  const seconds = Math.ceil(pause / 1000);
  troubles.set(request, `The server ${what}. Trying again in ${seconds} s.`);
  tell(troubles.get(request));
  const signals = [hurry.signal, AbortSignal.timeout(pause)];
  if (signal) signals.push(signal);
  await new Promise((resolve) => {
    AbortSignal.any(signals).addEventListener("abort", resolve);
  });
}

/**
 * A queue for what is drawn in one place: one request at a time, and of those
 * that come meanwhile only the latest. A request of another key than the one
 * under way makes that one stale: it is aborted and never shown. One of the
 * same key (a slider that moves) lets it be shown on the way.
 */
export function lane() {
  let running = null;
  let next = null;

  async function go() {
    while (next) {
      running = next;
      next = null;
      const { signal } = running.controller;
      try {
        const answer = await running.work(signal);
        if (!signal.aborted) running.show(answer);
      } catch (error) {
        if (!signal.aborted) running.fail(error);
      }
    }
    running = null;
  }

  return {
    push(key, work, show, fail) {
      next = { key, work, show, fail, controller: new AbortController() };
      if (running && running.key !== key) running.controller.abort();
      if (!running) go();
    },
    drop() {
      next = null;
      running?.controller.abort();
    },
  };
}
