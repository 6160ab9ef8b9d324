// What the address keeps, so that a link shows the same images.

export const COUNTS = [1, 4, 9, 16, 25, 36, 64];
export const STEPS = [4, 8, 12, 16, 24, 32, 48];
export const MOST_MOVED = 3; // standard deviations along a direction
export const NO_TRUNCATION = 3;
export const LEAST_TRUNCATION = 0.2;

const STILL = Array(6).fill(0); // along the main directions

/** The first image of a seed, and one that a place, a truncation, moves change. */
export const imageOf = (seed, more = {}) => ({
  seed,
  number: 1,
  truncation: 0,
  moves: STILL,
  ...more,
});

/** Whether it is the first image of a seed as it is. */
export const isPlain = (image) =>
  !image.photo && writeImage(image) === `${image.seed}`;

export const DEFAULTS = {
  model: "", // NAME/VERSION
  seed: 0,
  count: 16,
  truncation: 0, // standard deviations; 0 is none
  label: "", // the name of a class; "" is any
  number: 1, // of the grid, from 1
  photo: false, // whether the chosen image is the photo; not in links
  moves: STILL, // of the chosen image, standard deviations
  between: [imageOf(1), imageOf(2)],
  fromLabel: "", // the classes of its ends
  toLabel: "",
  steps: 16,
};

/** The integer that a text says, or null: one that a number holds exactly. */
export function integer(text) {
  const value = text?.trim() ? Number(text) : NaN;
  return Number.isSafeInteger(value) ? value : null;
}

/** A seed short enough to be told to somebody. */
export function randomSeed() {
  return crypto.getRandomValues(new Uint32Array(1))[0] % 1_000_000;
}

const one = (text, allowed) =>
  allowed.includes(integer(text)) ? integer(text) : null;

const truncationOf = (text) => {
  const value = Math.round(Number(text) * 10) / 10;
  return value >= LEAST_TRUNCATION && value < NO_TRUNCATION ? value : null;
};

const numberOf = (text) => {
  const value = integer(text);
  return value >= 1 && value <= COUNTS.at(-1) ? value : null;
};

const movesOf = (text) => {
  const found = text.split(":").map(Number);
  if (found.some(isNaN) || found.length > STILL.length) return null;
  return STILL.map((_, i) =>
    Math.max(-MOST_MOVED, Math.min(MOST_MOVED, found[i] ?? 0)),
  );
};

/** SEED, SEED~NUMBER, SEED~NUMBER~TRUNCATION or SEED~NUMBER~TRUNCATION~MOVES. */
function readImage(text) {
  const [seed, number, truncation, moves] = text.split("~");
  const found = imageOf(integer(seed), {
    number: number === undefined ? 1 : numberOf(number),
    truncation: Number(truncation ?? 0) ? truncationOf(truncation) : 0,
    moves: moves === undefined ? STILL : movesOf(moves),
  });
  return Object.values(found).includes(null) ? null : found;
}

const trimmed = (values, least) => {
  while (values.length && values.at(-1) === least[values.length - 1]) {
    values.pop();
  }
  return values;
};

const writeMoves = (moves) => trimmed([...moves], STILL).join(":");

function writeImage({ seed, number, truncation, moves }) {
  const parts = [`${seed}`, `${number}`, `${truncation}`, writeMoves(moves)];
  return trimmed(parts, [null, "1", "0", ""]).join("~");
}

const READ = {
  model: (text) => text,
  seed: integer,
  count: (text) => one(text, COUNTS),
  truncation: truncationOf,
  number: numberOf,
  moves: movesOf,
  between: (text) => {
    const images = text.split(",").map(readImage);
    return images.length === 2 && !images.includes(null) ? images : null;
  },
  steps: (text) => one(text, STEPS),
  label: (text) => text,
  fromLabel: (text) => text,
  toLabel: (text) => text,
};

const WRITE = {
  model: (name) => encodeURIComponent(name).replaceAll("%2F", "/"),
  moves: writeMoves,
  // A photo is in nobody's link.
  between: (images) =>
    images
      .map((image, i) => (image.photo ? DEFAULTS.between[i] : image))
      .map(writeImage)
      .join(),
  label: encodeURIComponent,
  fromLabel: encodeURIComponent,
  toLabel: encodeURIComponent,
};

/** The state of a hash; what it lacks or says wrongly is as by default. */
export function read(hash) {
  const state = structuredClone(DEFAULTS);
  for (const [name, text] of new URLSearchParams(hash.replace(/^#/, ""))) {
    const key = name === "picture" ? "number" : name; // links before 0.3
    const value = Object.hasOwn(READ, key) ? READ[key](text) : null;
    if (value !== null) state[key] = value;
  }
  return state;
}

/** The hash of a state: the model, the seed, and what is not as by default. */
export function write(state) {
  const parts = [];
  for (const key of Object.keys(READ)) {
    const value = state[key];
    const text = (WRITE[key] ?? String)(value);
    const usual = (WRITE[key] ?? String)(DEFAULTS[key]);
    if (key === "seed" || text !== usual) parts.push(`${key}=${text}`);
  }
  return `#${parts.join("&")}`;
}
