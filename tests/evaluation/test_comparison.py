"""What a table of generators side by side shows."""

import json
import types

import pytest

from kerasgan.evaluation import comparison

PROTOCOL = {"images": 9, "split": "train"}


@pytest.fixture
def compared(tmp_path, monkeypatch):
    """A function: protocols of two KIDs -> the comparison of their generators."""

    def compare(*protocols):
        files = {}
        for name, protocol in zip("ab", protocols):
            item = {"name": "kid768", "value": 0.002, "protocol": protocol}
            content = {"name": "x", "weights": {}, "metrics": [item]}
            files[name] = tmp_path / f"{name}.json"
            files[name].write_text(json.dumps({**content, "command": "x"}))
        monkeypatch.setattr(
            comparison,
            "find_measured",
            lambda name: types.SimpleNamespace(
                measured=files[name], weights={}
            ),
        )
        return comparison.compare(files)

    return compare


def test_kid_is_shown_times_1000(compared):
    (row,) = compared(PROTOCOL, PROTOCOL).rows
    assert row.title == "kid768 x 1000"
    assert {name: item.value for name, item in row.values.items()} == {
        "a": 2.0,
        "b": 2.0,
    }


def test_other_real_images_are_told_in_words(compared):
    found = compared(
        {**PROTOCOL, "samples_are": {"every": 2}},
        {**PROTOCOL, "samples_are": {"split": "test"}},
    )
    assert found.notes == [
        "kid768 x 1000 [1]: samples are images of split test instead of every "
        "second image, compared with the others"
    ]
