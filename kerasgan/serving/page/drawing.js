// What is drawn of the state: the grid, the chosen image, the morph.

import * as api from "./api.js";
import { pythonOfImage, pythonOfMorph } from "./code.js";
import { $ } from "./dom.js";
import { classInput } from "./gallery.js";
import { urlOf } from "./images.js";
import { moved, slerp } from "./latents.js";
import { Place } from "./place.js";
import { player } from "./player.js";
import { imageOf, isPlain } from "./state.js";

const TOGETHER = 8; // images of latents that one request asks for

export const grid = new Place("grid");
export const chosen = new Place("chosen");
export const walk = new Place("walk");

export const columns = ({ count }) => Math.ceil(Math.sqrt(count));

/** Draw the images of the seed, and what depends on them `after` that. */
export function drawGrid(model, state, say, after) {
  const { seed, count, truncation, label } = state;
  const { classes } = model;
  const chosenClass = classInput(model, label);
  const inputs = { count, seed, truncation, ...chosenClass };
  const start = performance.now();
  grid.layOut(model, count, columns(state), true);
  grid.draw({
    about: [state.model, inputs],
    async work(signal) {
      // Of any class: which ones these are.
      const labels =
        chosenClass.label === -1
          ? api.labels(model, { seed, count }, signal)
          : Array(count).fill(chosenClass.label);
      return Promise.all([api.sample(model, inputs, signal), labels]);
    },
    show([urls, labels]) {
      grid.images.forEach((image, i) => {
        image.src = urls[i];
        image.alt = `Image ${i + 1} of seed ${seed}`;
        if (!classes) return;
        image.alt += `, ${classes[labels[i]]}`;
        image.dataset.label = labels[i];
      });
      grid.box.dataset.seed = seed;
      const took = Math.round(performance.now() - start);
      const images = count === 1 ? "1 image" : `${count} images`;
      const other = classes && label && !classes.includes(label);
      const any = other ? `. ${label} is no class of ${state.model}: this is any` : "";
      say(`Seed ${seed}: ${images} in ${took} ms${any}`);
      after();
    },
    failed: after,
  });
}

/** The image that is chosen: as in `state.imageOf`, with its class and name. */
export function chosenImage(model, state, photo) {
  const { seed, number, truncation, moves } = state;
  if (state.photo) return { ...photo, moves, words: "Your photo" };
  const { dataset, alt } = grid.images[number - 1];
  const label = model.classes ? Number(dataset.label) : undefined;
  return { ...imageOf(seed, { number, truncation, moves }), label, words: alt };
}

/** Draw the chosen image. */
export function drawChosen(model, state, photo) {
  const failed = () => ($("caption").textContent = $("code-one").textContent = "");
  if (!state.photo) {
    // Until the grid is there, its image is another seed's.
    if (!grid.ready && !grid.failed) return chosen.drop();
    if (grid.failed) {
      chosen.clear();
      return failed();
    }
  }
  const image = chosenImage(model, state, photo);
  const { moves, label, words, ...still } = image;
  const moving = moves.some(Boolean);
  chosen.draw({
    about: [state.model, still, label],
    detail: [state.count, moves],
    async work(signal) {
      if (!moving && !state.photo) return grid.images[state.number - 1].src;
      const z = await latentsOf(model, image, signal);
      const labels = model.classes ? [label] : null;
      return urlOf((await api.generate(model, [z], labels, signal))[0]);
    },
    show(url) {
      const [shown] = chosen.images;
      shown.src = url;
      shown.alt = `${words}${moving ? ", moved" : ""}`;
      $("caption").textContent = shown.alt;
      $("code-one").textContent = pythonOfImage(model, image, model.classes?.[label]);
    },
    failed,
  });
}

async function latentsOf(model, image, signal) {
  const { seed, number: count, truncation, moves, photo } = image;
  const draw = { seed, count, truncation };
  const z = photo ?? (await api.latents(model, draw, signal)).at(-1);
  if (!moves.some(Boolean)) return z;
  const directions = await api.directions(model, signal);
  return moved(z, directions, moves.slice(0, directions.length));
}

/** Draw the images between two. */
export function drawWalk(model, state) {
  const { between, steps, fromLabel, toLabel } = state;
  const { classes } = model;
  const names = [fromLabel, toLabel].map((name) =>
    classes?.includes(name) ? name : undefined,
  );
  const words = between.map((image, i) => inWords(image, names[i]));
  walk.layOut(model, steps, Math.min(steps, 8), false);
  walk.draw({
    about: [state.model, between, names, steps],
    work: (signal) =>
      between.every(isPlain)
        ? ofSeeds(model, between, names, steps, signal)
        : ofLatents(model, between, names, steps, signal),
    show([images, known]) {
      const [from, to] = words;
      walk.images.forEach((image, i) => {
        image.src = urlOf(images[i]);
        image.alt = `Step ${i + 1} of ${steps} from ${from} to ${to}`;
      });
      player.show(images, `From ${from} to ${to}`);
      $("code-walk").textContent = pythonOfMorph(model, between, known, steps);
    },
    failed() {
      player.show([], "");
      $("code-walk").textContent = "";
    },
  });
}

/** What an end of the morph is. */
export function inWords({ seed, number, moves, truncation, photo }, name) {
  let words = photo ? "your photo" : `seed ${seed}`;
  if (number > 1) words = `image ${number} of ${words}`;
  if (truncation) words += `, truncation ${truncation}`;
  if (moves.some(Boolean)) words += ", moved";
  return name ? `${words} (${name})` : words;
}

async function ofSeeds(model, between, names, steps, signal) {
  const inputs = { seeds: between.map(({ seed }) => seed), steps };
  const { classes } = model;
  if (classes) inputs.labels = names.map((name) => classes.indexOf(name));
  return [await api.interpolate(model, inputs, signal), names];
}

/** Between other images the class changes halfway. */
async function ofLatents(model, between, names, steps, signal) {
  const { classes } = model;
  const ends = [];
  for (const image of between) ends.push(await latentsOf(model, image, signal));
  const path = slerp(...ends, steps);
  let labels = null;
  if (classes) {
    const known = [];
    for (const [i, { seed, number: count }] of between.entries()) {
      const drawn = () => api.labels(model, { seed, count }, signal);
      known.push(names[i] ?? classes[(await drawn()).at(-1)]);
    }
    names = known;
    const [first, last] = known.map((name) => classes.indexOf(name));
    labels = path.map((_, i) => (2 * i < steps ? first : last));
  }
  const images = [];
  for (let at = 0; at < steps; at += TOGETHER) {
    const part = (all) => all?.slice(at, at + TOGETHER);
    images.push(...(await api.generate(model, part(path), part(labels), signal)));
  }
  return [images, names];
}
