import pytest
import typer
from one_line import refused
from typer.testing import CliRunner

from kerasgan import cli
from kerasgan.cli import serving_config


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A function that runs the command in a folder with two models."""
    for name, versions in {"dcgan": "12", "resnet": "1"}.items():
        for version in versions:
            folder = tmp_path / "savedmodels" / name / version
            folder.mkdir(parents=True)
            (folder / "saved_model.pb").write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    app = typer.Typer(cls=cli._Group)
    app.callback()(lambda: None)
    app.command("serving-config")(serving_config.command)

    def call(*arguments):
        words = ["serving-config", *map(str, arguments)]
        return CliRunner().invoke(app, words)

    return call


def test_it_says_what_is_served_and_how_to_start(run, tmp_path):
    result = run()
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [
        "dcgan: latest version",
        "resnet: latest version",
        "Start them: docker compose -f serving/compose.yaml up --detach --wait",
    ]
    assert {file.name for file in (tmp_path / "serving").iterdir()} == {
        "batching_parameters.txt",
        "compose.yaml",
        "models.config",
        "monitoring.config",
        "prometheus.yml",
    }


def test_options_reach_the_files(run, tmp_path):
    result = run(
        "savedmodels",
        *("--output", "out"),
        *("--models", "dc*"),
        *("--label", "stable=previous", "--label", "canary=latest"),
        *("--versions", "dcgan/1"),
        *("--rest-port", 9501, "--address", "0.0.0.0", "--gpu"),
    )
    assert result.exit_code == 0, result.output
    line, _ = result.stdout.splitlines()
    assert line == "dcgan: version 1, 2 (stable is 1, canary is 2)"
    text = (tmp_path / "out" / "compose.yaml").read_text()
    assert "0.0.0.0:9501:8501" in text and "nvidia" in text
    assert "resnet" not in (tmp_path / "out" / "models.config").read_text()


def test_errors_are_one_line(run, tmp_path):
    refused(run("empty"), "savedmodels='empty'")
    refused(run("--label", "stable=7"), "no version 7")
    refused(run("--rest-port", 8500), "rest_port=8500")
    assert not (tmp_path / "serving").exists()


def test_edited_files_are_replaced_by_force_alone(run, tmp_path):
    run()
    config = tmp_path / "serving" / "models.config"
    config.write_text("# mine\n")
    refused(run(), "models.config")
    assert config.read_text() == "# mine\n"
    assert run("--force").exit_code == 0
    assert "dcgan" in config.read_text()
