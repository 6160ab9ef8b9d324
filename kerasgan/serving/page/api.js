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

/** The models that there are, and which are loading or cannot be loaded. */
export const gallery = async () => ({
  loading: [],
  failed: {},
  ...(await ask("gallery", {})),
});

/** Latents [count][size]; those of a seed stay the same, and are kept. */
export async function latents(size, seed, count, truncation, signal) {
  const query = new URLSearchParams({ size, seed, count, truncation });
  return (await keep(`latents?${query}`, signal)).latents;
}

/** The labels [count] that are drawn of a number of classes by a seed. */
export async function labels(classes, seed, count, signal) {
  const query = new URLSearchParams({ classes, seed, count });
  return (await keep(`labels?${query}`, signal)).labels;
}

async function keep(path, signal) {
  if (!kept.has(path)) {
    const answer = await ask(path, {}, signal);
    if (kept.size > 50) kept.clear();
    kept.set(path, answer);
  }
  return kept.get(path);
}
const kept = new Map();

export const predictPath = ({ name, version }) =>
  `v1/models/${encodeURIComponent(name)}/versions/${version}:predict`;

/** The only output of a model's signature. */
export async function predict(model, signature, inputs, signal) {
  const body = JSON.stringify({ signature_name: signature, inputs });
  const options = { method: "POST", body };
  return (await ask(predictPath(model), options, signal)).outputs;
}

async function ask(path, options, signal) {
  const request = Symbol(path);
  try {
    for (let attempt = 0; ; attempt++) {
      signal?.throwIfAborted();
      const answer = await send(path, options, signal);
      if (answer && !BUSY.includes(answer.status)) return read(answer);
      const usual = Math.min(1000 * 2 ** attempt, LONGEST_PAUSE);
      const asked = Number(answer?.headers.get("Retry-After")) * 1000;
      const what = answer ? "is busy" : "does not answer";
      await wait(request, what, asked || usual, signal);
    }
  } finally {
    if (troubles.delete(request)) tell([...troubles.values()].at(-1) ?? "");
  }
}

/** The answer with its whole body, or null where the server is not there. */
async function send(path, options, signal) {
  const late = AbortSignal.timeout(PATIENCE);
  const either = AbortSignal.any(signal ? [signal, late] : [late]);
  try {
    const response = await fetch(path, { ...options, signal: either });
    const { ok, status, headers } = response;
    return { ok, status, headers, text: await response.text() };
  } catch {
    signal?.throwIfAborted();
    return null;
  }
}

function read({ ok, status, text }) {
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
  const over = AbortSignal.any(signal ? [...signals, signal] : signals);
  if (over.aborted) return;
  await new Promise((resolve) => over.addEventListener("abort", resolve));
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
