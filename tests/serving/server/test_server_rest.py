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
    assert toy_server.json("/V1/Models/toys")[0] == 404
    assert toy_server.json("/v1/MODELS/toys") == (200, STATUS)


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
        ("GET", "/v1/foo", 400, "Malformed request: GET /v1/foo"),
        ("POST", "/v1/foo", 400, "Malformed request: POST /v1/foo"),
        ("GET", "/v1/models", 400, "Missing model name in request."),
        ("GET", "/v1/models/debug/name", 400, "Malformed request"),
        ("POST", "/v1/models", 400, "Malformed request"),
        ("GET", "/v1/models/foo:predict", 400, "Malformed request"),
        ("POST", "/v1/models/foo/version/50:regress", 400, "Malformed"),
        ("POST", "/v1/models/foo/versions/HELLO:regress", 400, "Malformed"),
        (
            "POST",
            f"/v1/models/foo/versions/{2**64 - 1}:regress",
            400,
            "Failed to convert version",
        ),
        ("POST", "/v1/models/foo/metadata", 400, "Malformed request"),
        ("POST", "/v1/models/foo/label/x:regress", 400, "Malformed request"),
        (
            "POST",
            "/v1/models/foo/versions/5/labels/x:predict",
            400,
            "Malformed",
        ),
        ("PUT", "/v1/models/toys:predict", 400, "Malformed request: PUT"),
        ("DELETE", "/v1/models/toys", 400, "Malformed request: DELETE"),
        (
            "POST",
            "/v1/models/half:predict",
            404,
            "Servable not found for request: Latest(half)",
        ),
        (
            "POST",
            "/v1/models/toys/versions/99:predict",
            404,
            "Servable not found for request: Specific(toys, 99)",
        ),
        (
            "POST",
            "/v1/models/toys/labels/new:predict",
            400,
            "Unrecognized servable version label: new",
        ),
        (
            "GET",
            "/v1/models/half",
            404,
            "Could not find any versions of model half",
        ),
        (
            "GET",
            "/v1/models/toys/versions/9",
            404,
            "Could not find version 9 of model toys",
        ),
        ("GET", "/v1/models/half/metadata", 404, "Servable not found"),
        ("POST", "/v1/models/toys:classify", 400, "classify"),
        ("POST", "/v1/models/toys:regress", 400, "regress"),
    ],
)
def test_paths_that_lead_nowhere(toy_server, method, path, status, message):
    body = '{"instances": [1.0]}' if method == "POST" else None
    found, answer = toy_server.json(path, body, method)
    assert found == status and list(answer) == ["error"]
    assert answer["error"].startswith(message) or message in answer["error"]


@pytest.mark.parametrize(
    "body, message",
    [
        ("", "JSON Parse error: The document is empty"),
        ("instances = [1, 2]", "JSON Parse error: "),
        ("[1]", "Is not object"),
        ('{"signature_name": 100}', "'signature_name' key must be a string"),
        ("{}", "Missing 'inputs' or 'instances' key"),
        ('{"instances": [1], "inputs": [1]}', "only one of"),
        ('{"instances": 1}', "to be an list/array"),
        ('{"instances": []}', "No values in 'instances' array"),
        ('{"instances": ["x", "y"]}', "is not of expected type: float"),
        ('{"instances": [true]}', "Type: True is not of expected type: float"),
        ('{"inputs": [1, null]}', "Type: Null is not of expected type: float"),
        ('{"inputs": [{"a": 1}]}', "Type: Object is not of expected type"),
        ('{"inputs": {"y": [1]}}', "Missing named input: x in 'inputs' object"),
        ('{"instances": [{"y": 1}]}', "keys must be equal to: x"),
        (
            '{"instances": [{"x": 1}, 2]}',
            "Expecting object but got list at item 1",
        ),
        ('{"instances": [1, {"x": 2}]}', "but got object at item 1"),
        ('{"inputs": [16777216]}', "without loss of precision"),
        ('{"inputs": [1e39]}', "without loss of precision"),
        ('{"inputs": 1}', "must have the shape [?] but got: []"),
        ('{"inputs": [[1]]}', "must have the shape [?] but got: [1,1]"),
        (
            '{"signature_name": "none", "inputs": [1]}',
            'Serving signature name: "none" not found in signature def',
        ),
        (
            '{"signature_name": "several", "instances": [1]}',
            "expecting list of objects",
        ),
        ('{"signature_name": "several", "inputs": [1]}', "expecting an object"),
        (
            '{"signature_name": "integers", "inputs": [1.0]}',
            "is not of expected type: int64",
        ),
        (
            '{"signature_name": "integers", "inputs": [9223372036854775808]}',
            "is not of expected type: int64",
        ),
        (
            '{"signature_name": "binary", "inputs": [1]}',
            "expected type: string",
        ),
        (
            '{"signature_name": "binary", "inputs": [{"b64": 1}]}',
            "not formatted correctly for base64 data",
        ),
        (
            '{"signature_name": "binary", "inputs": [{"b64": "%%%"}]}',
            "Unable to base64 decode",
        ),
        (
            '{"signature_name": "reals", "inputs": [[1, 2], [3]]}',
            "Encountered list at unexpected size: 1 at level: 1",
        ),
        (
            '{"signature_name": "reals", "inputs": [[1, 2], 3]}',
            "found at incorrect level",
        ),
        (
            '{"signature_name": "reals", "inputs": [[1, [2]]]}',
            "Encountered list at unexpected level: 2",
        ),
    ],
)
def test_requests_that_are_wrong(toy_server, body, message):
    assert message in toy_server.error(body, which="toys")


def test_scalars_go_in_the_columnar_format(server, served):
    drawn = {"count": 2, "seed": 2**40 + 1, "truncation": 0.5}
    body = {"signature_name": "sample", "inputs": drawn}
    status, answer = server.predict(body)
    assert status == 200
    expected = served.sample(2, 2**40 + 1, 0.5)
    np.testing.assert_array_equal(np.uint8(answer["outputs"]), expected)
    # In rows they have a dimension more, which no server takes.
    body = {"signature_name": "sample", "instances": [drawn]}
    assert "use 'inputs'" in server.error(body)


def test_pictures_are_those_of_the_saved_model(server, served):
    body = {
        "signature_name": "sample_png",
        "inputs": {"count": 3, "seed": -5, "truncation": 0},
    }
    _, answer = server.predict(body)
    files = [base64.b64decode(item["b64"]) for item in answer["outputs"]]
    assert files == list(served.sample(3, -5, signature="sample_png"))
    body = {
        "signature_name": "interpolate",
        "inputs": {"seeds": [1, -2], "steps": 3},
    }
    _, answer = server.predict(body)
    expected = served.interpolate([1, -2], 3)
    np.testing.assert_array_equal(np.uint8(answer["outputs"]), expected)
    latents = np.random.default_rng(0).normal(size=(2, 5)).astype(np.float32)
    for key, form in (("predictions", "instances"), ("outputs", "inputs")):
        _status, answer = server.predict({form: latents.tolist()})
        found = np.float32(answer[key])
        np.testing.assert_array_equal(found, served.default(latents))


def test_outputs_that_do_not_fit_rows(toy_server, predict):
    body = {"signature_name": "uneven", "instances": [1.0, 2.0]}
    found = toy_server.error(body, which="toys")
    assert found.startswith("Tensor name: first has inconsistent batch size: 1")
    answer = predict(signature_name="uneven", inputs=[1.0, 2.0])
    assert answer == {"outputs": {"all": [1.0, 2.0], "first": [1.0]}}
    body = {"signature_name": "total", "instances": [1.0, 2.0]}
    assert "no shape information" in toy_server.error(body, which="toys")
    answer = predict(signature_name="total", inputs=[1.0, 2.0])
    assert answer == {"outputs": 3.0}


def test_assertions_of_the_graph_tell_their_reason(server, start, path):
    inputs = {"seeds": [1, 2], "steps": 1}
    body = {"signature_name": "interpolate", "inputs": inputs}
    expected = (
        "assertion failed: [steps must be from 2 to 4096. Received steps:] [1]"
    )
    assert server.error(body) == expected
    with start(path.parent.parent, count=5000) as other:
        body = {"signature_name": "sample", "inputs": {"count": 4097}}
        body["inputs"].update(seed=0, truncation=0)
        assert "count must be from 1 to 4096" in other.error(body)
