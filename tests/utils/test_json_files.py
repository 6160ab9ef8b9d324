import json

import pytest

from kerasgan.utils.json_files import read_json, write_json


def test_a_document_is_what_was_written(tmp_path):
    path = tmp_path / "x.json"
    content = {"shape": (1, 2), "name": "ä", "rate": 1e-9}
    write_json(path, content)
    text = path.read_text()
    as_read = {"shape": [1, 2], "name": "ä", "rate": 1e-9}
    assert read_json(path, "") == as_read
    # Another layout says the same, and the key's name nothing.
    path.write_text(json.dumps(json.loads(text)))
    assert read_json(path, "") == as_read
    path.write_text(text.replace("sha256", "rha256"))
    assert read_json(path, "") == as_read
    path.write_text(text.replace("1e-09", "3e-09"))
    with pytest.raises(
        ValueError, match="x.json is damaged: .*; otherwise rerun"
    ):
        read_json(path, "rerun")
    for broken, message in (("[1]", "expected a JSON object"), ("{", "not a")):
        path.write_text(broken)
        with pytest.raises(ValueError, match=f"x.json: {message}.*; rerun"):
            read_json(path, "rerun")
    # As kerasgan 0.2 wrote it.
    path.write_text(json.dumps(as_read))
    assert read_json(path, "") == as_read
