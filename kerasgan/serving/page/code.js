// What draws the same images elsewhere.

import { address } from "./api.js";
import { classInput } from "./gallery.js";
import { isPlain } from "./state.js";

// Within single quotes a shell takes all as it is, but these themselves.
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
const python = (value) => JSON.stringify(value);

/** Command lines for the grid. */
export function commands(model, { seed, count, truncation, label }) {
  const drawn = classInput(model, label);
  const inputs = { count, seed, truncation, ...drawn };
  const body = JSON.stringify({ signature_name: "sample_png", inputs });
  const url = address(model);
  const lines = [];
  if (model.pretrained) {
    let cut = truncation ? ` --truncation ${truncation}` : "";
    if (drawn.label >= 0) cut += ` --label ${quoted(label)}`;
    lines.push(
      `kerasgan sample ${model.name} --seed ${seed} --count ${count}${cut}` +
        " --output samples.png",
    );
  }
  if (url) lines.push(`curl -s ${url}:predict \\\n  -d '${body}'`);
  return lines.join("\n\n");
}

/** Python for the grid. */
export function pythonOfGrid(model, { seed, count, truncation, label }) {
  const named = classInput(model, label).label >= 0 ? label : undefined;
  const call = `sample(${drawn(count, seed, truncation)}${classed(named)})`;
  return program(model, [], `images = ${owner(model, call)}`);
}

/**
 * Python for one image: a seed's, as in `state.imageOf`, of a class by its name,
 * if the model has classes; or latents [latent_dim] of a photo.
 */
export function pythonOfImage(model, image, label) {
  if (image.photo || image.moves.some(Boolean)) {
    const lines = [`z = ${latents(model, image)}`];
    return program(model, lines, `image = ${generated(model, "z", label)}[0]`);
  }
  const { seed, number, truncation } = image;
  const call = `sample(${drawn(number, seed, truncation)}${classed(label)})`;
  return program(model, [], `image = ${owner(model, call)}[${number - 1}]`);
}

/** Python for the images between two; labels are names, perhaps undefined. */
export function pythonOfMorph(model, [from, to], labels, steps) {
  if (isPlain(from) && isPlain(to)) {
    const known = labels.some((name) => name !== undefined);
    const names = labels.map((name) => (name ? python(name) : "None"));
    const classes = known ? `, labels=(${names.join(", ")})` : "";
    const call = `interpolate((${from.seed}, ${to.seed}), ${steps}${classes})`;
    return program(model, [], `images = ${owner(model, call)}`);
  }
  const lines = [
    `a = ${latents(model, from)}`,
    `b = ${latents(model, to)}`,
    `z = kerasgan.sampling.slerp(a[0], b[0], ${steps})`,
  ];
  let names = labels[0];
  if (labels[0] !== labels[1]) {
    const half = Math.ceil(steps / 2);
    const [first, last] = labels.map((name) => python([name]));
    names = { code: `${first} * ${half} + ${last} * ${steps - half}` };
  }
  return program(model, lines, `images = ${generated(model, "z", names)}`);
}

const drawn = (count, seed, truncation) =>
  `${count}, seed=${seed}${truncation ? `, truncation=${truncation}` : ""}`;

const classed = (label, argument = "label") =>
  label === undefined ? "" : `, ${argument}=${label.code ?? python(label)}`;

/** A call of the library with the generator, or of the client. */
function owner({ pretrained }, call) {
  if (!pretrained) return `client.${call}`;
  return `kerasgan.${call.replace("(", "(generator, ")}`;
}

function generated({ pretrained }, z, label) {
  if (pretrained) return `kerasgan.sample(generator, latents=${z}${classed(label)})`;
  const call = `client.generate(${z}${classed(label, "labels")})`;
  return `kerasgan.sampling.to_uint8(${call})`;
}

/** Python for the latents [1, latent_dim] of an image. */
function latents(model, { seed, number, truncation, moves, photo }) {
  const args = [number, model.latent_dim, seed];
  if (truncation) args.push(truncation);
  let text = `kerasgan.sampling.latents(${args.join(", ")})`;
  if (number > 1) text += `[${number - 1}:]`;
  // As many digits as a float32 has.
  if (photo) text = `np.array([[${photo.map((x) => Number(x.toPrecision(9)))}]])`;
  moves.forEach((amount, i) => {
    const sign = amount > 0 ? "+" : "-";
    if (amount) text += ` ${sign} ${Math.abs(amount)} * directions[${i}]`;
  });
  return text;
}

function program(model, lines, last) {
  const code = [...lines, last];
  const used = [...code.join("\n").matchAll(/directions\[(\d+)\]/g)];
  const most = Math.max(...used.map(([, index]) => Number(index))) + 1;
  const url = address(model);
  if (model.pretrained) {
    const made = `generator = kerasgan.zoo.load(${python(model.name)})`;
    const found = `directions = kerasgan.directions(generator, count=${most})`;
    return withImports([made, ...(used.length ? [found] : []), ...code]);
  }
  if (!url) return "";
  const base = url.slice(0, url.indexOf("/v1/models/"));
  const { name, version } = model;
  const args = `${python(base)}, ${python(name)}, version=${version}`;
  const made = [`client = kerasgan.serving.Client(${args})`];
  if (used.length) {
    const query = new URLSearchParams({ model: name, version });
    const asked = `requests.get(${python(`${base}/directions?${query}`)})`;
    made.push(`directions = np.array(${asked}.json()["directions"])`);
  }
  return withImports([...made, ...code]);
}

function withImports(lines) {
  const code = lines.join("\n");
  const imports = ["import kerasgan"];
  if (code.includes("np.")) imports.push("import numpy as np");
  if (code.includes("requests.")) imports.push("import requests");
  return [...imports, "", code].join("\n");
}
