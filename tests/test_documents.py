"""The commands and the code of README and of the pages in docs/.

Of all documents, commands of `kerasgan` are parsed by the command line itself
(names, options, choices and the keys of --set; not the files they name), and of
Python the names of kerasgan and Keras, the arguments of their calls and the
names of models are looked up. Scripts and tests that a command names exist.
README's Python and its commands of `kerasgan` run, with tiny networks and
images; the last test says which do not.

Numbers of entries and of studies are compared with the files they come from.
"""

import ast
import json
import re
import shlex

import numpy as np
import pytest
import typer.main
import yaml
from code_names import CodeNames
from pages import PAGES
from PIL import Image
from typer.testing import CliRunner

from kerasgan import architectures, optimizers, serving, zoo
from kerasgan.cli import app
from kerasgan.zoo.records import REAL

ROOT = zoo.catalogue.folder().parent
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *PAGES,
    *sorted((ROOT / "zoo").glob("*/README.md")),
    *sorted((ROOT / "research").glob("*.md")),
    ROOT / "benchmarks" / "README.md",
    ROOT / "tests" / "oracles" / "README.md",
]
FENCE = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`(kerasgan [a-z][^`]*)`")
INLINE_PYTHON = re.compile(r"`(kerasgan\.[^`]+)`")
# Files of commands, from the top of the repository.
SCRIPT = re.compile(r"(?<= )(?:research|benchmarks|tests)/[\w/*.]+")
# What looks like the name of an entry.
ENTRY = re.compile(r"(dcgan|resnet\d*|sngan)-(none|bn|ln|wn|sn)-[a-z0-9-]+")


def blocks(path, language):
    """The fenced blocks of a language, without their indentation."""
    return [
        re.sub(f"^{indent}", "", text, flags=re.MULTILINE)
        for indent, found, text in FENCE.findall(path.read_text("utf-8"))
        if found == language
    ]


def commands(text):
    """The arguments of each `kerasgan` in a shell's text."""
    for line in text.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        # What comes before: `A=1`, `pip install ... &&`.
        while "kerasgan" in words:
            words = words[words.index("kerasgan") + 1 :]
            end = min(
                [
                    words.index(word)
                    for word in ("&&", "|", "&", ";", ">")
                    if word in words
                ],
                default=len(words),
            )
            yield words[:end]


def is_model(name, folders=False):
    """Whether a text may name a model: an entry, a path, or a placeholder.

    Args:
        name: the text.
        folders: whether it may be a folder next to the reader, too.
    """
    return (
        name in zoo.list()
        or "/" in name
        or name.endswith(".yaml")
        or name.isupper()
        or (folders and not ENTRY.fullmatch(name))
    )


def choices(function):
    """Returns what names the arguments of a call can be: parameter -> check."""
    if function in vars(zoo).values() and function is not zoo.list:
        return {"name": is_model}
    if function is serving.Client:
        return {"model": zoo.list().__contains__}
    if function is optimizers.preset:
        return {"name": optimizers.PRESETS.__contains__}
    if function in vars(architectures).values():
        normalizations = architectures.NORMALIZATIONS.__contains__
        return {
            "normalization": normalizations,
            "generator_normalization": normalizations,
            "discriminator_normalization": normalizations,
            "upsampling": architectures.UPSAMPLINGS.__contains__,
            "activation": architectures.ACTIVATIONS.__contains__,
        }
    return {}


def parse(arguments):
    """Let the command line read what it would do, and do nothing."""
    group = typer.main.get_command(app)
    if arguments[0].startswith("-"):
        assert arguments[0] in {o for p in group.params for o in p.opts}
        return
    command = group.commands[arguments[0]]
    context = command.make_context(arguments[0], list(arguments[1:]))
    for parameter in command.params:
        kinds = re.findall(r"\w+", parameter.metavar or "")
        argument = parameter.param_type_name == "argument"
        if "NAME" in kinds and (argument or "--from" in parameter.opts):
            values = context.params[parameter.name] or ()
            for value in [values] if isinstance(values, str) else values:
                folders = bool({"FOLDER", "SAVEDMODEL"} & {*kinds})
                assert is_model(value, folders), f"no model {value}"
    settings = context.params.get("settings") or ()
    name = context.params.get("name")
    if settings:
        recipe = zoo.recipe(name if name in zoo.list() else "dcgan-wn-celeba")
        recipe.override_all(
            [tuple(setting.split("=", 1)) for setting in settings]
        )


@pytest.mark.parametrize(
    "path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT))
)
def test_commands_parse(path):
    texts = blocks(path, "sh")
    if path.parent != ROOT / "zoo":
        # Words that stand for something, and halves of a command, aside.
        texts += [
            " ".join(text.split())
            for text in INLINE.findall(path.read_text("utf-8"))
            if not re.search(
                r"\b[A-Z]{3,}\b|\.\.\.|^kerasgan [\w-]+$| --[\w-]+$", text
            )
        ]
    for text in texts:
        for arguments in commands(text):
            try:
                parse(arguments)
            except Exception as error:
                raise AssertionError(
                    f"{path.name}: {arguments}: {error}"
                ) from error


@pytest.mark.parametrize(
    "path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT))
)
def test_scripts_and_tests_of_commands_exist(path):
    text = path.read_text("utf-8")
    lines = "\n".join([*blocks(path, "sh"), *re.findall(r"`([^`\n]+)`", text)])
    for command in re.findall(r"\b(?:python|pytest) .*", lines):
        for name in SCRIPT.findall(command):
            assert list(ROOT.glob(name)), name


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_yaml_is_valid(path):
    for text in blocks(path, "yaml"):
        assert yaml.safe_load(text)


def wrong_names(codes):
    """Returns what is wrong in Python that is read from the first to the last."""
    names = CodeNames(choices)
    for code in codes:
        # CONTRIBUTING.md shows rows of tables, too.
        code = f"{{{code}}}" if code.startswith('"') else code
        tree = ast.parse(code)
        names.visit(tree)
        names.wrong += [
            f"no entry {node.value}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and ENTRY.fullmatch(node.value)
            and node.value not in zoo.list()
        ]
    return names.wrong


@pytest.mark.parametrize(
    "path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT))
)
def test_names_in_python_exist(path):
    inline = INLINE_PYTHON.findall(path.read_text("utf-8"))
    assert wrong_names([*blocks(path, "python"), *inline]) == []


@pytest.mark.parametrize(
    "code, wrong",
    [
        ("kerasgan.serving.Klient('x')", "has no Klient"),
        ("from kerasgan.gans import HingGAN", "has no HingGAN"),
        ("import keras\nkeras.layers.Denes(3)", "has no Denes"),
        ("kerasgan.zoo.load('dcgan-wn-faces')", "name='dcgan-wn-faces'"),
        ("x = ['dcgan-wn-faces']", "no entry dcgan-wn-faces"),
        ("kerasgan.optimizers.preset('sngan-z')", "name='sngan-z'"),
        ("kerasgan.architectures.dcgan(normalization='wn')", "='wn'"),
        ("kerasgan.data.load('x', size=3)", "argument 'size'"),
        ("kerasgan.sample()", "missing a required argument: 'generator'"),
        ("kerasgan.gans.R1(1.0, 2, 3)", "too many positional"),
        ("kerasgan.gans.HingeGAN(*x, steps=1)", "takes no steps"),
        ("import keras\nkeras.layers.Dense(3, size=1)", "size"),
        ("kerasgan.data.prepare('x').photos", "has no photos"),
        (
            "with kerasgan.serving.Client('x') as c:\n    c.sample(3, n=1)",
            "argument 'n'",
        ),
        (
            "from kerasgan import gans\ng = gans.HingeGAN(*n)\ng.compil()",
            "compil",
        ),
    ],
)
def test_a_wrong_name_is_noticed(code, wrong):
    (line, *_) = wrong_names([code])
    assert wrong in line


def test_a_wrong_model_of_a_command_is_noticed():
    for command in (
        "sample dcgan-wn-faces",
        "train dcgan-wn-celeba --from dcgan-wn-faces",
        "compare runs/a dcgan-wn-faces",
        "serve dcgan-wn-faces",
    ):
        with pytest.raises(AssertionError, match="no model dcgan-wn-faces"):
            parse(command.split())


def test_the_study_of_the_docs_is_valid(tmp_path):
    from kerasgan.study.specification import Study, load_study

    text = (ROOT / "docs" / "studies.md").read_text("utf-8")
    (study,) = blocks(ROOT / "docs" / "studies.md", "yaml")
    (tmp_path / "study.yaml").write_text(study)
    assert load_study(tmp_path / "study.yaml").grid
    # Each key is named.
    assert not [key for key in Study.model_fields if f"`{key}`" not in text]


# What makes README's examples small enough to run.
TINY = {
    "features=32": "features=2",
    "(64, 64, 3)": "(8, 8, 3)",
    "image_size=64, batch_size=32": "image_size=8, batch_size=4",
    "epochs=10": "epochs=1",
}
TRAIN = "--steps 1 --batch-size 4 --precision float32 --measure none"
# What is appended to README's commands: the first row whose words a command has.
MORE = {
    "list": "",
    "info": "",
    "sample": "",
    "interpolate": "",
    # The weights ask for the entry's own networks, and 5% of the few images
    # are none.
    "train --from": f"{TRAIN} --hold-out 50% --log-every 1 --measure-every 1 "
    "--measure-count 2",
    # 16 pixels are the least that swd takes.
    "train": f"{TRAIN} --image-size 16 --set features=2",
    "evaluate": "--samples 8",
    "reconstruct": "--steps 1",
    # Its default needs the weights of the Inception network.
    "measure": "--metrics swd",
    "export": "",
    "serving-config": "",
}
NOT_RUN = {"serve", "push"}


@pytest.fixture
def photos(tmp_path, monkeypatch):
    """A working folder with the images that README's examples name."""
    folders = ("photos", "unseen_photos", "anybodys_images")
    for seed, folder in enumerate(folders):
        generator = np.random.default_rng(seed)
        # As large as those of the entry that is fine-tuned: none is enlarged.
        noise = generator.integers(0, 256, (8, 64, 64, 3), np.uint8)
        (tmp_path / folder).mkdir()
        for at, image in enumerate(noise):
            Image.fromarray(image).save(tmp_path / folder / f"{at}.png")
    monkeypatch.setenv("KERASGAN_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_code_of_readme_runs(photos):
    for code in blocks(DOCUMENTS[0], "python"):
        for size, tiny in TINY.items():
            code = code.replace(size, tiny)
        assert "64" not in re.sub("#.*", "", code)
        values = {}
        exec(code, values)
        if "images" in values:
            assert values["images"].shape == (16, 64, 64, 3)
            assert values["frames"].shape == (8, 64, 64, 3)
    assert (photos / "gan.keras").is_file()


def measured(name):
    """The numbers of an entry; of several with a name, that of the card."""
    return {m.name: m.value for m in zoo.read_metrics(name).metrics[::-1]}


def agrees(value, number):
    """Whether a printed number is a value, rounded to as many digits."""
    digits = len(re.sub(r"\D", "", number).lstrip("0")) or 1
    return float(f"{value:.{digits}g}") == float(number)


def test_the_numbers_of_readme_are_measured():
    text = DOCUMENTS[0].read_text("utf-8").split("## Models\n")[1]
    rows = re.findall(
        r"^\| `([\w-]+)` \|[^|]*\|(.*?)\|(.*?)\|", text, re.MULTILINE
    )
    assert rows
    for name, *numbers in rows:
        for measure, number in zip(("reconstruction_error", "fid768"), numbers):
            number = number.strip()
            assert agrees(measured(name)[measure], number), (name, measure)


# What a page quotes of an entry's metrics.json is marked, invisibly:
# 0.0118<!-- metric dcgan-wn-celeba reconstruction_error -->
MARKED = re.compile(r"([\d.]+)<!--\s*metric\s+([\w-]+)\s+(\w+)\s*-->")


def test_the_numbers_of_pages_are_measured():
    numbers = {n: measured(n) for n in zoo.list() if zoo.read_metrics(n)}
    quoted = []
    for path in PAGES:
        text = path.read_text("utf-8")
        quoted += MARKED.findall(text)
        # What looks as if it were quoted, and would become false unnoticed.
        for block in MARKED.sub("", text).split("\n\n"):
            named = numbers.keys() & re.findall(r"[\w-]+", block)
            for number in re.findall(r"(?<![\w.])0\.\d{3,}(?!\w)", block):
                if float(number) == 0:
                    continue
                for name in named:
                    for measure, value in numbers[name].items():
                        # Those of real images are the same for every entry.
                        if measure.endswith(REAL):
                            continue
                        assert not agrees(value, number), (
                            f"{path.name}: mark {number} as "
                            f"<!-- metric {name} {measure} -->"
                        )
    assert quoted
    for number, name, measure in quoted:
        assert agrees(numbers[name][measure], number), (name, measure, number)


def test_the_speeds_of_readme_are_those_of_the_benchmarks():
    """The README has some rows of the table of all ratios, as they stand there."""
    rows = [
        line
        for line in (ROOT / "README.md").read_text("utf-8").splitlines()
        if re.match(r"\|.*\| `[a-z_]+\.py", line)
    ]
    table = (ROOT / "benchmarks" / "README.md").read_text("utf-8").splitlines()
    assert len(rows) > 4
    assert [row for row in rows if row not in table] == []


def study_rows():
    """The rows of tables that begin with a study of research/reproduction."""
    for path in PAGES:
        header = []
        for line in path.read_text("utf-8").splitlines():
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if not line.startswith("|"):
                header = []
            elif not header:
                header = cells
            elif header[0] == "study" and cells[0].startswith("`"):
                yield dict(zip(header, cells)) | {"study": cells[0].strip("`")}


def test_the_numbers_of_studies_are_those_of_their_results():
    folder, known, shown = ROOT / "research/reproduction/results", set(), set()
    runs = {}
    for path in folder.glob("*.jsonl"):
        for line in path.read_text("utf-8").splitlines():
            run = json.loads(line)
            known.add((path.stem, run["variant"]))
            runs.setdefault((path.stem, run["variant"]), []).append(run)
    for row in study_rows():
        key = (row["study"], row["variant"])
        shown.add(key)
        for column, measure in (
            ("error, all test faces", "reconstruction_error"),
            ("diversity", "sample_diversity"),
        ):
            value = np.mean([run[measure] for run in runs[key]])
            assert agrees(value, row[column]), (key, column)
        assert int(row.get("seeds", len(runs[key]))) == len(runs[key]), key
        steps = row.get("steps", f"{runs[key][0]['steps']:,}")
        assert steps == f"{runs[key][0]['steps']:,}", key
    assert shown == known


@pytest.mark.integration
def test_the_commands_of_readme_run(photos):
    """All, in the order of README, in one folder, but for these.

    - `serve` runs until it is stopped: tests/cli/test_serve.py has it.
    - `push` needs a network and an account: tests/zoo/test_hub.py has it, with
      a server of its own.
    - `pip install` and `docker compose` need a network, and docker a daemon;
      `sphinx` and `pytest` take minutes.
    """
    ran = set()
    for text in blocks(DOCUMENTS[0], "sh"):
        for command in commands(text):
            if command[0] in NOT_RUN:
                continue
            kind = next(kind for kind in MORE if {*kind.split()} <= {*command})
            result = CliRunner().invoke(app, [*command, *MORE[kind].split()])
            assert result.exit_code == 0, (command, result.output)
            ran.add(kind)
    assert ran == {*MORE}
    files = {path.name for path in photos.iterdir() if path.suffix}
    assert files == {
        "samples.png",
        "ships.png",
        "faces.gif",
        "photos.png",
        "pairs.png",
        "photos.onnx",
    }
    runs = {path.name for path in (photos / "runs").iterdir()}
    assert runs == {"photos", "finetuned"}
    assert (photos / "runs" / "finetuned" / "best").is_dir()
    assert (photos / "runs" / "photos" / "metrics.json").is_file()
    assert (photos / "savedmodels" / "photos" / "1").is_dir()
    assert (photos / "serving" / "compose.yaml").is_file()
