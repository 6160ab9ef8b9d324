import json
import os
import time

import pytest


@pytest.fixture
def measurements(here, tmp_path):
    """Two numbers in the cache; one was not used for 10 days."""
    folder = tmp_path / "cache" / "measurements"
    folder.mkdir(parents=True)
    for name, days in (("a", 0), ("b", 10)):
        path = folder / f"{name * 32}.json"
        content = {"measurements": [{"name": name, "protocol": {}}]}
        path.write_text(json.dumps(content))
        then = time.time() - days * 24 * 3600
        os.utime(path, (then, then))
    return folder


def test_list_and_clear(run, measurements):
    root = measurements.parent
    _, _, first, second, total = run("cache").stdout.splitlines()
    size = 2 * len('{"measurements": [{"name": "a", "protocol": {}}]}')
    assert first.split() == [
        "measurements",
        "a",
        "49",
        "B",
        "within",
        "the",
        "hour",
    ]
    assert second.split()[-3:] == ["10", "d", "ago"]
    assert total == f"{size} B (2 items) in {root} (--clear removes them)"
    old = run("cache", "--older-than", "1w").stdout
    assert "49 B (1 item)" in old
    assert run("cache", "--older-than", "1w", "--clear").stdout == (
        f"Freed 49 B (1 item) in {root}\n"
    )
    assert [path.stem for path in measurements.iterdir()] == ["a" * 32]
    assert "Freed 49 B" in run("cache", "--clear").stdout
    assert run("cache").stdout == f"Nothing in {root}\n"
    result = run("cache", "--older-than", "soon")
    assert result.exit_code == 2
    assert "such as 12h, 30d or 8w" in result.stderr
