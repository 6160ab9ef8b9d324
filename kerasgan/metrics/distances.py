"""Squared distances between features, tile by tile."""

import numpy as np

from kerasgan.metrics.arrays import blocks

# Of a tile: 16 MB of distances, and the features of its columns.
_ROWS = 512
_COLUMNS = 4096
# Distances come from products in float64, and what is equal on paper differs by
# rounding: some 1e-15 of the squared lengths.
_ROUNDING = 1e-12


class Points:
    """Features around a common centre, given out in float64 piece by piece.

    Args:
        features: `[N, D]`, kept as they are.
        centre: float64 `[D]`. Near the features' mean, it keeps lengths, and
            with them the rounding of distances, small.
    """

    def __init__(self, features, centre):
        self.features = features
        self.centre = centre
        self.squares = np.concatenate(
            [
                np.einsum("nd,nd->n", rows, rows)
                for rows in map(self.rows, blocks(len(features)))
            ]
        )

    def __len__(self):
        return len(self.features)

    def rows(self, piece):
        return np.asarray(self.features[piece], "float64") - self.centre


def mean_of(features):
    """Computes the mean, float64 `[D]`, in constant memory."""
    total = np.zeros(features.shape[1])
    for piece in blocks(len(features)):
        total += np.asarray(features[piece], "float64").sum(axis=0)
    return total / len(features)


def tiles(x, y):
    """Yield `(rows, columns, squared)`, the squared distances of pieces.

    The array is used again for the next tile, may be written to, and can hold
    tiny negative numbers in place of zeros.
    """
    memory = np.empty(_ROWS * _COLUMNS)
    for columns in blocks(len(y), _COLUMNS):
        # |x|^2 - 2 x . y + |y|^2 as one product.
        right = np.concatenate(
            [
                -2 * y.rows(columns),
                np.ones((columns.stop - columns.start, 1)),
                y.squares[columns, None],
            ],
            axis=1,
        ).T
        for rows in blocks(len(x), _ROWS):
            size = rows.stop - rows.start
            left = np.concatenate(
                [x.rows(rows), x.squares[rows, None], np.ones((size, 1))],
                axis=1,
            )
            squared = memory[: size * right.shape[1]].reshape(size, -1)
            np.matmul(left, right, out=squared)
            yield rows, columns, squared


def squared_radii(points, k):
    """Computes squared distances to the k-th nearest other point.

    Args:
        points: `Points`, more than k.
        k: at least 1. A duplicate counts as a neighbour at distance 0.
    """
    # The point itself is one of the k + 1 nearest.
    nearest = np.full((len(points), k + 1), np.inf)
    for rows, _, squared in tiles(points, points):
        both = [nearest[rows]]
        if squared.shape[1] > k + 1:
            squared.partition(k, axis=1)
        both.append(squared[:, : k + 1])
        both = np.concatenate(both, axis=1)
        both.partition(k, axis=1)
        nearest[rows] = both[:, : k + 1]
    return np.maximum(nearest.max(axis=1), 0)


def rounding(points, radii):
    """Bounds what rounding can do to a distance near each radius."""
    return _ROUNDING * (points.squares + radii)
