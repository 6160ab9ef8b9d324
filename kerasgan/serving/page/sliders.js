// The sliders of the main directions.

import { make } from "./dom.js";
import { MOST_MOVED } from "./state.js";

/** Lay out `count` sliders; `changed(moves)` gets a new list of amounts. */
export function layOutSliders(box, count, changed) {
  if (box.children.length === count) return;
  const rows = Array.from({ length: count }, (_, i) => row(i, changed));
  box.replaceChildren(...rows);
}

/** Show amounts. */
export function showMoves(box, moves) {
  [...box.children].forEach((row, i) => {
    row.querySelector("input").value = moves[i];
    row.querySelector("output").value = signed(moves[i]);
  });
}

function row(i, changed) {
  const id = `amount-${i}`;
  const slider = make("input", {
    type: "range",
    id,
    min: -MOST_MOVED,
    max: MOST_MOVED,
    step: 0.1,
  });
  slider.addEventListener("input", () => changed(i, Number(slider.value)));
  const text = make("output");
  text.htmlFor = id;
  const label = make("label", { htmlFor: id }, `Direction ${i + 1}`);
  return make("div", { className: "direction" }, label, slider, text);
}

function signed(amount) {
  if (!amount) return "0";
  return `${amount > 0 ? "+" : "−"}${Math.abs(amount).toFixed(1)}`;
}
