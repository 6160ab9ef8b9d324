"""From a generator and a seed to pictures."""

import math
import operator

from kerasgan.backend import check_backend
from kerasgan.typing import Sequence

check_backend()

import keras
import numpy as np

from kerasgan import networks
from kerasgan.inference import compile_inference

_WORD = 0xFFFFFFFF
_ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
_PARITY = 0x1BD11BDA


def threefry(key, counter):
    """Threefry-2x32 with 20 rounds: a keyed, counter-based random function.

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
        for bits in _ROTATIONS[block % 2]:
            x += y
            y = (y << np.uint32(bits)) | (y >> np.uint32(32 - bits))
            y ^= x
        x += np.uint32(schedule[(block + 1) % 3])
        y += np.uint32((schedule[(block + 2) % 3] + block + 1) & _WORD)
    return x.reshape(shape), y.reshape(shape)


def latents(count, latent_dim, seed=0, truncation=None, start=0):
    """Standard normal latents that depend on their seed and place alone.

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
        start: the index i of the first latent: `latents(10, z)[4:]` is
            `latents(6, z, start=4)`.

    Returns:
        float32 array of shape `[count, latent_dim]`.

    Raises:
        ValueError: an argument outside its range.
    """
    from scipy.special import ndtr, ndtri

    count = _integer("count", count, 1, 1 << 32)
    latent_dim = _integer("latent_dim", latent_dim, 1, 1 << 32)
    start = _integer("start", start, 0, (1 << 32) - count)
    seed = _integer("seed", seed, -(1 << 63), (1 << 63) - 1)
    rows = np.arange(start, start + count, dtype=np.uint32)[:, None]
    columns = np.arange(latent_dim, dtype=np.uint32)[None, :]
    key = (seed & _WORD, (seed >> 32) & _WORD)
    words, _ = threefry(key, (rows, columns))
    uniform = (words + 0.5) / 2.0**32
    if truncation is None:
        return ndtri(uniform).astype(np.float32)
    truncation = _positive("truncation", truncation)
    low, high = ndtr(-truncation), ndtr(truncation)
    z = ndtri(low + uniform * (high - low))
    return np.clip(z, -truncation, truncation).astype(np.float32)


def slerp(a, b, steps):
    """Points on the way from `a` to `b` at equal angles.

    The direction turns along the great circle, the length goes linearly from
    one to the other, so that a path between two normal latents stays where the
    normal distribution has its mass. Parallel vectors differ in length only;
    between opposite ones, where no great circle is distinguished, the path goes
    through a fixed direction at right angles.

    Args:
        a, b: arrays of shape `[latent_dim]`.
        steps: the number of points, both ends included, at least 2.

    Returns:
        float32 array of shape `[steps, latent_dim]`; the first row is `a`, the
        last `b`.

    Reference:
        Shoemake, "Animating Rotation with Quaternion Curves", SIGGRAPH 1985.
    """
    steps = _integer("steps", steps, 2, 1 << 32)
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


def to_uint8(images):
    """Images in [-1, 1] as uint8: round((x + 1) * 127.5), clipped to 0-255."""
    images = np.asarray(images)
    return np.clip(np.rint((images + 1.0) * 127.5), 0, 255).astype(np.uint8)


def latent_size(generator):
    """The length of a generator's latents.

    Raises:
        ValueError: the generator does not have one input of shape
            `[N, latent_dim]`.
    """
    shape = networks.input_shape(generator)
    if not (isinstance(shape, tuple) and len(shape) == 2 and shape[1]):
        raise ValueError(
            "A generator needs one input of shape (None, latent_dim). "
            f"Received: input_shape={shape}"
        )
    return shape[1]


def _forward(forward, latents):
    return keras.ops.cast(forward(latents), "float32")


def compiled(generator, batch_size=64):
    """A generator as a fast function from numpy latents to images.

    Unlike `model.predict` it costs next to nothing beside the network itself.
    Every call of the network has `batch_size` rows, padded with zeros, so that
    it is compiled once and a picture does not depend on the others in its
    batch.

    Args:
        generator: a `keras.Model`, latents `[N, latent_dim]` -> images.
        batch_size: the rows of each call of the network, at least 1.

    Returns:
        A function: latents `[N, latent_dim]`, N at least 1 -> float32 images
        `[N, height, width, channels]` in [-1, 1].
    """
    batch_size = _integer("batch_size", batch_size, 1, 1 << 32)
    width = latent_size(generator)
    run = compile_inference(generator, _forward)

    def draw(latents):
        latents = np.asarray(latents, np.float32)
        if latents.ndim != 2 or latents.shape[1] != width or not len(latents):
            raise ValueError(
                f"Latents must have the shape (N, {width}), N at least 1. "
                f"Received: shape={latents.shape}"
            )
        images = []
        for begin in range(0, len(latents), batch_size):
            rows = latents[begin : begin + batch_size]
            batch = np.zeros((batch_size, width), np.float32)
            batch[: len(rows)] = rows
            images.append(run(batch)[: len(rows)])
        return np.concatenate(images)

    return draw


def sample(
    generator: keras.Model,
    count: int,
    seed: int = 0,
    truncation: float | None = None,
    batch_size: int = 64,
) -> np.ndarray:
    """Draw pictures from a generator.

    The same seed gives the same pictures, and a longer draw begins with those
    of a shorter one.

    Args:
        generator: a `keras.Model`, latents `[N, latent_dim]` -> images in
            [-1, 1].
        count: the number of pictures, at least 1.
        seed: an integer of 64 bits with sign.
        truncation: cut the latents' normal distribution off at this many
            standard deviations (less variety, fewer failures), or `None`.
        batch_size: pictures drawn at once, at least 1.

    Returns:
        uint8 array of shape `[count, height, width, channels]`.

    Raises:
        ValueError: an argument outside its range.
    """
    return np.concatenate(
        list(stream(generator, count, seed, truncation, batch_size))
    )


def stream(generator, count, seed=0, truncation=None, batch_size=64, start=0):
    """The pictures of `sample`, a batch at a time.

    The arguments, and what is raised, are those of `sample`; with `start` the
    pictures are those from that one of a longer draw on.

    Returns:
        An iterator of uint8 arrays `[batch_size or fewer, height, width,
        channels]`, `count` pictures in all.
    """
    count = _integer("count", count, 1, 1 << 32)
    draw = compiled(generator, batch_size)
    width = latent_size(generator)
    # What is wrong is said at once, and not with the first batch.
    latents(1, width, seed, truncation, start)
    return (
        to_uint8(
            draw(
                latents(
                    min(batch_size, count - done),
                    width,
                    seed,
                    truncation,
                    start=start + done,
                )
            )
        )
        for done in range(0, count, batch_size)
    )


def interpolate(
    generator: keras.Model,
    seeds: Sequence[int] = (0, 1),
    steps: int = 8,
    batch_size: int = 64,
) -> np.ndarray:
    """Pictures on the spherical path between the first pictures of two seeds.

    Args:
        generator: a `keras.Model`, latents `[N, latent_dim]` -> images in
            [-1, 1].
        seeds: two integers. The ends are `sample(generator, 1, seed)`.
        steps: the number of pictures, both ends included, at least 2.
        batch_size: pictures drawn at once, at least 1.

    Returns:
        uint8 array of shape `[steps, height, width, channels]`.

    Raises:
        ValueError: an argument outside its range.
    """
    seeds = tuple(seeds)
    if len(seeds) != 2:
        raise ValueError(
            f"An interpolation needs two seeds. Received: seeds={seeds}"
        )
    width = latent_size(generator)
    ends = [latents(1, width, seed)[0] for seed in seeds]
    return to_uint8(
        compiled(generator, batch_size)(slerp(ends[0], ends[1], steps))
    )


def _integer(name, value, low, high):
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


def _positive(name, value):
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not number > 0:
        raise ValueError(
            f"`{name}` must be a positive number. Received: {name}={value!r}"
        )
    return number
