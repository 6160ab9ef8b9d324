// Pixels, PNG files, and many pictures as one.

const PADDING = 2; // pixels, as in the grids of `kerasgan sample`

export const pngUrl = (base64) => `data:image/png;base64,${base64}`;

/**
 * Pixels [height][width][channels] as a PNG data address.
 * `toByte` turns a value into a byte.
 */
export function pixelsUrl(rows, toByte = (value) => value) {
  const [height, width] = [rows.length, rows[0].length];
  const channels = rows[0][0].length;
  const [coloured, transparent] = [channels > 2, channels % 2 === 0];
  const canvas = blank(width, height);
  const picture = new ImageData(width, height);
  let at = 0;
  for (const pixel of rows.flat()) {
    const bytes = pixel.map(toByte);
    const colours = coloured ? bytes.slice(0, 3) : Array(3).fill(bytes[0]);
    picture.data.set(colours, at);
    picture.data[at + 3] = transparent ? bytes.at(-1) : 255;
    at += 4;
  }
  canvas.getContext("2d").putImageData(picture, 0, 0);
  return canvas.toDataURL("image/png");
}

/**
 * [-1, 1] to bytes as `kerasgan.sample` does it, in float32; the array of a
 * picture clips, and rounds halves to even.
 */
export const toByte = (value) => Math.fround(Math.fround(value + 1) * 127.5);

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
