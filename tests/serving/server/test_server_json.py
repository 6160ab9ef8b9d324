"""The digits of answers, and other numbers than images have."""

import json

import numpy as np
import pytest

from kerasgan.serving.server import json_output


def read(name, array):
    return [json.loads(row) for row in json_output.rows(name, array)]


def test_all_floats_are_read_back_exactly():
    tiny = np.finfo(np.float32).smallest_subnormal
    edges = np.concatenate(
        [
            np.float32([0.0, tiny, 3 * tiny, np.finfo(np.float32).max, 1 / 3]),
            # Next to powers of ten and two, on both sides.
            10.0 ** np.arange(-44, 39),
            2.0 ** np.arange(-149, 128),
        ]
    ).astype(np.float32)
    edges = np.concatenate(
        [
            edges,
            np.nextafter(edges, 0),
            np.nextafter(edges[:-1], np.float32(3e38)),
        ]
    )
    bits = np.random.default_rng(0).integers(0, 2**32, 50_000, np.uint32)
    numbers = bits.view(np.float32)
    numbers = np.concatenate([numbers[np.isfinite(numbers)], edges, -edges])
    (found,) = read("x", numbers[None])
    np.testing.assert_array_equal(
        np.float32(found).view(np.uint32), numbers.view(np.uint32)
    )
    assert {type(number) for number in found} == {float}


def test_bytes_are_written_as_whole_numbers():
    numbers = np.arange(256, dtype=np.uint8).reshape(2, 4, 8, 4)
    assert read("x", numbers) == numbers.tolist()


@pytest.mark.parametrize(
    "shape", [(3,), (3, 1), (2, 3), (2, 1, 3), (2, 3, 4, 5)]
)
@pytest.mark.parametrize(
    "dtype", ["float32", "uint8", "float64", "int32", "int64", "bool"]
)
def test_shapes_and_types(shape, dtype):
    numbers = np.random.default_rng(0).normal(0, 50, shape).astype(dtype)
    found = read("x", numbers)
    np.testing.assert_array_equal(np.array(found, dtype), numbers)


def test_parts_of_arrays():
    numbers = np.random.default_rng(0).normal(size=(4, 6, 5)).astype(np.float32)
    part = numbers[::2, 1:4, ::-1]
    np.testing.assert_array_equal(np.float32(read("x", part)), part)


@pytest.mark.parametrize("shape", [(0,), (0, 3), (2, 0), (2, 0, 3)])
def test_nothing(shape):
    assert read("x", np.zeros(shape, np.float32)) == np.zeros(shape).tolist()


def test_numbers_that_are_none():
    row = json_output.rows("x", np.float32([[np.nan, np.inf, -np.inf, 1]]))
    assert row == [b"[NaN, Infinity, -Infinity, 1.0]"]


def test_strings():
    array = np.array([[b"a", b'"'], [b"\xff", b""]], object)
    assert read("text", array) == [["a", '"'], ["\ufffd", ""]]
    assert read("x_bytes", array) == [
        [{"b64": "YQ=="}, {"b64": "Ig=="}],
        [{"b64": "/w=="}, {"b64": ""}],
    ]


def test_documents():
    one = {"x": [b"1", b"2"]}
    two = {"x": [b"1", b"2"], "y": [b"[3]", b"[4]"]}
    for key, outputs, expected in (
        ("predictions", one, [1, 2]),
        ("outputs", one, [1, 2]),
        ("predictions", two, [{"x": 1, "y": [3]}, {"x": 2, "y": [4]}]),
        ("outputs", two, {"x": [1, 2], "y": [[3], [4]]}),
    ):
        found = json.loads(b"".join(json_output.document(key, outputs)))
        assert found == {key: expected}
