"""The latents and labels of `kerasgan.sampling`, drawn by TensorFlow in a graph.

The same numbers as there: an image of a served model has the seed by which
the library draws it, too. Everything is pinned to the CPU, which is one
rounding everywhere; it costs nothing compared with the network.
"""

import math

import tensorflow as tf

_ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
_PARITY = 0x1BD11BDA
_WORD = 0xFFFFFFFF


def threefry(key, counter):
    """Returns both words of Threefry-2x32 with 20 rounds.

    Args:
        key: two uint32 scalars.
        counter: two uint32 tensors that broadcast against each other.

    Returns:
        Two uint32 tensors of the common shape.
    """
    parity = tf.constant(_PARITY, tf.uint32)
    for word in key:
        parity = tf.bitwise.bitwise_xor(parity, word)
    schedule = (*key, parity)
    x, y = counter
    x, y = x + schedule[0], y + schedule[1]
    for block in range(5):
        for bits in _ROTATIONS[block % 2]:
            x = x + y
            y = tf.bitwise.bitwise_or(
                tf.bitwise.left_shift(y, tf.constant(bits, tf.uint32)),
                tf.bitwise.right_shift(y, tf.constant(32 - bits, tf.uint32)),
            )
            y = tf.bitwise.bitwise_xor(y, x)
        x = x + schedule[(block + 1) % 3]
        y = y + schedule[(block + 2) % 3] + tf.constant(block + 1, tf.uint32)
    return x, y


def latents(count, latent_dim, seed, truncation=None, start=0):
    """Returns `kerasgan.sampling.latents` as a graph.

    Args:
        count: the number of rows, an integer scalar.
        latent_dim: their length, a Python integer.
        seed: int64 scalar.
        truncation: float scalar or `None`. Not only `None` but also zero,
            negative and non-finite values mean that nothing is cut off.
        start: the index of the first row, an integer scalar.

    Returns:
        float32 tensor `[count, latent_dim]`.
    """
    with tf.device("/CPU:0"):
        key, rows = _key(seed), _rows(count, start)
        columns = tf.range(latent_dim, dtype=tf.int64)
        counter = (
            tf.cast(rows, tf.uint32)[:, None],
            tf.cast(columns, tf.uint32)[None, :],
        )
        words, _ = threefry(key, counter)
        words = tf.cast(words, tf.float64)
        uniform = (words + 0.5) / 2.0**32
        if truncation is None:
            return tf.cast(tf.math.ndtri(uniform), tf.float32)
        limit = tf.cast(truncation, tf.float64)
        limit = tf.where(
            tf.math.is_finite(limit) & (limit > 0),
            limit,
            tf.constant(math.inf, tf.float64),
        )
        low, high = _ndtr(-limit), _ndtr(limit)
        z = tf.math.ndtri(low + uniform * (high - low))
        return tf.cast(tf.clip_by_value(z, -limit, limit), tf.float32)


def labels(count, num_classes, seed, start=0):
    """Returns `kerasgan.sampling.labels` as a graph.

    Args:
        count, seed, start: as of `latents`.
        num_classes: the number of classes, a Python integer.

    Returns:
        int32 tensor `[count]`.
    """
    with tf.device("/CPU:0"):
        rows = tf.cast(_rows(count, start), tf.uint32)
        _, words = threefry(_key(seed), (rows, tf.zeros_like(rows)))
        # Below 2^63: the word has 32 bits, the number of classes 31.
        scaled = tf.cast(words, tf.int64) * num_classes
        scaled = tf.bitwise.right_shift(scaled, tf.constant(32, tf.int64))
        return tf.cast(scaled, tf.int32)


def _key(seed):
    mask = tf.constant(_WORD, tf.int64)
    high = tf.bitwise.right_shift(seed, tf.constant(32, tf.int64))
    return [
        tf.cast(tf.bitwise.bitwise_and(word, mask), tf.uint32)
        for word in (seed, high)
    ]


def _rows(count, start):
    return tf.cast(start, tf.int64) + tf.range(tf.cast(count, tf.int64))


def slerp(a, b, steps):
    """Returns `kerasgan.sampling.slerp` as a graph.

    Args:
        a, b: float tensors `[latent_dim]`.
        steps: integer scalar, at least 2.

    Returns:
        float32 tensor `[steps, latent_dim]`.
    """
    with tf.device("/CPU:0"):
        ends = tf.cast(a, tf.float32), tf.cast(b, tf.float32)
        a, b = tf.cast(a, tf.float64), tf.cast(b, tf.float64)
        length_a, length_b = tf.norm(a), tf.norm(b)
        first = tf.math.divide_no_nan(a, length_a)
        last = tf.math.divide_no_nan(b, length_b)
        # A zero vector has no direction: it takes that of the other one.
        first = tf.where(length_a > 0, first, last)
        last = tf.where(length_b > 0, last, first)
        cosine = tf.tensordot(first, last, 1)
        across = last - cosine * first
        sine = tf.norm(across)
        other = tf.one_hot(
            tf.argmin(tf.abs(first)), tf.size(first), dtype=tf.float64
        )
        other -= tf.tensordot(other, first, 1) * first
        across = tf.where(sine < 1e-12, other, across)
        across = tf.math.divide_no_nan(across, tf.norm(across))
        span = tf.cast(steps - 1, tf.float64)
        # The ends are given, without the rounding of the way there and back.
        between = tf.cast(tf.range(1, steps - 1), tf.float64)
        fraction = (between / span)[:, None]
        angle = fraction * tf.atan2(sine, cosine)
        path = tf.cos(angle) * first + tf.sin(angle) * across
        path *= (1.0 - fraction) * length_a + fraction * length_b
        path = tf.cast(path, tf.float32)
        return tf.concat([ends[0][None], path, ends[1][None]], axis=0)


def _ndtr(x):
    return 0.5 * tf.math.erfc(-x / math.sqrt(2.0))
