// Latents that move along directions, and between each other.

const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);
const norm = (a) => Math.sqrt(dot(a, a));
const mix = (x, a, y, b) => a.map((value, i) => x * value + y * b[i]);

/** z + sum of amounts[k] directions[k]: as `kerasgan.sampling.traverse`. */
export const moved = (z, directions, amounts) =>
  amounts.reduce(
    (sum, amount, k) => (amount ? mix(1, sum, amount, directions[k]) : sum),
    z,
  );

/** Latents [steps][n] from a to b: `kerasgan.sampling.slerp`. */
export function slerp(a, b, steps) {
  const [lengthA, lengthB] = [norm(a), norm(b)];
  // A zero vector has no direction: it takes that of the other one.
  const first = lengthA ? mix(1 / lengthA, a, 0, a) : mix(1 / lengthB, b, 0, b);
  const last = lengthB ? mix(1 / lengthB, b, 0, b) : first;
  const cosine = dot(first, last);
  let across = mix(1, last, -cosine, first);
  const sine = norm(across);
  if (sine < 1e-12) {
    const sizes = first.map(Math.abs);
    const least = sizes.indexOf(Math.min(...sizes));
    const axis = first.map((_, i) => Number(i === least));
    across = mix(1, axis, -dot(axis, first), first);
  }
  across = mix(1 / norm(across), across, 0, across);
  const angle = Math.atan2(sine, cosine);
  return Array.from({ length: steps }, (_, step) => {
    // The ends are given, without the rounding of the way there and back.
    if (step === 0) return a;
    if (step === steps - 1) return b;
    const fraction = step / (steps - 1);
    const length = (1 - fraction) * lengthA + fraction * lengthB;
    const turn = fraction * angle;
    return mix(length * Math.cos(turn), first, length * Math.sin(turn), across);
  });
}
