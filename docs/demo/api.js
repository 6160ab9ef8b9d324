// The engine of the page in the site: what the page's `api.js` asks a server is
// drawn here, by onnxruntime-web. An import map puts it in that place; what it
// does not export itself is as there.

import * as ort from "./runtime/ort.wasm.bundle.min.mjs";
import { latents as draw, slerp } from "./latents.js";
import { pixelsUrl, toByte } from "../page/pictures.js";

export * from "../page/api.js";
export const SERVER = false;

const BATCH = 8; // images, between which the page can take input

ort.env.wasm.numThreads = 1; // More need headers that few hosts send.
const listed = fetch("engine/gallery.json").then((answer) => answer.json());
const sessions = new Map(); // model -> its session, which is loaded once

export const gallery = async () => ({
  loading: [],
  failed: {},
  ...(await listed),
});

/** Latents [count][size] of a seed. */
export async function latents(size, seed, count, truncation) {
  return draw(count, size, seed, truncation).map((row) => [...row]);
}

/** The only output of a model's signature. */
export async function predict(model, signature, inputs, signal) {
  return SIGNATURES[signature](model, inputs, signal);
}

const SIGNATURES = {
  serving_default: (model, { latents }, signal) => images(model, latents, signal),
  async sample_png(model, { count, seed, truncation }, signal) {
    const z = draw(count, model.latent_dim, seed, truncation);
    const drawn = await images(model, z, signal);
    return drawn.map((rows) => ({ b64: pixelsUrl(rows, toByte).split(",")[1] }));
  },
  async interpolate(model, { seeds, steps }, signal) {
    const [a, b] = seeds.map((seed) => draw(1, model.latent_dim, seed)[0]);
    const drawn = await images(model, slerp(a, b, steps), signal);
    return drawn.map((rows) => rows.map((row) => row.map((p) => p.map(toByte))));
  },
};

/** Images [count][height][width][channels] in [-1, 1] of latents. */
async function images(model, latents, signal) {
  const session = await load(model);
  const drawn = [];
  for (let at = 0; at < latents.length; at += BATCH) {
    signal?.throwIfAborted();
    if (at) await new Promise((resolve) => setTimeout(resolve));
    const rows = latents.slice(at, at + BATCH);
    const flat = Float32Array.from(rows.flatMap((row) => [...row]));
    const z = new ort.Tensor("float32", flat, [rows.length, model.latent_dim]);
    const { images } = await session.run({ latents: z });
    drawn.push(...nested(images.data, images.dims));
  }
  return drawn;
}

function load({ name }) {
  if (!sessions.has(name)) {
    const file = `engine/${name}.onnx`;
    const session = ort.InferenceSession.create(file).catch((error) => {
      sessions.delete(name);
      throw new Error(`${name} cannot be loaded: ${error.message}`);
    });
    sessions.set(name, session);
  }
  return sessions.get(name);
}

/** Nested arrays of a shape; loops, since a morph has 12,000 values a frame. */
function nested(values, shape, start = 0) {
  const [length, ...inner] = shape;
  const rows = new Array(length);
  if (!inner.length) {
    for (let i = 0; i < length; i++) rows[i] = values[start + i];
    return rows;
  }
  const size = inner.reduce((product, side) => product * side);
  for (let i = 0; i < length; i++) {
    rows[i] = nested(values, inner, start + i * size);
  }
  return rows;
}
