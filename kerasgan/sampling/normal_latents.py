"""Standard normal latents from counters, and paths between them."""

import math
import operator

import numpy as np

from kerasgan.utils.typing import Any

_WORD = 0xFFFFFFFF
# By how many bits to the left, and to the right what then falls out.
_ROTATIONS = [
    [(np.uint32(bits), np.uint32(32 - bits)) for bits in block]
    for block in ((13, 15, 26, 6), (17, 29, 16, 24))
]
_PARITY = 0x1BD11BDA


def threefry(key: tuple[int, int], counter: Any) -> Any:
    """Computes Threefry-2x32 with 20 rounds, a keyed, counter-based function.

    Args:
        key: two integers below 2^32.
        counter: two uint32 arrays that broadcast against each other.

    Returns:
        Two uint32 arrays of the common shape.

    Reference:
        Salmon, Moraes, Dror and Shaw, "Parallel Random Numbers: As Easy as
        1, 2, 3", SC 2011, section 3.3.
    """
    schedule = (key[0], key[1], _PARITY ^ key[0] ^ key[1])
    # At least one dimension: numpy warns when a scalar wraps around.
    shape = np.broadcast_shapes(*(np.shape(word) for word in counter))
    x, y = (
        np.broadcast_to(np.asarray(word, np.uint32), shape or (1,))
        for word in counter
    )
    x = x + np.uint32(schedule[0])
    y = y + np.uint32(schedule[1])
    for block in range(5):
        for left, right in _ROTATIONS[block % 2]:
            x += y
            y = (y << left) | (y >> right)
            y ^= x
        x += np.uint32(schedule[(block + 1) % 3])
        y += np.uint32((schedule[(block + 2) % 3] + block + 1) & _WORD)
    return x.reshape(shape), y.reshape(shape)


def latents(
    count: int,
    latent_dim: int,
    seed: int = 0,
    truncation: float | None = None,
    start: Any = 0,
) -> np.ndarray:
    """Draws standard normal latents that depend on seed and place alone.

    Element (i, j) is made from `(seed, i, j)` alone, so that the first latents
    of a longer draw are those of a shorter one, on every machine and backend.
    With the first word x of Threefry-2x32-20 under the key (low 32 bits, high
    32 bits of the seed) at the counter (i, j): u = (x + 1/2) / 2^32 and
    z = Phi^-1(u). With a truncation t, the normal distribution is cut off at -t
    and t: z = Phi^-1(Phi(-t) + u (Phi(t) - Phi(-t))).

    Args:
        count: the number of latents, at least 1.
        latent_dim: the length of each, at least 1.
        seed: an integer of 64 bits with sign.
        truncation: a positive number, in standard deviations, or `None`.
        start: the index i of the first latent, at least 0: `latents(10, z)[4:]`
            is `latents(6, z, start=4)`.

    Returns:
        float32 array of shape `[count, latent_dim]`, standard normal, with a
        truncation in [-truncation, truncation].

    Raises:
        ValueError: an argument outside its range.
    """
    from scipy.special import ndtr, ndtri

    count, latent_dim, start = check_draw(
        count, latent_dim, seed, truncation, start
    )
    rows = np.arange(start, start + count, dtype=np.uint32)[:, None]
    columns = np.arange(latent_dim, dtype=np.uint32)[None, :]
    words, _ = threefry(seed_key(seed), (rows, columns))
    uniform = (words + 0.5) / 2.0**32
    if truncation is None:
        return ndtri(uniform).astype(np.float32)
    truncation = float(truncation)
    low, high = ndtr(-truncation), ndtr(truncation)
    z = ndtri(low + uniform * (high - low))
    return np.clip(z, -truncation, truncation).astype(np.float32)


def check_draw(count, latent_dim, seed, truncation, start):
    """Returns `count`, `latent_dim` and `start` of `latents`, checks all."""
    count = check_integer("count", count, 1, 1 << 32)
    latent_dim = check_integer("latent_dim", latent_dim, 1, 1 << 32)
    seed_key(seed)
    start = check_integer("start", start, 0, (1 << 32) - count)
    if truncation is not None:
        _check_positive("truncation", truncation)
    return count, latent_dim, start


def slerp(a: np.ndarray, b: np.ndarray, steps: int) -> np.ndarray:
    """Interpolates from `a` to `b` at equal angles.

    The direction follows the great circle, the length goes linearly from
    one to the other, so that a path between two normal latents stays where the
    normal distribution has its mass. Parallel vectors differ in length only;
    between opposite ones, where no great circle is distinguished, the path goes
    through a fixed direction at right angles.

    Args:
        a, b: finite arrays of shape `[latent_dim]`.
        steps: the number of points, both ends included, at least 2.

    Returns:
        Finite float32 array of shape `[steps, latent_dim]`; the first row is
        `a`, the last `b`.

    Reference:
        Shoemake, "Animating Rotation with Quaternion Curves", SIGGRAPH 1985.
    """
    steps = check_integer("steps", steps, 2, 1 << 32)
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    if a.ndim != 1 or a.shape != b.shape:
        raise ValueError(
            "slerp needs two vectors of one length. "
            f"Received: shapes={a.shape}, {b.shape}"
        )
    length_a, length_b = np.linalg.norm(a), np.linalg.norm(b)
    # A zero vector has no direction: it takes that of the other one.
    first = a / length_a if length_a else b / (length_b or 1.0)
    last = b / length_b if length_b else first
    cosine = first @ last
    across = last - cosine * first
    sine = np.linalg.norm(across)
    if sine < 1e-12:
        across = np.zeros_like(first)
        across[np.argmin(np.abs(first))] = 1.0
        across -= (across @ first) * first
    across /= np.linalg.norm(across) or 1.0
    fraction = np.linspace(0.0, 1.0, steps)[:, None]
    angle = fraction * np.arctan2(sine, cosine)
    path = np.cos(angle) * first + np.sin(angle) * across
    path *= (1.0 - fraction) * length_a + fraction * length_b
    path[0], path[-1] = a, b
    return path.astype(np.float32)


def seed_key(seed):
    """Returns the key of a seed: its low and its high 32 bits."""
    seed = check_integer("seed", seed, -(1 << 63), (1 << 63) - 1)
    return seed & _WORD, (seed >> 32) & _WORD


def check_integer(name, value, low, high):
    """Returns an argument as an integer; ValueError if it is none in the range."""
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or isinstance(value, bool) or not low <= number <= high:
        raise ValueError(
            f"`{name}` must be an integer from {low} to {high}. "
            f"Received: {name}={value!r}"
        )
    return number


def _check_positive(name, value):
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not number > 0:
        raise ValueError(
            f"`{name}` must be a positive number. Received: {name}={value!r}"
        )
