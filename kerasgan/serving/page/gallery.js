// The cards of the models.

import { pngUrl } from "./pictures.js";
import { make } from "./dom.js";

export const SAMPLES = 8;
const SEED = 0;

export const key = ({ name, version }) => `${name}/${version}`;

/** The models as cards, of which one is chosen. */
export function showCards(group, models, choose) {
  group.replaceChildren(...models.map((model) => card(model, choose)));
  group.setAttribute("aria-busy", "false");
}

/** Draw some pictures into each card, one card after the other. */
export async function fillCards(group, models, predict) {
  const inputs = { count: SAMPLES, seed: SEED, truncation: 0 };
  for (const [at, model] of models.entries()) {
    const strip = group.children[at].querySelector(".samples");
    try {
      const files = await predict(model, "sample_png", inputs);
      files.forEach(({ b64 }, i) => (strip.children[i].src = pngUrl(b64)));
    } catch (error) {
      strip.replaceChildren(make("p", { className: "note" }, error.message));
    }
  }
}

function card(model, choose) {
  const [height, width] = model.image_shape;
  const radio = make("input", { type: "radio", name: "model", value: key(model) });
  radio.addEventListener("change", () => choose(model));
  const ariaLabel = `Pictures by ${model.name}, not selected`;
  const samples = make("div", { className: "samples", role: "img", ariaLabel });
  samples.style.setProperty("--shape", `${width} / ${height}`);
  for (let i = 0; i < SAMPLES; i++) samples.append(make("img", { alt: "" }));
  const told = model.numbers.filter((number) => number.headline);
  const about = make(
    "div",
    { className: "about" },
    make(
      "p",
      { className: "name" },
      make("strong", {}, model.name),
      make("span", { className: "version" }, `version ${model.version}`),
      model.licence && licence(model.licence),
    ),
    make("p", {}, model.summary ?? `Pictures of ${width}x${height} pixels. The zoo has no entry of this name and shape.`),
    told.length ? make("dl", {}, ...told.map(headline)) : null,
  );
  return make(
    "div",
    { className: "card" },
    make("label", {}, radio, samples, about),
    model.in_zoo ? details(model) : null,
  );
}

function licence(text) {
  const restricted = /non-?commercial|research only/i.test(text);
  return make(
    "span",
    { className: restricted ? "badge restricted" : "badge", title: text },
    text.replace(/ \(.*$/, ""),
  );
}

function headline({ label, text, protocol }) {
  return make(
    "div",
    {},
    make("dt", {}, label),
    make("dd", {}, make("b", {}, text), make("small", {}, protocol)),
  );
}

function details(model) {
  const line = (label, text) =>
    text && make("p", {}, make("b", {}, `${label}: `), text);
  const rows = model.numbers.map(({ label, text, protocol }) =>
    make("tr", {}, make("th", { scope: "row" }, label), make("td", {}, text), make("td", {}, protocol)),
  );
  const other = model.numbers.some(({ name }) => name.endsWith("768"));
  return make(
    "details",
    {},
    make("summary", {}, "Training, all numbers, licence, limits"),
    line("Training", model.training),
    line("Licence", model.licence),
    line("Intended use", model.intended_use),
    make("p", {}, make("b", {}, "Limits:")),
    make("ul", {}, ...model.limits.map((limit) => make("li", {}, limit))),
    rows.length ? make("div", { className: "scroll" }, make("table", {}, make("tbody", {}, ...rows))) : null,
    other ? make("p", { className: "note" }, "FID-768, KID-768 and the like look at 768 features of the Inception network; they are not FID and KID.") : null,
  );
}
