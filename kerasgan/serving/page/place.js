// A part of the page in which images come and go, and what went wrong there.

import { lane } from "./lane.js";
import { $, make } from "./dom.js";

const troubles = {}; // where -> what

/** Show what went wrong somewhere; "" when it went well. */
export function trouble(where, message) {
  troubles[where] = message;
  const told = Object.values(troubles).find(Boolean) ?? "";
  $("trouble").hidden = !told;
  const text = $("trouble").querySelector("p");
  // The same words once more would be read out once more.
  if (text.textContent !== told) text.textContent = told;
}

export class Place {
  #lane = lane();
  #wanted = null; // what it shows, or will show
  #places = null; // for which images it is laid out

  constructor(id) {
    this.id = id;
    this.box = $(id);
  }

  get images() {
    return [...this.box.querySelectorAll("img")];
  }

  get failed() {
    return Boolean(troubles[this.id]);
  }

  /** Whether the images are those that were asked for last. */
  get ready() {
    const there = this.images.every((image) => image.src);
    return there && this.box.getAttribute("aria-busy") !== "true";
  }

  /**
   * Draw something, if it is not there or on its way already. What is under
   * way goes on being drawn where `about` stays the same (see `lane`).
   */
  draw({ about, detail, work, show, failed }) {
    const wanted = JSON.stringify([about, detail]);
    if (this.#wanted === wanted) return;
    this.#wanted = wanted;
    this.#wait(true);
    const done = (message) => {
      if (this.#wanted === wanted) this.#wait(false);
      trouble(this.id, message);
    };
    const right = (answer) => {
      done("");
      show(answer);
    };
    const wrong = (error) => {
      done(error.message);
      this.clear();
      failed?.();
    };
    this.#lane.push(JSON.stringify(about), work, right, wrong);
  }

  /** Give up what is under way, since something else will come. */
  drop() {
    this.#lane.drop();
    this.#wanted = null;
    this.#wait(true);
  }

  /** Take away images that are of something else. */
  clear() {
    this.#lane.drop();
    this.#wanted = null;
    this.#wait(false);
    // One whose source was removed looks broken; a new one is empty.
    for (const image of this.images) image.replaceWith(blank());
  }

  /** Make places for images of a model, to be chosen from or not. */
  layOut(model, count, columns, chosen) {
    const places = JSON.stringify([model.name, model.version, count]);
    if (this.#places === places) return;
    this.#places = places;
    this.box.style.setProperty("--columns", columns);
    this.box.replaceChildren(
      ...Array.from({ length: count }, (_, i) => {
        if (!chosen) return blank();
        const ariaLabel = `Image ${i + 1}`;
        const value = i + 1;
        const radio = { type: "radio", name: this.id, value, ariaLabel };
        return make("label", {}, make("input", radio), blank());
      }),
    );
  }

  #wait(is) {
    this.box.setAttribute("aria-busy", is);
  }
}

const blank = () => make("img", { alt: "" });
