"""The wheel, installed where no source is found and nothing is downloaded."""

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kerasgan import zoo
from kerasgan.zoo.catalogue import CHECKSUMS, METRICS, SAMPLES, WEIGHTS

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[1]
NAME = "dcgan-wn-cifar10"


def run(*command, **options):
    done = subprocess.run(
        list(map(str, command)), capture_output=True, text=True, **options
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module", params=["checkout", "sdist"])
def wheel(request, tmp_path_factory):
    pytest.importorskip("setuptools", reason="builds a wheel by setuptools")
    folder = tmp_path_factory.mktemp("source")
    # Links: what the build writes stays out of the repository.
    for name in ("kerasgan", "zoo", "setup.py", "setup.cfg", "pyproject.toml"):
        (folder / name).symlink_to(ROOT / name)
    for name in ("README.md", "LICENSE"):
        (folder / name).symlink_to(ROOT / name)
    if request.param == "sdist":
        run(sys.executable, "setup.py", "-q", "sdist", cwd=folder)
        (archive,) = (folder / "dist").glob("*.tar.gz")
        shutil.unpack_archive(archive, folder / "unpacked", filter="data")
        (folder,) = (folder / "unpacked").iterdir()
    pip = (sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps")
    run(*pip, "--no-build-isolation", "--no-index", ".", cwd=folder)
    return next(folder.glob("kerasgan-*.whl"))


def test_what_travels_in_the_wheel(wheel):
    assert wheel.stat().st_size < 60e6
    names = set(zipfile.ZipFile(wheel).namelist())
    modules = (ROOT / "kerasgan").rglob("*.py")
    assert names >= {path.relative_to(ROOT).as_posix() for path in modules}
    entries = "kerasgan/zoo/entries"
    assert names >= {"kerasgan/py.typed", f"{entries}/LICENSE-WEIGHTS"}
    for entry in zoo.catalogue.entries():
        files = {"recipe.yaml", "README.md"}
        if entry.pretrained:
            files |= {*WEIGHTS.values(), CHECKSUMS, METRICS, SAMPLES}
        assert names >= {f"{entries}/{entry.name}/{file}" for file in files}
    assert not any(name.startswith(("tests", "zoo", "setup")) for name in names)


def test_an_entry_is_sampled_from_the_wheel(wheel, tmp_path):
    python = tmp_path / "venv" / "bin" / "python"
    run(sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv")
    pip = (sys.executable, "-m", "pip", "--python", python, "install")
    run(*pip, "--quiet", "--no-deps", "--no-index", wheel)
    (packages,) = (tmp_path / "venv").glob("lib/python*/site-packages")
    # What is required is there; of what is installed here nothing is started.
    (packages / "others.pth").write_text(
        f"{sysconfig.get_path('purelib')}\n"
        "import socket; socket.create_connection = socket.getaddrinfo = None\n"
    )
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    options = {"cwd": tmp_path, "env": environment}
    file = "import kerasgan; print(kerasgan.__file__)"
    found = run(python, "-P", "-c", file, **options).strip()
    assert Path(found) == packages / "kerasgan" / "__init__.py"

    command = (python.with_name("kerasgan"), "sample", NAME, "--count", 1)
    run(*command, "--seed", 3, "--output", "sample.png", **options)
    from kerasgan import sampling

    expected = sampling.sample(zoo.load(NAME), 1, seed=3)[0].astype(int)
    with Image.open(tmp_path / "sample.png") as image:
        found = np.asarray(image.convert("RGB"), int)
    # A grid has a margin.
    margin = (len(found) - len(expected)) // 2
    inside = slice(margin, margin + len(expected))
    assert np.abs(found[inside, inside] - expected).max() <= 1
