// What the address keeps, so that a link shows the same pictures.

export const COUNTS = [1, 4, 9, 16, 25, 36, 64];
export const STEPS = [4, 8, 12, 16];
export const NO_TRUNCATION = 3;
export const LEAST_TRUNCATION = 0.2;

export const DEFAULTS = {
  model: "", // NAME/VERSION
  seed: 0,
  count: 16,
  truncation: 0, // standard deviations; 0 is none
  label: "", // the name of a class; "" is any
  picture: 1, // of the grid, from 1
  nudge: [101, 102, 103, 104].map((seed) => ({ seed, amount: 0 })),
  between: [1, 2],
  fromLabel: "", // the classes of its ends
  toLabel: "",
  steps: 8,
};

/** The integer that a text says, or null: one that a number holds exactly. */
export function integer(text) {
  const number = text?.trim() ? Number(text) : NaN;
  return Number.isSafeInteger(number) ? number : null;
}

/** A seed short enough to be told to somebody. */
export function randomSeed() {
  return crypto.getRandomValues(new Uint32Array(1))[0] % 1_000_000;
}

const one = (text, allowed) =>
  allowed.includes(integer(text)) ? integer(text) : null;

const READ = {
  model: (text) => text,
  seed: integer,
  count: (text) => one(text, COUNTS),
  truncation: (text) => {
    const value = Math.round(Number(text) * 10) / 10;
    return value >= LEAST_TRUNCATION && value < NO_TRUNCATION ? value : null;
  },
  picture: (text) => {
    const value = integer(text);
    return value >= 1 && value <= COUNTS.at(-1) ? value : null;
  },
  nudge: (text) => {
    const found = text.split(",").map((part) => {
      const [seed, amount] = part.split(":");
      const clipped = Math.max(-1, Math.min(1, Number(amount)));
      return { seed: integer(seed), amount: clipped };
    });
    const right =
      found.length === DEFAULTS.nudge.length &&
      found.every(({ seed, amount }) => seed !== null && !isNaN(amount));
    return right ? found : null;
  },
  between: (text) => {
    const seeds = text.split(",").map(integer);
    return seeds.length === 2 && !seeds.includes(null) ? seeds : null;
  },
  steps: (text) => one(text, STEPS),
  label: (text) => text,
  fromLabel: (text) => text,
  toLabel: (text) => text,
};

const WRITE = {
  model: (name) => encodeURIComponent(name).replaceAll("%2F", "/"),
  nudge: (all) => all.map(({ seed, amount }) => `${seed}:${amount}`).join(),
  label: encodeURIComponent,
  fromLabel: encodeURIComponent,
  toLabel: encodeURIComponent,
};

/** The state of a hash; what it lacks or says wrongly is as by default. */
export function read(hash) {
  const state = structuredClone(DEFAULTS);
  for (const [key, text] of new URLSearchParams(hash.replace(/^#/, ""))) {
    const value = Object.hasOwn(READ, key) ? READ[key](text) : null;
    if (value !== null) state[key] = value;
  }
  return state;
}

/** The hash of a state: the model, the seed, and what is not as by default. */
export function write(state) {
  const parts = [];
  for (const [key, value] of Object.entries(state)) {
    const text = (WRITE[key] ?? String)(value);
    const usual = (WRITE[key] ?? String)(DEFAULTS[key]);
    if (key === "seed" || text !== usual) parts.push(`${key}=${text}`);
  }
  return `#${parts.join("&")}`;
}
