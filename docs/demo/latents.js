// The latents of `kerasgan.sampling`, the same float32 bits: a seed shows the
// same image here, in Python and from a server.

const ROTATIONS = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
];
const PARITY = 0x1bd11bda;

/**
 * Threefry-2x32 with 20 rounds (Salmon et al., SC 2011): the words [x, y],
 * from 0 to 2^32 - 1, of a key [low, high] at a counter (i, j).
 */
export function threefry(key, i, j) {
  const schedule = [...key, PARITY ^ key[0] ^ key[1]];
  let x = (i + schedule[0]) | 0;
  let y = (j + schedule[1]) | 0;
  for (let block = 0; block < 5; block++) {
    for (const bits of ROTATIONS[block % 2]) {
      x = (x + y) | 0;
      y = ((y << bits) | (y >>> (32 - bits))) ^ x;
    }
    x = (x + schedule[(block + 1) % 3]) | 0;
    y = (y + schedule[(block + 2) % 3] + block + 1) | 0;
  }
  return [x >>> 0, y >>> 0];
}

/**
 * Standard normal latents [count][size]. The seed is an integer of 64 bits with
 * sign (a BigInt, or a number that is exact); a truncation that is not positive
 * means none.
 */
export function latents(count, size, seed, truncation = 0) {
  const key = seedKey(seed);
  const cut = truncation > 0;
  const low = cut ? ndtr(-truncation) : 0;
  const width = cut ? ndtr(truncation) - low : 1;
  return Array.from({ length: count }, (_, i) =>
    Array.from({ length: size }, (_, j) => {
      const uniform = (threefry(key, i, j)[0] + 0.5) / 2 ** 32;
      const z = ndtri(low + uniform * width);
      return Math.fround(cut ? clipped(z, truncation) : z);
    }),
  );
}

const clipped = (z, most) => Math.max(-most, Math.min(most, z));

function seedKey(seed) {
  const bits = BigInt.asUintN(64, BigInt(seed));
  return [bits, bits >> 32n].map((word) => Number(word & 0xffffffffn));
}

// From here on Cephes (S. L. Moshier), which SciPy computes by: the order of
// operations decides about the last bit. Of its ranges, those that can occur:
// no uniform number lies below 2^-33.

/** The sum of c_k x^(n-k). */
const polynomial = (x, coefficients) =>
  coefficients.reduce((sum, coefficient) => sum * x + coefficient);

/** The inverse of the normal distribution function. */
function ndtri(p) {
  const upper = p > 1 - EXP_MINUS_2;
  const tail = upper ? 1 - p : p;
  if (tail > EXP_MINUS_2) {
    const c = tail - 0.5;
    const c2 = c * c;
    const ratio = polynomial(c2, NDTRI_P0) / polynomial(c2, NDTRI_Q0);
    return (c + c * (c2 * ratio)) * 2.50662827463100050242;
  }
  const x = Math.sqrt(-2 * Math.log(tail));
  const z = 1 / x;
  const ratio = polynomial(z, NDTRI_P1) / polynomial(z, NDTRI_Q1);
  const size = x - Math.log(x) / x - z * ratio;
  return upper ? size : -size;
}

/** The normal distribution function. */
function ndtr(a) {
  const x = a * Math.SQRT1_2;
  if (Math.abs(x) < 1) return 0.5 + 0.5 * erf(x);
  const tail = 0.5 * erfc(Math.abs(x));
  return x > 0 ? 1 - tail : tail;
}

/** The error function from -1 to 1. */
function erf(x) {
  const square = x * x;
  return (x * polynomial(square, ERF_T)) / polynomial(square, ERF_U);
}

/** Its complement from 1; above 8 it is lost in the rounding of latents. */
function erfc(x) {
  if (x >= 8) return 0;
  return (Math.exp(-x * x) * polynomial(x, ERFC_P)) / polynomial(x, ERFC_Q);
}

const EXP_MINUS_2 = 0.13533528323661269189;
const NDTRI_P0 = [
  -5.99633501014107895267e1, 9.80010754185999661536e1, -5.66762857469070293439e1,
  1.39312609387279679503e1, -1.23916583867381258016,
];
const NDTRI_Q0 = [
  1, 1.95448858338141759834, 4.67627912898881538453, 8.63602421390890590575e1,
  -2.25462687854119370527e2, 2.00260212380060660359e2, -8.20372256168333339912e1,
  1.59056225126211695515e1, -1.18331621121330003142,
];
const NDTRI_P1 = [
  4.05544892305962419923, 3.15251094599893866154e1, 5.71628192246421288162e1,
  4.408050738932008347e1, 1.46849561928858024014e1, 2.18663306850790267539,
  -1.40256079171354495875e-1, -3.50424626827848203418e-2,
  -8.57456785154685413611e-4,
];
const NDTRI_Q1 = [
  1, 1.57799883256466749731e1, 4.53907635128879210584e1, 4.1317203825467203044e1,
  1.50425385692907503408e1, 2.50464946208309415979, -1.42182922854787788574e-1,
  -3.80806407691578277194e-2, -9.33259480895457427372e-4,
];
const ERF_T = [
  9.60497373987051638749, 9.00260197203842689217e1, 2.23200534594684319226e3,
  7.00332514112805075473e3, 5.55923013010394962768e4,
];
const ERF_U = [
  1, 3.35617141647503099647e1, 5.21357949780152679795e2,
  4.59432382970980127987e3, 2.26290000613890934246e4, 4.92673942608635921086e4,
];
const ERFC_P = [
  2.46196981473530512524e-10, 5.64189564831068821977e-1, 7.46321056442269912687,
  4.86371970985681366614e1, 1.96520832956077098242e2, 5.26445194995477358631e2,
  9.34528527171957607540e2, 1.02755188689515710272e3, 5.57535335369399327526e2,
];
const ERFC_Q = [
  1, 1.32281951154744992508e1, 8.67072140885989742329e1,
  3.54937778887819891062e2, 9.75708501743205489753e2, 1.82390916687909736289e3,
  2.24633760818710981792e3, 1.65666309194161350182e3, 5.57535340817727675546e2,
];
