// Pixels, and many images as one.

const PADDING = 2; // pixels, as in the grids of `kerasgan sample`

/**
 * Pixels [height][width][channels] as an `ImageData`. `toByte` turns a value
 * into a byte.
 */
export function fromRows(rows, toByte = (value) => value) {
  const [height, width] = [rows.length, rows[0].length];
  const channels = rows[0][0].length;
  const [coloured, transparent] = [channels > 2, channels % 2 === 0];
  const image = new ImageData(width, height);
  let at = 0;
  for (const pixel of rows.flat()) {
    const bytes = pixel.map(toByte);
    const colours = coloured ? bytes.slice(0, 3) : Array(3).fill(bytes[0]);
    image.data.set(colours, at);
    image.data[at + 3] = transparent ? bytes.at(-1) : 255;
    at += 4;
  }
  return image;
}

/** The pixels [height][width][channels] of an `ImageData`. */
export function toRows({ data, width, height }, channels) {
  const pixel = (at) => {
    const [red, green, blue, alpha] = data.subarray(at, at + 4);
    const gray = Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
    const colours = channels > 2 ? [red, green, blue] : [gray];
    return channels % 2 ? colours : [...colours, alpha];
  };
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => pixel(4 * (y * width + x))),
  );
}

/**
 * [-1, 1] to bytes as `kerasgan.sample` does it, in float32; the array of an
 * image clips, and rounds halves to even.
 */
export const toByte = (value) => Math.fround(Math.fround(value + 1) * 127.5);

/** An `ImageData` as a PNG data address. */
export function urlOf(image) {
  const canvas = blank(image.width, image.height);
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas.toDataURL("image/png");
}

/** The middle of a file's image, as large as the images of a model. */
export async function middleOf(file, [height, width]) {
  const whole = await createImageBitmap(file);
  const scale = Math.min(whole.width / width, whole.height / height);
  const [w, h] = [width * scale, height * scale].map(Math.floor);
  const [x, y] = [(whole.width - w) / 2, (whole.height - h) / 2];
  const small = await createImageBitmap(whole, ...[x, y].map(Math.floor), w, h, {
    resizeWidth: width,
    resizeHeight: height,
    resizeQuality: "high",
  });
  const context = blank(width, height).getContext("2d");
  context.fillStyle = "white";
  context.fillRect(0, 0, width, height);
  context.drawImage(small, 0, 0);
  return context.getImageData(0, 0, width, height);
}

/** Images in rows on white, at their own size: a canvas. */
export async function together(images, columns) {
  await Promise.all(images.map((image) => image.decode()));
  const { naturalWidth: width, naturalHeight: height } = images[0];
  const rows = Math.ceil(images.length / columns);
  const canvas = blank(
    columns * (width + PADDING) + PADDING,
    rows * (height + PADDING) + PADDING,
  );
  const context = canvas.getContext("2d");
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  images.forEach((image, at) => {
    const left = PADDING + (at % columns) * (width + PADDING);
    const top = PADDING + Math.floor(at / columns) * (height + PADDING);
    context.drawImage(image, left, top);
  });
  return canvas;
}

/** Hand a file to the user. */
export function save(url, name) {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
}

function blank(width, height) {
  const canvas = document.createElement("canvas");
  return Object.assign(canvas, { width, height });
}
