// Latents turned along random directions, and the sliders that do it.

import { make, seedField } from "./dom.js";
import { randomSeed } from "./state.js";

const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);

/**
 * z turned by amounts a_i along directions d_i, each at right angles to z and
 * as long as it: z + sum of a_i d_i, brought back to the length of z. There the
 * pictures are as good as before; along one direction, 1 is 45 degrees.
 */
export function nudged(z, directions, amounts) {
  const square = dot(z, z);
  const sum = [...z];
  directions.forEach((direction, k) => {
    const along = dot(direction, z) / square || 0;
    const across = direction.map((value, i) => value - along * z[i]);
    const scale = amounts[k] * Math.sqrt(square / dot(across, across));
    if (!Number.isFinite(scale)) return;
    across.forEach((value, i) => (sum[i] += scale * value));
  });
  const back = Math.sqrt(square / dot(sum, sum)) || 0;
  return sum.map((value) => value * back);
}

/** The sliders; `changed(all)` gets a new list of seeds and amounts. */
export function showDirections(box, nudge, changed) {
  const set = (i, change) => {
    nudge = nudge.with(i, { ...nudge[i], ...change });
    show(nudge);
    changed(nudge);
  };
  const rows = nudge.map((_, i) => row(i, (change) => set(i, change)));
  box.replaceChildren(...rows.map(({ element }) => element));

  function show(all) {
    nudge = all;
    all.forEach(({ seed, amount }, i) => {
      rows[i].seed.value = seed;
      rows[i].slider.value = amount;
      rows[i].text.value = signed(amount);
    });
  }
  return show;
}

function row(i, set) {
  const seed = make("input", {
    type: "number",
    id: `direction-${i}`,
    ariaLabel: `Seed of direction ${i + 1}`,
  });
  seedField(seed, (value) => set({ seed: value }));
  const another = make("button", {
    type: "button",
    id: `another-${i}`,
    textContent: "↻",
    title: "Another direction",
    ariaLabel: `Another direction ${i + 1}`,
  });
  another.addEventListener("click", () => set({ seed: randomSeed() }));
  const slider = make("input", {
    type: "range",
    id: `amount-${i}`,
    min: -1,
    max: 1,
    step: 0.05,
    ariaLabel: `Amount of direction ${i + 1}`,
  });
  slider.addEventListener("input", () => set({ amount: Number(slider.value) }));
  const text = make("output");
  text.htmlFor = slider.id;
  const properties = { className: "direction" };
  const element = make("div", properties, seed, another, slider, text);
  return { element, seed, slider, text };
}

function signed(amount) {
  if (!amount) return "0";
  return `${amount > 0 ? "+" : "−"}${Math.abs(amount).toFixed(2)}`;
}
