// The cards of the models.

import { make } from "./dom.js";

const SAMPLES = 8;
const SEED = 0;

export const key = ({ name, version }) => `${name}/${version}`;

/** The input of a class, by its name, if the model has classes; -1 is any. */
export const classInput = ({ classes }, name) =>
  classes ? { label: classes.indexOf(name) } : {};

/** The models as cards, of which one is chosen; those there are stay. */
export function showCards(group, models, choose) {
  if (!group.querySelector(".card")) group.replaceChildren();
  models.forEach((model, at) => {
    const next = group.children[at];
    if (next?.querySelector("input").value === key(model)) return;
    group.insertBefore(card(model, choose), next ?? null);
  });
  group.setAttribute("aria-busy", "false");
}

/** Fill the select of the models, those of one data set together. */
export function modelChoices(select, models) {
  const groups = Map.groupBy(models, ({ data }) => data ?? "other");
  const options = (those) =>
    those.map((one) => make("option", { value: key(one) }, one.name));
  const boxes = [...groups].map(([label, those]) =>
    make("optgroup", { label }, ...options(those)),
  );
  select.replaceChildren(...boxes);
}

/** A line about a model: what it is, and what its weights may be used for. */
export function brief({ licence, summary, image_shape: [height, width] }) {
  const words = summary ?? `Images of ${width}x${height} pixels.`;
  return [make("span", {}, words), licence ? badge(licence) : ""];
}

/** What is said of models that are not there, or not yet. */
export function absent({ models, loading, failed }) {
  const lines = Object.values(failed);
  if (loading.length) {
    const more = models.length ? "more " : "";
    const what = loading.length === 1 ? "model is" : "models are";
    const names = loading.join(", ");
    lines.unshift(`${loading.length} ${more}${what} loading: ${names}`);
  }
  return lines.map((line) => make("p", { className: "note" }, line));
}

/** Draw some images into each card, one card after the other. */
export async function fillCards(group, models, sample) {
  for (const model of models) {
    const any = classInput(model, "");
    const inputs = { count: SAMPLES, seed: SEED, truncation: 0, ...any };
    const cards = [...group.children];
    const strip = cards
      .find((one) => one.querySelector("input").value === key(model))
      .querySelector(".samples");
    try {
      const urls = await sample(model, inputs);
      urls.forEach((url, i) => (strip.children[i].src = url));
    } catch (error) {
      strip.replaceChildren(make("p", { className: "note" }, error.message));
    }
  }
}

function card(model, choose) {
  const value = key(model);
  const radio = make("input", { type: "radio", name: "model", value });
  radio.addEventListener("change", () => choose(model));
  return make(
    "div",
    { className: "card" },
    make("label", {}, radio, samples(model), about(model)),
    model.in_zoo ? details(model) : null,
  );
}

function samples({ name, image_shape: [height, width] }) {
  const box = make("div", {
    className: "samples",
    role: "img",
    ariaLabel: `Images by ${name}, not selected`,
  });
  box.style.setProperty("--shape", `${width} / ${height}`);
  for (let i = 0; i < SAMPLES; i++) box.append(make("img", { alt: "" }));
  return box;
}

function about(model) {
  const { name, version, licence, summary, numbers, image_shape } = model;
  const unknown =
    `Images of ${image_shape[1]}x${image_shape[0]} pixels. ` +
    "The zoo has no entry of this name and shape.";
  const told = numbers.filter((number) => number.headline);
  const title = make(
    "p",
    { className: "name" },
    make("strong", {}, name),
    make("span", { className: "version" }, `version ${version}`),
    licence && badge(licence),
  );
  return make(
    "div",
    { className: "about" },
    title,
    make("p", {}, summary ?? unknown),
    model.classes ? make("p", {}, inBrief(model.classes)) : null,
    told.length ? make("dl", {}, ...told.map(headline)) : null,
  );
}

function inBrief(names) {
  const first = names.slice(0, 10).join(", ");
  const more = names.length > 10 ? ", …" : "";
  const count = names.length === 1 ? "1 class" : `${names.length} classes`;
  return `${count}: ${first}${more}`;
}

function badge(licence) {
  const restricted = /non-?commercial|research only/i.test(licence);
  return make(
    "span",
    { className: restricted ? "badge restricted" : "badge", title: licence },
    licence.replace(/ \(.*$/, ""),
  );
}

function headline({ label, text, protocol }) {
  const words = [make("b", {}, text), make("small", {}, protocol)];
  return make("div", {}, make("dt", {}, label), make("dd", {}, ...words));
}

function details({ training, licence, intended_use, limits, numbers }) {
  const line = (label, text) =>
    text && make("p", {}, make("b", {}, `${label}: `), text);
  const rows = numbers.map(({ label, text, protocol }) =>
    make(
      "tr",
      {},
      make("th", { scope: "row" }, label),
      make("td", {}, text),
      make("td", {}, protocol),
    ),
  );
  const table = make("table", {}, make("tbody", {}, ...rows));
  const other =
    "FID-768, KID-768 and the like look at 768 features of the Inception " +
    "network; they are not FID and KID.";
  return make(
    "details",
    {},
    make("summary", {}, "Training, all numbers, licence, limits"),
    line("Training", training),
    line("Licence", licence),
    line("Intended use", intended_use),
    line("Limits", " "),
    make("ul", {}, ...limits.map((limit) => make("li", {}, limit))),
    rows.length ? make("div", { className: "scroll" }, table) : null,
    numbers.some(({ name }) => name.endsWith("768"))
      ? make("p", { className: "note" }, other)
      : null,
  );
}
