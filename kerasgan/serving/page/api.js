// The engine of the page: here the server, whose requests are tried again while
// it is away or busy.
//
// All that the page draws comes from this file. Another engine, such as one that
// computes in the browser, is a file of this name in its place with the same
// exports. `model` is one of the gallery, an image is an `ImageData` of the
// model's size, `signal` an `AbortSignal`, and latents and labels are those of
// `kerasgan.sampling`:
//
// gallery() -> {models, loading, failed}: models as `kerasgan.serving.server.gallery`
//     describes them, the first of which is opened; names of those that are
//     loading (then it is asked again); names -> why there is none
// latents(model, {seed, count, truncation}, signal) -> [count][latent_dim]
// labels(model, {seed, count}, signal) -> [count], of a conditional model
// sample(model, {seed, count, truncation, label}, signal) -> [count] addresses
//     of images (`data:`, `blob:`); label is of a conditional model, -1 any
// generate(model, latents, labels, signal) -> images of [N][latent_dim] and,
//     of a conditional model, [N]
// interpolate(model, {seeds, steps, labels}, signal) -> [steps] images, those of
//     `kerasgan.interpolate`; labels [2] as above
// directions(model, signal) -> [K][latent_dim], those of `kerasgan.directions`;
//     of none the page has no sliders
// reconstruct(model, image, label, signal) -> {latents [latent_dim], error}; or
//     null instead of a function where photos cannot be reconstructed
// address(model) -> the model's REST address without `:predict`, or null
// watchTrouble(report), retryNow() -> as below; they may do nothing

import { fromRows, toByte, toRows } from "./images.js";

const BUSY = [429, 503];
const PATIENCE = 30_000; // ms
const PATIENCE_OF_PHOTOS = 120_000;
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

/** Latents of a seed stay the same, and are kept. */
export async function latents({ latent_dim: size }, draw, signal) {
  const query = new URLSearchParams({ size, ...draw });
  return (await keep(`latents?${query}`, signal)).latents;
}

/** The labels that are drawn by a seed. */
export async function labels({ classes }, draw, signal) {
  const query = new URLSearchParams({ classes: classes.length, ...draw });
  return (await keep(`labels?${query}`, signal)).labels;
}

/** The main directions of a model's latents. */
export async function directions({ name, version }, signal) {
  const query = new URLSearchParams({ model: name, version });
  return (await keep(`directions?${query}`, signal)).directions;
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

const path = ({ name, version }) =>
  `v1/models/${encodeURIComponent(name)}/versions/${version}`;

/** Where the model is to be asked by others. */
export const address = (model) => new URL(path(model), document.baseURI).href;

/** Images of a seed, the very PNG files that the server sends. */
export async function sample(model, inputs, signal) {
  const files = await predict(model, "sample_png", inputs, signal);
  return files.map(({ b64 }) => `data:image/png;base64,${b64}`);
}

/** Images of latents. */
export async function generate(model, latents, labels, signal) {
  const inputs = labels ? { latents, labels } : { latents };
  const images = await predict(model, "serving_default", inputs, signal);
  return images.map((rows) => fromRows(rows, toByte));
}

/** Images between two seeds. */
export async function interpolate(model, inputs, signal) {
  const images = await predict(model, "interpolate", inputs, signal);
  return images.map((rows) => fromRows(rows));
}

/** The latents whose image is nearest to an image, and how far it is. */
export async function reconstruct(model, image, label, signal) {
  const { name, version, image_shape } = model;
  const rows = toRows(image, image_shape.at(-1));
  const asked = { model: name, version, image: rows, label };
  const options = { method: "POST", body: JSON.stringify(asked) };
  return ask("reconstruct", options, signal, PATIENCE_OF_PHOTOS);
}

/** The only output of a model's signature. */
async function predict(model, signature, inputs, signal) {
  const body = JSON.stringify({ signature_name: signature, inputs });
  const options = { method: "POST", body };
  return (await ask(`${path(model)}:predict`, options, signal)).outputs;
}

async function ask(path, options, signal, patience = PATIENCE) {
  const request = Symbol(path);
  try {
    for (let attempt = 0; ; attempt++) {
      signal?.throwIfAborted();
      const answer = await send(path, options, signal, patience);
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
async function send(path, options, signal, patience) {
  const late = AbortSignal.timeout(patience);
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
