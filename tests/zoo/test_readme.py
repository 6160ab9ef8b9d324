"""The table of README shows the numbers of the cards."""

import re

import pytest

from kerasgan import zoo

README = zoo.catalogue.folder().parent / "README.md"
ROW = re.compile(
    r"^\| `(?P<name>[a-z0-9-]+)` \|[^|]*\| (?P<reconstruction>[\d.]+) "
    r"\| (?P<fid>[\d.]+) \| \[card\]\((?P<card>[^)]*)\) \|$",
    re.MULTILINE,
)


def rows():
    return list(ROW.finditer(README.read_text(encoding="utf-8")))


def test_it_shows_some_of_the_entries():
    assert len(rows()) == 3


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["name"])
def test_its_numbers_are_those_of_the_card(row):
    assert row["card"] == f"zoo/{row['name']}/README.md"
    metrics = zoo.read_metrics(zoo.find(row["name"]))
    values = {
        (m.name, m.protocol.get("split")): m.value for m in metrics.metrics
    }
    error, fid = (
        values["reconstruction_error", "test"],
        values["fid768", "train"],
    )
    assert row["reconstruction"] == f"{error:.4f}"
    assert row["fid"] == f"{fid:.3f}"
