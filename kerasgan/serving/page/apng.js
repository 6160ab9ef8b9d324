// Animated PNG files: lossless, and written without a library.

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n;
});

/** Images that follow each other after `delay` ms, again and again: a Blob. */
export async function apng(images, delay) {
  const { width, height } = images[0];
  const parts = [
    Uint8Array.from(SIGNATURE),
    // 8 bits of red, green, blue and alpha.
    chunk("IHDR", [...long(width), ...long(height), 8, 6, 0, 0, 0]),
    chunk("acTL", [...long(images.length), ...long(0)]),
  ];
  let sequence = 0;
  for (const [at, image] of images.entries()) {
    const where = [width, height, 0, 0].flatMap(long);
    const time = [...short(Math.round(delay)), ...short(1000), 0, 0];
    parts.push(chunk("fcTL", [...long(sequence++), ...where, ...time]));
    const data = await compressed(filtered(image));
    parts.push(
      at ? chunk("fdAT", long(sequence++), data) : chunk("IDAT", [], data),
    );
  }
  parts.push(chunk("IEND", []));
  return new Blob(parts, { type: "image/png" });
}

const short = (n) => [(n >>> 8) & 255, n & 255];
const long = (n) => [...short(n >>> 16), ...short(n)];

function chunk(type, start, data = []) {
  const letters = [...type].map((letter) => letter.charCodeAt(0));
  const size = start.length + data.length;
  const bytes = new Uint8Array(size + 12);
  bytes.set([...long(size), ...letters, ...start]);
  bytes.set(data, 8 + start.length);
  let crc = -1;
  for (const byte of bytes.subarray(4, 8 + size)) {
    crc = TABLE[(crc ^ byte) & 255] ^ (crc >>> 8);
  }
  bytes.set(long(~crc), 8 + size);
  return bytes;
}

/** Rows of differences to the pixel on the left, which compress better. */
function filtered({ data, width, height }) {
  const line = 4 * width;
  const rows = new Uint8Array(height * (line + 1));
  for (let y = 0; y < height; y++) {
    const at = y * (line + 1);
    rows[at] = 1;
    for (let x = 0; x < line; x++) {
      const left = x < 4 ? 0 : data[y * line + x - 4];
      rows[at + 1 + x] = data[y * line + x] - left;
    }
  }
  return rows;
}

async function compressed(bytes) {
  const stream = new Blob([bytes]).stream();
  const zlib = stream.pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(zlib).arrayBuffer());
}
