// The page: one state, kept in the address, and what is drawn of it.

import * as api from "./api.js";
import { commands, pythonOfGrid } from "./code.js";
import {
  $,
  arrowsInRows,
  choices,
  classChoices,
  copy,
  make,
  seedField,
} from "./dom.js";
import * as drawing from "./drawing.js";
import {
  absent,
  brief,
  fillCards,
  key,
  modelChoices,
  showCards,
} from "./gallery.js";
import { save, together } from "./images.js";
import { forgetPhoto, reconstruct } from "./photo.js";
import { trouble } from "./place.js";
import { player } from "./player.js";
import { layOutSliders, showMoves } from "./sliders.js";
import * as states from "./state.js";

let state = states.read(location.hash);
let models = [];
let photo = null; // what was reconstructed, as in `state.imageOf`
let note = ""; // what is to be said of the link
let awaited = null; // the name of the model that it asks for, while it loads
const LABELS = ["label", "fromLabel", "toLabel"]; // selects and the state
const { grid, chosen, walk, columns } = drawing;

const model = () => models.find((one) => key(one) === state.model);
const say = (text) => ($("status").textContent = `${note} ${text}`.trim());

/** Show the state in all controls, and draw what has changed. */
function render() {
  const { seed, count, truncation, number, between, steps } = state;
  const [height, width] = model().image_shape;
  document.title = `${model().name} · kerasgan`;
  $("workbench").style.setProperty("--shape", `${width} / ${height}`);
  $("workbench").style.setProperty("--width", `${width}px`);
  for (const radio of $("models").querySelectorAll("input")) {
    radio.checked = radio.value === state.model;
  }
  $("model").value = state.model;
  $("brief").replaceChildren(...brief(model()));
  const [from, to] = between.map((image) => (image.photo ? "" : image.seed));
  const values = { seed, count, from, to, steps };
  for (const [id, value] of Object.entries(values)) $(id).value = value;
  const { classes } = model();
  for (const [i, end] of ["from", "to"].entries()) {
    const name = state[`${end}Label`];
    const known = classes?.includes(name) ? name : "";
    $(`${end}-words`).textContent = drawing.inWords(between[i], known);
  }
  for (const id of LABELS) classChoices($(id), classes, state[id]);
  const cut = truncation ? `±${truncation.toFixed(1)}` : "none";
  $("truncation").value = truncation || states.NO_TRUNCATION;
  $("truncation").ariaValueText = truncation
    ? `${cut} standard deviations`
    : cut;
  $("truncation-text").value = cut;
  drawSliders();
  const after = () => drawing.drawChosen(model(), state, photo);
  drawing.drawGrid(model(), state, say, after);
  const radio = grid.box.querySelectorAll("input")[number - 1];
  radio.checked = !state.photo;
  after();
  drawing.drawWalk(model(), state);
  $("code-grid").textContent = pythonOfGrid(model(), state);
  $("code-shell").textContent = commands(model(), state);
}

/** Lay out the sliders of the model, if its directions are known. */
async function drawSliders() {
  const box = $("directions");
  if (box.dataset.model === state.model) return showMoves(box, state.moves);
  const { model: name } = state;
  box.setAttribute("aria-busy", true);
  let found = [];
  try {
    found = await api.directions(model());
    trouble("directions", "");
  } catch (error) {
    trouble("directions", error.message);
  }
  if (name !== state.model) return;
  box.dataset.model = name;
  box.setAttribute("aria-busy", false);
  $("moves").hidden = !found.length;
  $("no-moves").hidden = found.length > 0;
  layOutSliders(box, found.length, (i, amount) =>
    change({ moves: state.moves.with(i, amount) }),
  );
  showMoves(box, state.moves);
}

let keeping;

function keep(how = "replaceState") {
  history[how](null, "", states.write(state));
}

/** Change the state; the browser's way back leads to what is remembered. */
function change(changes, remember = false) {
  clearTimeout(keeping);
  if (remember) keep();
  Object.assign(state, changes);
  state.number = Math.min(state.number, state.count);
  dropPhotos();
  if (remember) keep("pushState");
  // Browsers refuse addresses that change too often, as by a slider.
  else keeping = setTimeout(keep, 150);
  render();
}

/** The latents of a photo are those of one model. */
function dropPhotos() {
  if (photo?.model !== state.model) {
    forgetPhoto(state.model);
    photo = null;
    state.photo = false;
  }
  state.between = state.between.map((image, i) =>
    image.photo && image.model !== state.model
      ? states.DEFAULTS.between[i]
      : image,
  );
}

/** The model that a link asks for, or the nearest that there is. */
function choose(loading = []) {
  note = "";
  awaited = null;
  if (model()) return;
  const name = state.model.replace(/\/\d+$/, "");
  const found = key(models.find((one) => one.name === name) ?? models[0]);
  if (loading.includes(name)) {
    awaited = name;
    note = `${name} is still loading: this is ${found}.`;
  } else if (state.model) {
    note = `${state.model} is not served here: this is ${found}.`;
  }
  state.model = found;
}

function chooseModel(name) {
  note = "";
  awaited = null;
  change({ model: name }, true);
}

/** Show the models that the server has by now, and ask for the others. */
async function showModels() {
  let answer;
  try {
    answer = await api.gallery();
    if (!answer.models.length && !answer.loading.length) {
      throw new Error("The server has no model: kerasgan export makes one.");
    }
  } catch (error) {
    const words = make("p", { className: "note" }, error.message);
    if (models.length) return $("absent").replaceChildren(words);
    return $("models").replaceChildren(words);
  }
  $("absent").replaceChildren(...absent(answer));
  if (answer.loading.length) setTimeout(showModels, 1000);
  const before = models.map(key);
  const added = answer.models.filter((one) => !before.includes(key(one)));
  if (!added.length) return;
  models = answer.models;
  modelChoices($("model"), models);
  showCards($("models"), models, (one) => chooseModel(key(one)));
  if (!before.length) begin(answer.loading);
  else {
    $("model").value = state.model;
    const come = added.find(({ name }) => name === awaited);
    if (come) {
      note = "";
      awaited = null;
      change({ model: key(come) });
    }
  }
  filled = filled.then(() => fillCards($("models"), added, api.sample));
}

let filled = Promise.resolve();

/** Open the workbench, once there is a model. */
function begin(loading) {
  $("workbench").hidden = false;
  for (const id of ["own", "but-photo"]) $(id).hidden = !api.reconstruct;
  $("no-own").hidden = Boolean(api.reconstruct);
  listen();
  choose(loading);
  change({});
}

async function saveImages(place, columns, about) {
  if (!place.ready) return say("The images are not there yet.");
  const name = `${model().name}-${about}.png`;
  // One alone is the very file that the server sent.
  if (place === chosen) return save(place.images[0].src, name);
  save((await together(place.images, columns)).toDataURL(), name);
}

const fileName = (words) => words.toLowerCase().replace(/[^a-z0-9-]+/g, "-");

const walkName = () =>
  state.between.map((image, i) => {
    const words = states.isPlain(image)
      ? image.seed
      : ` ${drawing.inWords(image)}`;
    return fileName(`${["from", "to"][i]}${words}`);
  }).join("-");

async function saveMorph() {
  const file = walk.ready && (await player.file());
  if (!file) return say("The images are not there yet.");
  const url = URL.createObjectURL(file);
  save(url, `${model().name}-${walkName()}-morph.png`);
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Make the chosen image an end of the morph: 0 its start, 1 its end. */
function makeEnd(end) {
  if (!chosen.ready) return say("The images are not there yet.");
  const { label, words, ...image } = drawing.chosenImage(model(), state, photo);
  const between = state.between.with(end, image);
  const name = model().classes?.[label] ?? "";
  change({ between, [["fromLabel", "toLabel"][end]]: name }, true);
  say(`${words} is the ${["start", "end"][end]} of the morph.`);
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (!still) player.play();
}

/** Reconstruct the image of a file, and choose it. */
async function usePhoto(file) {
  const name = state.model;
  const found = await reconstruct(model(), file, state.label);
  if (!found || state.model !== name) return;
  photo = { ...found, model: name };
  change({ photo: true, moves: states.DEFAULTS.moves });
}

function listen() {
  const on = (id, event, work) => $(id).addEventListener(event, work);
  const random = states.randomSeed;

  on("model", "change", () => chooseModel($("model").value));
  on("all-models", "click", () => {
    $("models-title").scrollIntoView();
    ($("models").querySelector("input:checked") ?? $("models")).focus();
  });
  seedField($("seed"), (seed) => change({ seed, photo: false }));
  const step = (by) => () => {
    const seed = state.seed + by;
    if (Number.isSafeInteger(seed)) change({ seed, photo: false });
  };
  on("previous", "click", step(-1));
  on("next", "click", step(1));
  on("random", "click", () => change({ seed: random(), photo: false }, true));
  on("count", "change", () => change({ count: Number($("count").value) }));
  for (const id of LABELS) {
    on(id, "change", () => change({ [id]: $(id).value }));
  }
  on("truncation", "input", () => {
    const value = Number($("truncation").value);
    change({ truncation: value < states.NO_TRUNCATION ? value : 0 });
  });
  on("grid", "change", ({ target }) =>
    change({ number: Number(target.value), photo: false }),
  );
  arrowsInRows($("grid"), () => columns(state));
  on("save-grid", "click", () =>
    saveImages(grid, columns(state), `seed${state.seed}`),
  );
  on("copy-link", "click", () => {
    keep();
    copy(location.href, "The link", say);
  });

  on("reset", "click", () => change({ moves: states.DEFAULTS.moves }));
  on("save-one", "click", () =>
    saveImages(chosen, 1, fileName(chosen.images[0].alt)),
  );
  on("make-start", "click", () => makeEnd(0));
  on("make-end", "click", () => makeEnd(1));
  on("file", "change", () => {
    const [file] = $("file").files;
    $("file").value = ""; // The same one can be chosen once more.
    if (file) usePhoto(file);
  });

  const setEnd = (end) => (seed) =>
    change({ between: state.between.with(end, states.imageOf(seed)) });
  seedField($("from"), setEnd(0));
  seedField($("to"), setEnd(1));
  on("random-walk", "click", () => {
    const between = [random(), random()].map((seed) => states.imageOf(seed));
    change({ between }, true);
  });
  on("steps", "change", () => change({ steps: Number($("steps").value) }));
  on("play", "click", () => player.toggle());
  on("position", "input", () => player.go(Number($("position").value)));
  on("save-morph", "click", saveMorph);
  on("save-walk", "click", () => saveImages(walk, state.steps, walkName()));
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.addEventListener("click", () =>
      copy($(button.dataset.copy).textContent, "The code", say),
    );
  }

  on("skip", "click", (event) => {
    event.preventDefault(); // The address keeps the state.
    $("images").focus();
  });
  addEventListener("hashchange", () => {
    state = states.read(location.hash);
    choose();
    change({});
  });
}

function start() {
  api.watchTrouble((message) => trouble("server", message));
  $("trouble").querySelector("button").addEventListener("click", () => {
    api.retryNow();
    if (models.length) render();
  });
  choices($("count"), states.COUNTS);
  choices($("steps"), states.STEPS);
  showModels();
}

start();
