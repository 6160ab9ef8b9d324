"""The figures of the research notes show the numbers of their tables."""

import importlib.util
from pathlib import Path

import pytest

TOP = Path(__file__).parents[1]
SCRIPT = TOP / "research" / "figures.py"
SPECIFICATION = importlib.util.spec_from_file_location("figures", SCRIPT)
FIGURES = importlib.util.module_from_spec(SPECIFICATION)
SPECIFICATION.loader.exec_module(FIGURES)


@pytest.mark.parametrize("note", FIGURES.NOTES)
def test_the_figure_of_a_note_is_that_of_its_tables(note):
    image = f"images/{note}.svg"
    text = (TOP / "docs" / "research" / f"{note}.md").read_text("utf-8")
    assert f"](../{image})" in text
    drawn = (TOP / "docs" / image).read_text("utf-8")
    assert FIGURES.digest(note) in drawn, f"python research/figures.py {note}"
