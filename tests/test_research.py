"""Finished studies: nothing depends on them, and their data can be made."""

import ast
import hashlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from kerasgan.study.cells import base_recipe, choose, plan_cells
from kerasgan.study.specification import load_study

TOP = Path(__file__).parents[1]
SCRIPT = TOP / "research" / "celeba_12k.py"


def test_nothing_imports_research_or_benchmarks():
    own = {
        path.stem
        for folder in ("research", "benchmarks")
        for path in (TOP / folder).rglob("*.py")
    }
    for path in (*TOP.glob("kerasgan/**/*.py"), *TOP.glob("tests/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module]
            else:
                continue
            assert own.isdisjoint(names), path


def test_each_study_says_question_command_and_result():
    for path in (TOP / "research").rglob("*.py"):
        if path.stem not in ("celeba_12k", "cifar10_52k"):
            words = ast.get_docstring(ast.parse(path.read_text("utf-8")))
            command = f"python {path.relative_to(TOP).as_posix()}"
            for part in ("Question: ", command, "Result: "):
                assert part in words, path


def test_the_cells_of_each_study_have_valid_recipes(tmp_path):
    for path in (TOP / "research").rglob("*.yaml"):
        if "grid:" not in path.read_text("utf-8"):
            continue
        scales = load_study(path).scales
        for scale in (None, *scales):
            study = load_study(path, scale)
            recipe = base_recipe(study, path)
            cells = plan_cells(study, recipe, tmp_path)
            assert choose(cells, study), path


def test_the_list_is_one_of_celeba():
    known = json.loads(SCRIPT.with_suffix(".json").read_text())
    assert (len(known["train"]), len(known["test"])) == (12_000, 500)
    numbers = {*known["train"], *known["test"]}
    # No image is in both.
    assert len(numbers) == 12_500
    assert min(numbers) >= 1 and max(numbers) <= 202_599


def test_celeba_12k_has_the_images_of_the_list_or_is_not_written(tmp_path):
    images, output = tmp_path / "images", tmp_path / "some.zip"
    images.mkdir()
    for number in range(1, 8):
        pixels = np.full((4, 4, 3), number, np.uint8)
        Image.fromarray(pixels).save(images / f"{number:06d}.jpg")
    chosen = {"train": [2, 7], "test": [5]}
    content = b"".join(
        (images / f"00000{number}.jpg").read_bytes() for number in (2, 7, 5)
    )
    chosen["sha256"] = hashlib.sha256(content).hexdigest()
    (tmp_path / "list.json").write_text(json.dumps(chosen))
    command = [sys.executable, SCRIPT, images, output]
    command += ["--list", tmp_path / "list.json"]
    subprocess.run(command, check=True)
    with zipfile.ZipFile(output) as archive:
        names = ["train/000002.jpg", "train/000007.jpg", "test/000005.jpg"]
        assert archive.namelist() == names
        assert b"".join(map(archive.read, names)) == content
    output.unlink()
    Image.new("RGB", (4, 4), "red").save(images / "000007.jpg")
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2 and "not the bytes" in done.stderr
    assert not list(tmp_path.glob("*.zip*"))
