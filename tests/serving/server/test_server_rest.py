"""Case by case what api_rest.md of TensorFlow Serving documents."""

import base64
import json
import math

import numpy as np
import pytest

STATUS = {
    "model_version_status": [
        {
            "version": "123",
            "state": "AVAILABLE",
            "status": {"error_code": "OK", "error_message": ""},
        }
    ]
}


@pytest.fixture
def predict(toy_server):
    """A function: the answer of a predict request, which must be right."""

    def predict(which="toys", **body):
        status, answer = toy_server.predict(body, which)
        assert status == 200, answer
        return answer

    return predict


def test_status_of_a_model(toy_server):
    for path in ("toys", "toys/versions/123", "toys/labels/stable"):
        assert toy_server.json(f"/v1/models/{path}") == (200, STATUS)


def test_metadata(toy_server):
    for which in ("toys", "toys/versions/123", "toys/labels/stable"):
        status, answer = toy_server.json(f"/v1/models/{which}/metadata")
        assert status == 200 and list(answer) == ["model_spec", "metadata"]
        assert answer["model_spec"] == {
            "name": "toys",
            "signature_name": "",
            "version": "123",
        }
        signatures = answer["metadata"]["signature_def"]["signature_def"]
        default = signatures["serving_default"]
        assert default["method_name"] == "tensorflow/serving/predict"
        assert default["inputs"]["x"] == {
            "dtype": "DT_FLOAT",
            "name": "serving_default_x:0",
            "tensor_shape": {
                "dim": [{"size": "-1", "name": ""}],
                "unknown_rank": False,
            },
        }
        assert list(default["outputs"]) == ["y"]


def test_the_row_format_with_one_input(predict):
    expected = {"predictions": [3.5, 4.0, 5.5]}
    assert predict(instances=[1.0, 2.0, 5.0]) == expected
    # Named, and whole numbers.
    assert predict(instances=[{"x": 1}, {"x": 2}, {"x": 5}]) == expected


def test_the_columnar_format_with_one_input(predict):
    assert predict(inputs=[1.0, 2.0]) == {"outputs": [3.5, 4.0]}
    assert predict(inputs={"x": [1.0, 2.0]}) == {"outputs": [3.5, 4.0]}


@pytest.mark.parametrize("which", ["toys/versions/123", "toys/labels/stable"])
def test_versions_and_labels(predict, which):
    assert predict(which, instances=[1.0]) == {"predictions": [3.5]}


def test_several_inputs_and_outputs(predict):
    name = "several"
    rows = [
        {"tag": "foo", "signal": [1, 2, 3, 4, 5], "sensor": [[1, 2], [3, 4]]},
        {"tag": "bar", "signal": [3, 4, 1, 2, 5], "sensor": [[4, 5], [6, 8]]},
    ]
    columns = {key: [row[key] for row in rows] for key in rows[0]}
    assert predict(signature_name=name, instances=rows) == {
        "predictions": [
            {"tag": "foo", "sum": 15.0, "sensor": [[2, 4], [6, 8]]},
            {"tag": "bar", "sum": 15.0, "sensor": [[8, 10], [12, 16]]},
        ]
    }
    assert predict(signature_name=name, inputs=columns) == {
        "outputs": {
            "tag": ["foo", "bar"],
            "sum": [15.0, 15.0],
            "sensor": [[[2, 4], [6, 8]], [[8, 10], [12, 16]]],
        }
    }


def test_binary_values(predict):
    data = [b"image bytes", b"\xff\x00\xfe", b""]
    coded = [{"b64": base64.b64encode(item).decode()} for item in data]
    assert coded[0] == {"b64": "aW1hZ2UgYnl0ZXM="}
    for inputs in (coded, {"image_bytes": coded}):
        answer = predict(signature_name="binary", inputs=inputs)
        assert answer == {"outputs": coded}
    rows = [{"image_bytes": item} for item in coded]
    for instances in (coded, rows):
        answer = predict(signature_name="binary", instances=instances)
        assert answer == {"predictions": coded}
    # What does not end in _bytes is text.
    answer = predict(signature_name="text", inputs=[coded[0], "grün"])
    assert answer == {"outputs": ["image bytes", "grün"]}


def test_integers_of_64_bits(predict):
    numbers = [-(2**63), -1, 0, 2**53 + 1, 2**63 - 1]
    answer = predict(signature_name="integers", instances=numbers)
    assert answer == {"predictions": numbers}


def test_booleans(predict):
    answer = predict(signature_name="booleans", inputs=[True, False])
    assert answer == {"outputs": [False, True]}


def test_numbers_that_json_has_not(toy_server):
    body = '{"signature_name": "reals", "inputs": [[NaN, Infinity], [-Infinity, 1]]}'
    status, _, answer = toy_server.ask("/v1/models/toys:predict", body)
    assert status == 200
    assert b"NaN" in answer and b"-Infinity" in answer
    (first, second), (third, fourth) = json.loads(answer)["outputs"]
    assert math.isnan(first)
    assert (second, third, fourth) == (math.inf, -math.inf, 1.0)


def test_floats_come_back_exactly(predict):
    rng = np.random.default_rng(0)
    bits = rng.integers(0, 2**32, 4000, np.uint32).view(np.float32)
    # TensorFlow takes what is smaller for zero.
    normal = np.isfinite(bits) & (np.abs(bits) >= np.finfo(np.float32).tiny)
    numbers = np.float32([0.1, 1 / 3, 1.0, -0.0, 1.1754944e-38, 3.4028235e38])
    numbers = np.concatenate([bits[normal], numbers])
    numbers = numbers[-2000:].reshape(-1, 2)
    for key, form in (("outputs", "inputs"), ("predictions", "instances")):
        answer = predict(signature_name="reals", **{form: numbers.tolist()})
        found = answer[key]
        assert {type(x) for row in found for x in row} == {float}
        found = np.float32(found).view(np.uint32)
        np.testing.assert_array_equal(found, numbers.view(np.uint32))


@pytest.mark.parametrize(
    "method, path, status, message",
    [
        ("GET", "/v1/foo", 400, "Unknown request: GET /v1/foo"),
        ("POST", "/v1/foo", 400, "Unknown request: POST /v1/foo"),
        ("GET", "/v1/models", 400, "Unknown request"),
        ("GET", "/v1/models/debug/name", 400, "Unknown request"),
        ("GET", "/v1/models/foo:predict", 404, "model foo:predict"),
        ("POST", "/v1/models/foo/versions/HELLO:predict", 400, "a number"),
        ("POST", f"/v1/models/foo/versions/{2**64}:predict", 400, "a number"),
        ("POST", "/v1/models/foo/metadata", 400, "Unknown request"),
        ("POST", "/v1/models/a/versions/5/labels/x:predict", 400, "Unknown"),
        ("PUT", "/v1/models/toys:predict", 400, "Unknown request: PUT"),
        ("DELETE", "/v1/models/toys", 400, "Unknown request: DELETE"),
        ("POST", "/v1/models/toys:classify", 400, "classify"),
        ("POST", "/v1/models/half:predict", 404, "Latest(half)"),
        ("POST", "/v1/models/toys/versions/99:predict", 404, "(toys, 99)"),
        ("POST", "/v1/models/toys/labels/new:predict", 400, "label: new"),
        ("GET", "/v1/models/half", 404, "any versions of model half"),
        ("GET", "/v1/models/toys/versions/9", 404, "version 9 of model toys"),
        ("GET", "/v1/models/half/metadata", 404, "Servable not found"),
    ],
)
def test_paths_that_lead_nowhere(toy_server, method, path, status, message):
    body = '{"instances": [1.0]}' if method == "POST" else None
    found, answer = toy_server.json(path, body, method)
    assert found == status and list(answer) == ["error"]
    assert message in answer["error"]


@pytest.mark.parametrize(
    "signature, body, message",
    [
        ("", "", "not JSON"),
        ("", "instances = [1, 2]", "not JSON"),
        ("", "[1]", "must be an object"),
        ("", '{"signature_name": 100, "inputs": [1]}', "`signature_name`"),
        ("", "{}", "`inputs` or `instances`"),
        ("", '{"instances": [1], "inputs": [1]}', "either `inputs`"),
        ("none", '"inputs": [1]', "Available signatures: binary, booleans"),
        ("", '{"instances": 1}', "a list of at least one row"),
        ("", '{"instances": []}', "a list of at least one row"),
        ("", '{"instances": ["x", "y"]}', "x must be numbers that float32"),
        ("", '{"instances": [true]}', "numbers that float32"),
        ("", '{"instances": [1.5, true]}', "numbers that float32"),
        ("", '{"inputs": [1, null]}', "numbers that float32"),
        ("", '{"inputs": [{"a": 1}]}', "numbers that float32"),
        ("", '{"inputs": {"y": [1]}}', "must have the key x"),
        ("", '{"instances": [{"y": 1}]}', "object of x"),
        ("", '{"instances": [{"x": 1}, 2]}', "something else in row 1"),
        ("", '{"instances": [1, {"x": 2}]}', "something else in row 0"),
        (
            "",
            '{"inputs": [16777216]}',
            "numbers that float32 represents exactly",
        ),
        ("", '{"inputs": [1e39]}', "numbers that float32 represents exactly"),
        ("", '{"inputs": 1}', "the shape [?]. Received: []"),
        ("", '{"inputs": [[1]]}', "the shape [?]. Received: [1,1]"),
        ("several", '"instances": [1]', "object of sensor, signal, tag"),
        ("several", '"inputs": [1]', "an object of sensor, signal, tag"),
        ("integers", '"inputs": [1.0]', "n must be numbers that int64"),
        (
            "integers",
            '"inputs": [9223372036854775808]',
            "that int64 represents",
        ),
        (
            "integers",
            '"inputs": [-9223372036854775809]',
            "that int64 represents",
        ),
        ("booleans", '"inputs": [1]', "b must be true or false"),
        ("binary", '"inputs": [1]', "must be strings"),
        ("binary", '"inputs": [{"b64": 1}]', "valid base64"),
        ("binary", '"inputs": [{"b64": "%%%"}]', "valid base64"),
        ("reals", '"inputs": [[1, 2], [3]]', "lists of equal length"),
        ("reals", '"inputs": [[1, 2], 3]', "lists of equal length"),
        ("reals", '"inputs": [[1, [2]]]', "lists of equal length"),
    ],
)
def test_requests_that_are_wrong(toy_server, signature, body, message):
    if signature:
        body = f'{{"signature_name": "{signature}", {body}}}'
    assert message in toy_server.error(body, which="toys")


def test_scalars_do_not_go_in_rows(server):
    drawn = {"count": 2, "seed": 2**40 + 1, "truncation": 0.5}
    # They have a dimension more there, which no server takes.
    body = {"signature_name": "sample", "instances": [drawn]}
    assert "use `inputs`" in server.error(body)


def test_outputs_that_do_not_fit_rows(toy_server, predict):
    body = {"signature_name": "uneven", "instances": [1.0, 2.0]}
    found = toy_server.error(body, which="toys")
    assert found == "Output first has 1 rows, and another has 2"
    answer = predict(signature_name="uneven", inputs=[1.0, 2.0])
    assert answer == {"outputs": {"all": [1.0, 2.0], "first": [1.0]}}
    body = {"signature_name": "total", "instances": [1.0, 2.0]}
    assert "has no rows" in toy_server.error(body, which="toys")
    answer = predict(signature_name="total", inputs=[1.0, 2.0])
    assert answer == {"outputs": 3.0}
