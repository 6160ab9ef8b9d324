// The engine of the demo, of which the page's `api.js` says what it has to
// export: images are drawn here, by onnxruntime-web. An import map puts this file
// in that one's place; what it does not export itself is as there.

import * as ort from "./runtime/ort.wasm.bundle.min.mjs";
import { toByte, urlOf } from "../page/images.js";
import { slerp } from "../page/latents.js";
import known from "./gallery.js";
import { latents as draw } from "./latents.js";

export * from "../page/api.js";

const BATCH = 8; // images, between which the page can take input

ort.env.wasm.numThreads = 1; // More need headers that few hosts send.
const sessions = new Map(); // the name of a model -> its session

// The page opens the first one, which takes a second to load.
load(known.models[0]).catch(() => {});

export const gallery = async () => ({ loading: [], failed: {}, ...known });

export const latents = async (model, { seed, count, truncation }) =>
  draw(count, model.latent_dim, seed, truncation);

export const directions = async (model) => model.directions;

// A server's alone.
export const reconstruct = null;
export const address = () => null;

export async function sample(model, { seed, count, truncation }, signal) {
  const z = draw(count, model.latent_dim, seed, truncation);
  return (await generate(model, z, null, signal)).map(urlOf);
}

export function interpolate(model, { seeds, steps }, signal) {
  const [a, b] = seeds.map((seed) => draw(1, model.latent_dim, seed)[0]);
  return generate(model, slerp(a, b, steps), null, signal);
}

export async function generate(model, latents, labels, signal) {
  const session = await load(model);
  const drawn = [];
  for (let at = 0; at < latents.length; at += BATCH) {
    if (at) await new Promise((resolve) => setTimeout(resolve));
    signal?.throwIfAborted();
    const rows = latents.slice(at, at + BATCH);
    const values = Float32Array.from(rows.flat());
    const shape = [rows.length, model.latent_dim];
    const z = new ort.Tensor("float32", values, shape);
    const { images } = await session.run({ latents: z });
    rows.forEach((_, i) => drawn.push(imageOf(images, i)));
  }
  return drawn;
}

function load({ name }) {
  if (!sessions.has(name)) {
    const loading = ort.InferenceSession.create(`engine/${name}.onnx`);
    const session = loading.catch((error) => {
      sessions.delete(name);
      throw new Error(`${name} cannot be loaded: ${error.message}`);
    });
    sessions.set(name, session);
  }
  return sessions.get(name);
}

/** One of RGB images [N][height][width][3] in [-1, 1] as an `ImageData`. */
function imageOf({ data, dims: [, height, width] }, index) {
  const image = new ImageData(width, height);
  const pixels = height * width;
  let from = 3 * pixels * index;
  for (let to = 0; to < 4 * pixels; to += 4) {
    for (let i = 0; i < 3; i++) image.data[to + i] = toByte(data[from++]);
    image.data[to + 3] = 255;
  }
  return image;
}
