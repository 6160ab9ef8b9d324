"""Versions on disk, which come and go while the server runs."""

import shutil
import threading

import pytest

from kerasgan.serving.server.errors import RequestError
from kerasgan.serving.server.model_sources import Source
from kerasgan.serving.server.models import Models


@pytest.fixture
def folder(toys, tmp_path):
    """A folder with the versions 2 and 9 of `toys`."""
    for number in ("2", "9"):
        shutil.copytree(toys / "toys" / "123", tmp_path / "toys" / number)
    return tmp_path


def served(models, name="toys"):
    return [
        (int(found["version"]), found["state"])
        for found in models.status(name)["model_version_status"]
    ]


def test_the_newest_version_is_served(folder):
    # As numbers: 10 comes after 9.
    shutil.copytree(folder / "toys" / "9", folder / "toys" / "10")
    models = Models([Source(folder)])
    models.load()
    assert served(models) == [(10, "AVAILABLE")]
    assert models.find("toys").number == models.find("toys", 10).number == 10
    with pytest.raises(RequestError, match=r"Specific\(toys, 9\)"):
        models.find("toys", 9)


def test_labelled_versions_are_served_too(folder):
    models = Models([Source(folder)], {("toys", "stable"): 2})
    models.load()
    assert served(models) == [(9, "AVAILABLE"), (2, "AVAILABLE")]
    assert models.find("toys", label="stable").number == 2
    assert models.find("toys").number == 9
    with pytest.raises(RequestError, match="Unrecognized.*: canary"):
        models.find("toys", label="canary")


def test_what_is_no_version_is_not_seen(folder):
    for name in (".export-1.part", "old", "-1", "1.5", "99"):
        (folder / "toys" / name).mkdir()
    (folder / "readme.txt").write_text("no model")
    (folder / "empty").mkdir()
    shutil.copytree(folder / "toys" / "9", folder / ".hidden" / "1")
    models = Models([Source(folder)])
    models.load()
    assert [version.number for version in models.newest()] == [9]


def test_newer_versions_take_over_and_older_ones_come_back(folder):
    lines = []
    models = Models([Source(folder)], report=lines.append)
    models.load()
    old = models.find("toys")
    shutil.copytree(folder / "toys" / "9", folder / "toys" / "10")
    # Once it is seen, and once it has not changed.
    models.refresh()
    assert models.find("toys") is old
    models.refresh()
    assert served(models) == [(10, "AVAILABLE")]
    shutil.rmtree(folder / "toys" / "10")
    models.refresh()
    assert served(models) == [(9, "AVAILABLE")]
    assert lines == [
        "loaded toys version 9",
        "1 model ready",
        "loaded toys version 10",
        "dropped toys version 9",
        "loaded toys version 9",
        "dropped toys version 10",
    ]


def test_new_models_come_and_old_ones_go(folder):
    models = Models([Source(folder)])
    models.load()
    shutil.copytree(folder / "toys", folder / "more")
    models.refresh()
    models.refresh()
    assert [version.model for version in models.newest()] == ["more", "toys"]
    shutil.rmtree(folder / "toys")
    models.refresh()
    assert [version.model for version in models.newest()] == ["more"]
    with pytest.raises(RequestError, match=r"Latest\(toys\)"):
        models.find("toys")


def test_folders_that_are_still_written_to_are_not_loaded(folder):
    models = Models([Source(folder)])
    models.load()
    new = folder / "toys" / "10"
    new.mkdir()
    shutil.copy(folder / "toys" / "9" / "saved_model.pb", new)
    models.refresh()
    shutil.copytree(folder / "toys" / "9" / "variables", new / "variables")
    models.refresh()
    assert served(models) == [(9, "AVAILABLE")]
    models.refresh()
    assert served(models) == [(10, "AVAILABLE")]


def test_a_broken_version_leaves_the_older_one(folder):
    lines = []
    models = Models([Source(folder)], report=lines.append)
    models.load()
    new = folder / "toys" / "10"
    new.mkdir()
    (new / "saved_model.pb").write_bytes(b"no model")
    for _ in range(4):
        models.refresh()
    assert served(models) == [(10, "END"), (9, "AVAILABLE")]
    assert models.find("toys").number == 9
    # Said once, not at each look.
    assert len(lines) == 3 and "cannot be loaded" in lines[2]
    # Mended, it is loaded.
    shutil.rmtree(new)
    shutil.copytree(folder / "toys" / "9", new)
    models.refresh()
    models.refresh()
    assert served(models) == [(10, "AVAILABLE")]


def test_a_broken_version_at_the_start(folder):
    (folder / "toys" / "9" / "saved_model.pb").write_bytes(b"no model")
    models = Models([Source(folder)])
    models.load()
    assert served(models) == [(9, "END"), (2, "AVAILABLE")]
    assert models.find("toys").number == 2
    # Gone, it is no longer told of.
    shutil.rmtree(folder / "toys" / "9")
    models.refresh()
    assert served(models) == [(2, "AVAILABLE")]


def test_a_folder_that_is_away_for_a_moment_changes_nothing(folder):
    models = Models([Source(folder)])
    models.load()
    folder.rename(folder.parent / "away")
    models.refresh()
    assert served(models) == [(9, "AVAILABLE")]


@pytest.mark.parametrize("wrong", ["empty", "broken"])
def test_a_wrong_start(folder, wrong):
    if wrong == "empty":
        folder = folder / "empty"
        folder.mkdir()
    else:
        for number in ("2", "9"):
            file = folder / "toys" / number / "saved_model.pb"
            file.write_bytes(b"no model")
    lines = []
    with pytest.raises(ValueError, match="Received|cannot be loaded") as error:
        Models([Source(folder)], report=lines.append).load()
    assert "\n" not in str(error.value)
    # It is said once.
    assert str(error.value) not in lines
    assert len(lines) == (wrong == "broken")


def test_versions_are_exchanged_under_requests(start, folder, wait):
    with start(folder, poll=0.05) as server:
        body = {"instances": [1.0]}
        assert server.predict(body, "toys/versions/9")[0] == 200
        shutil.copytree(folder / "toys" / "9", folder / "toys" / "10")

        def exchanged():
            assert server.predict(body, "toys") == (200, {"predictions": [3.5]})
            _, answer = server.json("/v1/models/toys")
            first = answer["model_version_status"][0]
            return (first["version"], first["state"]) == ("10", "AVAILABLE")

        wait(exchanged)
        assert server.predict(body, "toys/versions/10")[0] == 200
        wait(lambda: server.predict(body, "toys/versions/9")[0] == 404)


def test_what_is_loading_is_told_and_what_fails_is_named(folder, start, wait):
    (folder / "broken" / "1").mkdir(parents=True)
    (folder / "broken" / "1" / "saved_model.pb").write_bytes(b"no model")
    gate = threading.Event()
    models = Models([Source(folder)], prepare=lambda: gate.wait(30))
    with start(models=models) as server:
        try:
            assert server.json("/healthz")[0] == 200
            status, answer = server.json("/readyz")
            assert status == 503
            assert answer["missing"] == {"broken": "loading", "toys": "loading"}
            path = "/v1/models/toys:predict"
            status, headers, body = server.ask(path, {"instances": [1.0]})
            assert status == 503 and int(headers["Retry-After"]) >= 1
            assert b"toys is still loading" in body
            assert served(models) == [(9, "LOADING")]
            assert server.json("/latents?size=2")[0] == 503
            _, answer = server.json("/gallery")
            assert answer["loading"] == ["broken", "toys"]
        finally:
            gate.set()
        wait(lambda: models.loaded)
        assert server.predict({"instances": [1.0]}, "toys")[0] == 200
        status, answer = server.json("/readyz")
        assert status == 503
        assert "cannot be loaded" in answer["missing"]["broken"]
        status, answer = server.predict({"instances": [1.0]}, "broken")
        assert status == 404 and "cannot be loaded" in answer["error"]
        # Taken away, it is no longer asked for.
        shutil.rmtree(folder / "broken")
        models.refresh()
        assert server.json("/readyz") == (200, {"status": "ready"})


def test_an_export_comes_after_what_is_there(folder, toys):
    made = folder / "made"

    def export(report):
        shutil.copytree(toys / "toys" / "123", made / "new" / "1")
        return 1

    def fail(report):
        raise OSError("no space")

    lines = []
    sources = [
        Source(made, "new", export=export),
        Source(made, "lost", export=fail),
        Source(folder, "toys"),
    ]
    models = Models(sources, report=lines.append)
    assert served(models, "new") == [(1, "LOADING")]
    models.load()
    assert served(models, "new") == [(1, "AVAILABLE")]
    assert served(models, "lost") == [(1, "END")]
    assert lines[0] == "loaded toys version 9"
    assert list(models.missing()) == ["lost"]
