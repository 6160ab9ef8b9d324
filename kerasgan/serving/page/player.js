// The morph that plays, there and back.

import { apng } from "./apng.js";
import { $ } from "./dom.js";

const WHOLE = 1600; // ms from one end to the other

class Player {
  #images = [];
  #at = 0;
  #step = 1;
  #timer = null;

  /** Images to be played; none where they failed. */
  show(images, words) {
    this.#images = images;
    this.#at = 0;
    this.#step = 1;
    $("morph").ariaLabel = words;
    $("position").max = Math.max(images.length - 1, 1);
    if (!images.length) this.#stop();
    this.#draw();
  }

  get #delay() {
    return Math.max(40, WHOLE / this.#images.length);
  }

  toggle() {
    if (this.#timer) this.#stop();
    else this.play();
  }

  play() {
    if (this.#timer) return;
    $("play").textContent = "Pause";
    this.#next();
  }

  go(at) {
    this.#stop();
    this.#at = at;
    this.#draw();
  }

  /** There and back as an animated PNG, or null without images. */
  async file() {
    const images = this.#images;
    if (!images.length) return null;
    return apng([...images, ...images.slice(1, -1).reverse()], this.#delay);
  }

  #stop() {
    clearTimeout(this.#timer);
    this.#timer = null;
    $("play").textContent = "Play";
  }

  #next() {
    this.#timer = setTimeout(() => this.#next(), this.#delay);
    const last = this.#images.length - 1;
    if (last < 1) return;
    if (this.#at + this.#step < 0 || this.#at + this.#step > last) {
      this.#step = -this.#step;
    }
    this.#at += this.#step;
    this.#draw();
  }

  #draw() {
    const canvas = $("morph");
    const image = this.#images[this.#at];
    if (!image) return (canvas.width = canvas.width); // Empties it.
    const { width, height } = image;
    if (canvas.width !== width || canvas.height !== height) {
      Object.assign(canvas, { width, height });
    }
    canvas.getContext("2d").putImageData(image, 0, 0);
    $("position").value = this.#at;
    $("position").ariaValueText = `Step ${this.#at + 1} of ${this.#images.length}`;
  }
}

export const player = new Player();
