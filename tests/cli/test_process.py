"""The command line as a process of its own."""

import os
import subprocess
import sys

import pytest


def execute(*arguments, code=None, **variables):
    environment = dict(os.environ)
    environment.pop("TF_CPP_MIN_LOG_LEVEL", None)
    environment |= variables
    command = ["-c", code] if code else ["-m", "kerasgan.cli", *arguments]
    return subprocess.run(
        [sys.executable, *command],
        capture_output=True,
        text=True,
        timeout=120,
        env=environment,
    )


def test_errors_are_one_line_without_a_traceback():
    result = execute("sample", "dcgan-wn-celba")
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.startswith("kerasgan: error: no such entry")
    assert "did you mean one of dcgan-wn-celeba, " in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.integration
@pytest.mark.parametrize("variables", [{}, {"TF_CPP_MIN_LOG_LEVEL": "3"}])
def test_the_frameworks_start_in_silence(variables):
    result = execute(
        **variables,
        code="from kerasgan.cli.quiet import import_keras\n"
        "import_keras()\n"
        "import sys, keras\n"
        "keras.ops.zeros(3)\n"
        "print('heard', file=sys.stderr)\n",
    )
    assert (result.returncode, result.stderr) == (0, "heard\n")


def test_an_import_that_fails_is_heard():
    result = execute(
        code="import os, sys\n"
        "class Finder:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'keras':\n"
        "            os.write(2, b'the reason')\n"
        "            raise ImportError('no keras')\n"
        "sys.meta_path.insert(0, Finder())\n"
        "from kerasgan.cli.quiet import import_keras\n"
        "import_keras()\n"
    )
    assert result.returncode == 1
    assert result.stderr.startswith("the reason")
    assert "ImportError: no keras" in result.stderr


@pytest.mark.integration
def test_garbage_collection_leaves_out_the_frameworks():
    result = execute(
        code="import gc\n"
        "from kerasgan.cli.quiet import import_keras\n"
        "collected = gc.get_stats()[2]['collections']\n"
        "import_keras()\n"
        "print(gc.get_stats()[2]['collections'] - collected)\n"
        "print(gc.isenabled(), gc.get_freeze_count() > 100_000)\n"
        "frozen = gc.get_freeze_count()\n"
        "rest = [[] for _ in range(9_999)]\n"
        "import_keras()\n"
        "print(gc.get_freeze_count() <= frozen)\n",
        TF_CPP_MIN_LOG_LEVEL="3",
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == ["0", "True", "True", "True"]


@pytest.mark.integration
def test_list_loads_no_framework():
    result = execute(
        code="import sys\n"
        "sys.argv = ['kerasgan', 'list']\n"
        "from kerasgan.cli import main\n"
        "try:\n"
        "    main()\n"
        "finally:\n"
        "    print(sorted({'keras', 'tensorflow', 'jax'} & set(sys.modules)))\n"
    )
    assert result.returncode == 0, result.stderr
    assert "dcgan-wn-celeba" in result.stdout
    assert result.stdout.splitlines()[-1] == "[]"


@pytest.mark.integration
@pytest.mark.parametrize("said", [None, "0"])
def test_convolutions_are_the_fast_ones_unless_someone_says_otherwise(
    said, monkeypatch
):
    monkeypatch.delenv("TF_ENABLE_ONEDNN_OPTS", raising=False)
    if said is not None:
        monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", said)
    result = execute(
        code="from kerasgan.cli.quiet import import_keras\n"
        "import_keras()\n"
        "import os\n"
        "print(os.environ['TF_ENABLE_ONEDNN_OPTS'])\n"
    )
    assert (result.returncode, result.stdout) == (0, f"{said or 1}\n")
