// The page: one state, kept in the address, and what is drawn of it.

import { gallery, lane, latents, predict, retryNow, watchTrouble } from "./api.js";
import { $, arrowsInRows, choices, make, seedField } from "./dom.js";
import { fillCards, key, showCards } from "./gallery.js";
import { nudged, showDirections } from "./nudge.js";
import { pixelsUrl, pngUrl, save, together, toByte } from "./pictures.js";
import * as states from "./state.js";

let state = states.read(location.hash);
let models = [];
let showNudge;
let note = ""; // what is to be said of the link
const drawn = {}; // place -> the key of what it shows, or will show
const troubles = {}; // place -> what went wrong
const lanes = { grid: lane(), chosen: lane(), walk: lane() };

const model = () => models.find((one) => key(one) === state.model);
const images = (box) => [...box.querySelectorAll("img")];
const columns = () => Math.ceil(Math.sqrt(state.count));
const say = (text) => ($("status").textContent = `${note} ${text}`.trim());

/** Draw something into a place, if it is not there or on its way already. */
function draw(place, about, detail, work, show) {
  const wanted = JSON.stringify([about, detail]);
  if (drawn[place] === wanted) return;
  drawn[place] = wanted;
  busy(place, true);
  const done = (message) => {
    if (drawn[place] === wanted) busy(place, false);
    troubles[place] = message;
    showTrouble();
  };
  lanes[place].push(
    JSON.stringify(about),
    work,
    (answer) => {
      done("");
      show(answer);
    },
    (error) => {
      done(error.message);
      // What is there belongs to something else.
      images($(place)).forEach((image) => image.removeAttribute("src"));
      delete drawn[place];
    },
  );
}

const busy = (place, is) => $(place).setAttribute("aria-busy", is);

function showTrouble() {
  const message = Object.values(troubles).find(Boolean) ?? "";
  $("trouble").hidden = !message;
  const text = $("trouble").querySelector("p");
  // The same words again would be read out again.
  if (text.textContent !== message) text.textContent = message;
}

function drawGrid() {
  const { model: name, seed, count, truncation } = state;
  const inputs = { count, seed, truncation };
  const grid = $("grid");
  if (grid.children.length !== count) layOut(grid, count, "radio");
  const start = performance.now();
  draw("grid", [name, inputs], null, (signal) => predict(model(), "sample_png", inputs, signal), (files) => {
    images(grid).forEach((image, i) => {
      image.src = pngUrl(files[i].b64);
      image.alt = `Picture ${i + 1} of seed ${seed}`;
    });
    grid.dataset.seed = seed;
    const took = Math.round(performance.now() - start);
    say(`Seed ${seed}: ${count === 1 ? "1 picture" : `${count} pictures`} in ${took} ms`);
    drawChosen();
  });
}

function drawChosen() {
  const { model: name, seed, count, truncation, picture, nudge } = state;
  const original = images($("grid"))[picture - 1];
  const [image, text] = [$("chosen").querySelector("img"), $("chosen").querySelector("span")];
  const used = nudge.filter(({ amount }) => amount);
  if ($("grid").ariaBusy === "true" || !original.src) {
    // Until the grid is there, its picture is another seed's.
    lanes.chosen.drop();
    delete drawn.chosen;
    return busy("chosen", !troubles.grid);
  }
  const about = [name, seed, truncation, picture, nudge.map((one) => one.seed)];
  const caption = `Picture ${picture} of seed ${seed}`;
  const work = async (signal) => {
    if (!used.length) return original.src;
    const size = model().latent_dim;
    const z = (await latents(size, seed, picture, truncation, signal)).at(-1);
    const directions = [];
    for (const one of used) directions.push((await latents(size, one.seed, 1, 0, signal))[0]);
    const moved = nudged(z, directions, used.map(({ amount }) => amount));
    const [rows] = await predict(model(), "serving_default", { latents: [moved] }, signal);
    return pixelsUrl(rows, toByte);
  };
  draw("chosen", about, [nudge, count], work, (url) => {
    image.src = url;
    text.textContent = used.length ? `${caption}, nudged` : caption;
    image.alt = text.textContent;
    image.dataset.nudge = states.write({ seed, nudge });
  });
}

function drawWalk() {
  const { model: name, between: seeds, steps } = state;
  const walk = $("walk");
  if (walk.children.length !== steps) layOut(walk, steps);
  draw("walk", [name, seeds, steps], null, (signal) => predict(model(), "interpolate", { seeds, steps }, signal), (pictures) => {
    images(walk).forEach((image, i) => {
      image.src = pixelsUrl(pictures[i]);
      image.alt = `Step ${i + 1} of ${steps} from seed ${seeds[0]} to seed ${seeds[1]}`;
    });
  });
}

/** Places for pictures, which wait for what comes into them. */
function layOut(box, count, kind) {
  const [height, width] = model().image_shape;
  const workbench = $("workbench").style;
  workbench.setProperty("--shape", `${width} / ${height}`);
  workbench.setProperty("--width", `${width}px`);
  box.style.setProperty("--columns", kind ? columns() : count);
  const places = Array.from({ length: count }, (_, i) => {
    const image = make("img", { alt: "" });
    if (!kind) return image;
    const radio = make("input", { type: "radio", name: "picture", value: i + 1, ariaLabel: `Picture ${i + 1}` });
    return make("label", {}, radio, image);
  });
  box.replaceChildren(...places);
}

/** Show the state in all controls, draw what has changed, keep it. */
function render() {
  document.title = `${model().name} · kerasgan`;
  for (const radio of $("models").querySelectorAll("input")) radio.checked = radio.value === state.model;
  const { seed, count, truncation, picture, between, steps } = state;
  const values = { seed, count, from: between[0], to: between[1], steps };
  for (const [id, value] of Object.entries(values)) $(id).value = value;
  $("truncation").value = truncation || states.NO_TRUNCATION;
  const words = truncation ? `±${truncation.toFixed(1)}` : "none";
  $("truncation-text").value = words;
  $("truncation").setAttribute("aria-valuetext", truncation ? `${words} standard deviations` : words);
  showNudge(state.nudge);
  drawGrid();
  $("grid").querySelectorAll("input")[picture - 1].checked = true;
  drawChosen();
  drawWalk();
  $("code").textContent = commands();
}

function commands() {
  const { seed, count, truncation } = state;
  const { name, version, pretrained } = model();
  const inputs = JSON.stringify({ signature_name: "sample_png", inputs: { count, seed, truncation } });
  const cut = truncation ? ` --truncation ${truncation}` : "";
  const address = new URL(`v1/models/${encodeURIComponent(name)}/versions/${version}:predict`, location.href.split("#")[0]);
  const lines = [`curl -s ${address} \\\n  -d '${inputs}'`];
  if (pretrained) lines.unshift(`kerasgan sample ${name} --seed ${seed} --count ${count}${cut} --output samples.png`);
  return lines.join("\n\n");
}

let keeping;
const keep = (how = "replaceState") => history[how](null, "", states.write(state));

/** Change the state; the browser's way back leads to what is to be remembered. */
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
function choose() {
  note = "";
  if (model()) return;
  const name = state.model.replace(/\/\d+$/, "");
  const found = models.find((one) => one.name === name) ?? models[0];
  if (state.model) note = `${state.model} is not served here: this is ${key(found)}.`;
  state.model = key(found);
}

function listen() {
  const on = (id, event, work) => $(id).addEventListener(event, work);
  const seeds = { seed: (seed) => ({ seed }), from: (a) => ({ between: [a, state.between[1]] }), to: (b) => ({ between: [state.between[0], b] }) };
  for (const [id, changes] of Object.entries(seeds)) {
    seedField($(id), (value) => change(changes(value)));
  }
  const step = (by) => () => change({ seed: states.integer(`${state.seed + by}`) ?? state.seed });
  on("previous", "click", step(-1));
  on("next", "click", step(1));
  on("random", "click", () => change({ seed: states.randomSeed() }, true));
  on("random-walk", "click", () => change({ between: [states.randomSeed(), states.randomSeed()] }, true));
  on("count", "change", () => change({ count: Number($("count").value) }));
  on("steps", "change", () => change({ steps: Number($("steps").value) }));
  on("truncation", "input", () => {
    const value = Number($("truncation").value);
    change({ truncation: value < states.NO_TRUNCATION ? value : 0 });
  });
  on("grid", "change", (event) => change({ picture: Number(event.target.value) }));
  arrowsInRows($("grid"), columns);
  on("reset", "click", () => change({ nudge: state.nudge.map((one) => ({ ...one, amount: 0 })) }));
  on("save-grid", "click", async () => {
    const canvas = await together(images($("grid")), columns());
    save(canvas.toDataURL(), `${model().name}-seed${state.seed}.png`);
  });
  on("save-one", "click", () => {
    const text = $("chosen").querySelector("span").textContent;
    save($("chosen").querySelector("img").src, `${model().name}-${text.toLowerCase().replace(/[^a-z0-9-]+/g, "-")}.png`);
  });
  on("save-walk", "click", async () => {
    const canvas = await together(images($("walk")), state.steps);
    save(canvas.toDataURL(), `${model().name}-from${state.between[0]}-to${state.between[1]}.png`);
  });
  on("skip", "click", (event) => {
    event.preventDefault(); // The address keeps the state.
    $("pictures").focus();
  });
  addEventListener("hashchange", () => {
    clearTimeout(keeping);
    state = states.read(location.hash);
    choose();
    change({});
  });
}

async function start() {
  watchTrouble((message) => {
    troubles.server = message;
    showTrouble();
  });
  $("trouble").querySelector("button").addEventListener("click", () => {
    retryNow();
    if (models.length) render();
  });
  choices($("count"), states.COUNTS);
  choices($("steps"), states.STEPS);
  try {
    ({ models } = await gallery());
  } catch (error) {
    $("models").replaceChildren(make("p", { className: "note" }, error.message));
    return;
  }
  if (!models.length) {
    $("models").replaceChildren(make("p", { className: "note" }, "The server has no model. `kerasgan export NAME` makes one."));
    return;
  }
  showCards($("models"), models, (one) => {
    note = "";
    change({ model: key(one) }, true);
  });
  showNudge = showDirections($("directions"), state.nudge, (nudge) => change({ nudge }));
  $("workbench").hidden = false;
  listen();
  choose();
  change({});
  fillCards($("models"), models, predict);
}

start();
