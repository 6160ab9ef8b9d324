// The page: one state, kept in the address, and what is drawn of it.

import * as api from "./api.js";
import { commands } from "./commands.js";
import {
  $,
  arrowsInRows,
  choices,
  classChoices,
  make,
  seedField,
} from "./dom.js";
import {
  absent,
  classInput,
  fillCards,
  key,
  showCards,
} from "./gallery.js";
import { nudged, showDirections } from "./nudge.js";
import { pixelsUrl, pngUrl, save, together, toByte } from "./pictures.js";
import { Place, trouble } from "./place.js";
import * as states from "./state.js";

let state = states.read(location.hash);
let models = [];
let showNudge;
let note = ""; // what is to be said of the link
let awaited = null; // the name of the model that it asks for, while it loads
const LABELS = ["label", "fromLabel", "toLabel"]; // selects and the state
const grid = new Place("grid");
const chosen = new Place("chosen");
const walk = new Place("walk");

const model = () => models.find((one) => key(one) === state.model);
const columns = () => Math.ceil(Math.sqrt(state.count));
const say = (text) => ($("status").textContent = `${note} ${text}`.trim());

function drawGrid() {
  const { model: name, seed, count, truncation, label } = state;
  const { classes } = model();
  const chosenClass = classInput(model(), label);
  const inputs = { count, seed, truncation, ...chosenClass };
  const start = performance.now();
  grid.layOut(model(), count, columns(), true);
  grid.draw({
    about: [name, inputs],
    async work(signal) {
      const files = api.predict(model(), "sample_png", inputs, signal);
      // Of any class: which ones these are.
      const labels =
        chosenClass.label === -1
          ? api.labels(classes.length, seed, count, signal)
          : Array(count).fill(chosenClass.label);
      return Promise.all([files, labels]);
    },
    show([files, labels]) {
      grid.images.forEach((image, i) => {
        image.src = pngUrl(files[i].b64);
        image.alt = `Image ${i + 1} of seed ${seed}`;
        if (!classes) return;
        image.alt += `, ${classes[labels[i]]}`;
        image.dataset.label = labels[i];
      });
      grid.box.dataset.seed = seed;
      const took = Math.round(performance.now() - start);
      const pictures = count === 1 ? "1 image" : `${count} images`;
      const other = classes && label && !classes.includes(label);
      const any = other ? `. ${label} is no class of ${name}: this is any` : "";
      say(`Seed ${seed}: ${pictures} in ${took} ms${any}`);
      drawChosen();
    },
    failed: drawChosen,
  });
}

function drawChosen() {
  // Until the grid is there, its picture is another seed's.
  if (!grid.ready && !grid.failed) return chosen.drop();
  const failed = () => ($("caption").textContent = "");
  if (grid.failed) {
    chosen.clear();
    return failed();
  }
  const { model: name, seed, count, truncation, picture, nudge } = state;
  const used = nudge.filter(({ amount }) => amount);
  const directions = nudge.map((direction) => direction.seed);
  const { classes } = model();
  const { dataset, alt } = grid.images[picture - 1];
  chosen.draw({
    about: [name, seed, truncation, picture, directions, dataset.label],
    detail: [count, nudge],
    async work(signal) {
      if (!used.length) return grid.images[picture - 1].src;
      const draw = async (...which) => {
        const size = model().latent_dim;
        return (await api.latents(size, ...which, signal)).at(-1);
      };
      const z = await draw(seed, picture, truncation);
      const ways = [];
      for (const direction of used) ways.push(await draw(direction.seed, 1, 0));
      const amounts = used.map(({ amount }) => amount);
      const inputs = { latents: [nudged(z, ways, amounts)] };
      if (classes) inputs.labels = [Number(dataset.label)];
      const signature = "serving_default";
      const [pixels] = await api.predict(model(), signature, inputs, signal);
      return pixelsUrl(pixels, toByte);
    },
    show(url) {
      const [image] = chosen.images;
      image.src = url;
      image.alt = alt;
      if (used.length) image.alt += ", nudged";
      $("caption").textContent = image.alt;
      image.dataset.nudge = states.write({ seed, nudge });
    },
    failed,
  });
}

function drawWalk() {
  const { model: name, between: seeds, steps, fromLabel, toLabel } = state;
  const { classes } = model();
  const inputs = { seeds, steps };
  const ends = [fromLabel, toLabel].map((x) => (classes?.includes(x) ? x : ""));
  if (classes) inputs.labels = ends.map((x) => classes.indexOf(x));
  const [from, to] = seeds.map(
    (seed, i) => `seed ${seed}${ends[i] && ` (${ends[i]})`}`,
  );
  walk.layOut(model(), steps, steps, false);
  walk.draw({
    about: [name, inputs],
    work: (signal) => api.predict(model(), "interpolate", inputs, signal),
    show(pictures) {
      walk.images.forEach((image, i) => {
        image.src = pixelsUrl(pictures[i]);
        image.alt = `Step ${i + 1} of ${steps} from ${from} to ${to}`;
      });
    },
  });
}

/** Show the state in all controls, and draw what has changed. */
function render() {
  const { seed, count, truncation, picture, between, steps } = state;
  const [height, width] = model().image_shape;
  document.title = `${model().name} · kerasgan`;
  $("workbench").style.setProperty("--shape", `${width} / ${height}`);
  $("workbench").style.setProperty("--width", `${width}px`);
  for (const radio of $("models").querySelectorAll("input")) {
    radio.checked = radio.value === state.model;
  }
  const values = { seed, count, from: between[0], to: between[1], steps };
  for (const [id, value] of Object.entries(values)) $(id).value = value;
  const { classes } = model();
  for (const id of LABELS) classChoices($(id), classes, state[id]);
  const cut = truncation ? `±${truncation.toFixed(1)}` : "none";
  $("truncation").value = truncation || states.NO_TRUNCATION;
  $("truncation").ariaValueText = truncation
    ? `${cut} standard deviations`
    : cut;
  $("truncation-text").value = cut;
  showNudge(state.nudge);
  drawGrid();
  grid.box.querySelectorAll("input")[picture - 1].checked = true;
  drawChosen();
  drawWalk();
  $("code").textContent = commands(model(), state);
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
  state.picture = Math.min(state.picture, state.count);
  if (remember) keep("pushState");
  // Browsers refuse addresses that change too often, as by a slider.
  else keeping = setTimeout(keep, 150);
  render();
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

/** Show the models that the server has by now, and ask for the others. */
async function showModels() {
  let answer;
  try {
    answer = await api.gallery();
    if (!answer.models.length && !answer.loading.length) {
      throw new Error("The server has no model. `kerasgan export` makes one.");
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
  showCards($("models"), models, (one) => {
    note = "";
    awaited = null;
    change({ model: key(one) }, true);
  });
  if (!before.length) begin(answer.loading);
  else {
    const come = added.find(({ name }) => name === awaited);
    if (come) {
      note = "";
      awaited = null;
      change({ model: key(come) });
    }
  }
  filled = filled.then(() => fillCards($("models"), added, api.predict));
}

let filled = Promise.resolve();

/** Open the workbench, once there is a model. */
function begin(loading) {
  showNudge = showDirections($("directions"), state.nudge, (nudge) =>
    change({ nudge }),
  );
  $("workbench").hidden = false;
  listen();
  choose(loading);
  change({});
}

async function savePictures(place, columns, about) {
  if (!place.ready) return say("The images are not there yet.");
  const name = `${model().name}-${about}.png`;
  // One alone is the very file that the server sent.
  if (place === chosen) return save(place.images[0].src, name);
  save((await together(place.images, columns)).toDataURL(), name);
}

function listen() {
  const on = (id, event, work) => $(id).addEventListener(event, work);
  const random = states.randomSeed;

  seedField($("seed"), (seed) => change({ seed }));
  const step = (by) => () => {
    const seed = state.seed + by;
    if (Number.isSafeInteger(seed)) change({ seed });
  };
  on("previous", "click", step(-1));
  on("next", "click", step(1));
  on("random", "click", () => change({ seed: random() }, true));
  on("count", "change", () => change({ count: Number($("count").value) }));
  for (const id of LABELS) {
    on(id, "change", () => change({ [id]: $(id).value }));
  }
  on("truncation", "input", () => {
    const value = Number($("truncation").value);
    change({ truncation: value < states.NO_TRUNCATION ? value : 0 });
  });
  on("grid", "change", ({ target }) =>
    change({ picture: Number(target.value) }),
  );
  arrowsInRows($("grid"), columns);
  on("save-grid", "click", () =>
    savePictures(grid, columns(), `seed${state.seed}`),
  );

  on("reset", "click", () => {
    const nudge = state.nudge.map(({ seed }) => ({ seed, amount: 0 }));
    change({ nudge });
  });
  on("save-one", "click", () => {
    const words = chosen.images[0].alt.toLowerCase();
    savePictures(chosen, 1, words.replace(/[^a-z0-9-]+/g, "-"));
  });

  seedField($("from"), (a) => change({ between: [a, state.between[1]] }));
  seedField($("to"), (b) => change({ between: [state.between[0], b] }));
  on("random-walk", "click", () =>
    change({ between: [random(), random()] }, true),
  );
  on("steps", "change", () => change({ steps: Number($("steps").value) }));
  on("save-walk", "click", () => {
    const [a, b] = state.between;
    savePictures(walk, state.steps, `from${a}-to${b}`);
  });

  on("skip", "click", (event) => {
    event.preventDefault(); // The address keeps the state.
    $("pictures").focus();
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
