// A photo of the user's, and the latents that come nearest to it.

import * as api from "./api.js";
import { $ } from "./dom.js";
import { key } from "./gallery.js";
import { middleOf, urlOf } from "./images.js";
import { imageOf } from "./state.js";

let descent = null; // what ends the reconstruction under way
let shown = null; // the model for which a photo is shown

const tell = (text) => ($("own-status").textContent = text);

/** Take away a photo that was not for this model, and what is under way. */
export function forgetPhoto(name) {
  if (shown === name) return;
  descent?.abort();
  shown = null;
  $("photo").hidden = true;
  tell("");
}

/**
 * An image as in `state.imageOf`, with the latents of a file's image as `photo`
 * and its label; or null, if it is told why.
 */
export async function reconstruct(model, file, name) {
  const { classes, image_shape: shape } = model;
  descent?.abort();
  const { signal } = (descent = new AbortController());
  let image;
  try {
    image = await middleOf(file, shape);
  } catch {
    tell(`${file.name} is no image that this browser can read.`);
    return null;
  }
  if (signal.aborted) return null;
  shown = key(model);
  $("photo-image").src = urlOf(image);
  $("photo").hidden = false;
  tell("Searching its latents, which takes some seconds …");
  // Any class: the first.
  const label = classes ? Math.max(0, classes.indexOf(name)) : undefined;
  try {
    const { latents, error } = await api.reconstruct(model, image, label, signal);
    tell(`Mean squared error ${error.toFixed(4)}, pixels from 0 to 1.`);
    return imageOf(0, { photo: latents, label });
  } catch (error) {
    if (!signal.aborted) tell(error.message);
    return null;
  }
}
