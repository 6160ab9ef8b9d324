"""The tutorials run, cell by cell, as the site runs them.

pytest -m integration tests/test_tutorials.py has those of `IN_CI`, and
pytest -m slow tests/test_tutorials.py the others; KERASGAN_TUTORIALS=3,5 picks
some, as for the site. Each is meant for less than a minute on two cores, so that
one that takes more than `BOUND` seconds of processor time fails.
"""

import os
import resource
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "docs" / "tutorials"
IN_CI = ("1", "2", "4")
CHOSEN = os.environ.get("KERASGAN_TUTORIALS")
MINUTE = 60
# Of two cores.
BOUND = 2 * MINUTE


def processor_time():
    """Seconds of the processes that were started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def tutorials():
    for path in sorted(FOLDER.glob("[0-9]*.md")):
        number = path.name.split("-")[0]
        if CHOSEN is None or number in CHOSEN.split(","):
            marker = "integration" if number in IN_CI else "slow"
            mark = getattr(pytest.mark, marker)
            yield pytest.param(path, id=path.stem, marks=mark)


@pytest.mark.parametrize("path", list(tutorials()))
@pytest.mark.filterwarnings("default")  # of Jupyter
def test_each_cell_runs(path, tmp_path, monkeypatch, capsys):
    pytest.importorskip("myst_nb", reason="extra 'docs'")
    import nbclient
    from myst_nb.core.read import read_myst_markdown_notebook

    notebook = read_myst_markdown_notebook(path.read_text("utf-8"))
    for name, folder in (("HOME", "home"), ("TMPDIR", "tmp")):
        (tmp_path / folder).mkdir()
        monkeypatch.setenv(name, str(tmp_path / folder))
    commands = os.pathsep.join(
        [os.path.dirname(sys.executable), os.environ["PATH"]]
    )
    monkeypatch.setenv("PATH", commands)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    site = tmp_path / "site"
    site.mkdir()
    before = processor_time()
    nbclient.NotebookClient(
        notebook,
        timeout=10 * MINUTE,
        kernel_name="python3",
        resources={"metadata": {"path": str(site)}},
    ).execute()  # raises CellExecutionError at the first cell that fails
    # Of the kernel and the commands that it ran: wall time is that of a busy
    # machine.
    seconds = processor_time() - before
    with capsys.disabled():
        print(f"\n{path.stem}: {seconds:.0f} s of a processor")
    assert 1 < seconds < BOUND
    # The site runs cells in a temporary folder: elsewhere nothing is left.
    assert not list((tmp_path / "home").glob("[!.]*"))
    assert not (tmp_path / "home" / ".cache" / "kerasgan").exists()
