"""The rooms of the house: each imports from the floors below it alone."""

import ast
import functools
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "kerasgan"
# From the top floor down.
FLOORS = (
    "cli",
    # The names of all that Keras registers.
    "registration",
    "serving",
    "study",
    "training",
    "evaluation",
    "zoo",
    "recipes",
    "callbacks",
    "gans",
    "metrics",
    "sampling",
    "architectures",
    "data",
    "optimizers",
    "layers",
    "utils",
    "_version",
)
FILES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts): path
    for path in PACKAGE.rglob("*.py")
}
MODULES = {name.removesuffix(".__init__"): p for name, p in FILES.items()}


def imported(path):
    """Modules of the package that a file imports, also inside of functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [
                name
                if name.removeprefix("kerasgan.") in MODULES
                else str(node.module)
                for name in inner
            ]
        else:
            continue
        for name in names:
            if name.startswith("kerasgan."):
                yield name.removeprefix("kerasgan.")


IMPORTS = {
    name: set(imported(path)) - {name}
    for name, path in MODULES.items()
    # Which imports nothing before it is asked for.
    if name != "__init__"
}


def room(name):
    return name.partition(".")[0]


def upwards(modules):
    """Pairs of a module and a room above it, of modules and what each names."""
    return {
        (name, room(other))
        for name, others in modules.items()
        for other in others
        if FLOORS.index(room(name)) > FLOORS.index(room(other))
    }


def test_a_room_imports_from_the_floors_below_it():
    assert upwards(IMPORTS) == set()


def named(file):
    """Modules that strings of a file name: `"kerasgan.gans.losses:HingeGAN"`."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            # The constant part of an f-string may end with a dot.
            path = node.value.partition(":")[0].removesuffix(".")
            name = path.removeprefix("kerasgan.")
            if name != path and name in MODULES:
                yield name


def test_a_room_names_what_is_above_it_for_a_reason():
    assert upwards({name: {*named(MODULES[name])} for name in IMPORTS}) == {
        # Recipes check the names of measures, which are loaded to be measured.
        ("callbacks.measures_table", "evaluation"),
        # Each training of a study is a process of the command.
        ("study.scheduler", "cli"),
    }


def longest_chain(start, within):
    """The longest chain of imports from a module; it fails on a cycle."""

    @functools.cache
    def follow(name):
        if name in path:
            pytest.fail(f"a cycle: {' -> '.join([*path, name])}")
        path.append(name)
        chains = [
            follow(other) for other in sorted(IMPORTS[name]) if other in within
        ]
        path.pop()
        return (name, *max(chains, key=len, default=()))

    path = []
    return follow(start)


def test_no_module_imports_itself_by_others():
    for name in IMPORTS:
        longest_chain(name, IMPORTS.keys())


def package(name):
    is_package = MODULES[name].name == "__init__.py"
    return name if is_package else name.rpartition(".")[0]


@pytest.mark.parametrize("of", sorted({package(n) for n in IMPORTS}))
def test_a_package_has_six_levels_at_most(of):
    """Of the modules in its own folder; those of a folder inside are another's."""
    within = {n for n in IMPORTS if package(n) == of and n != of}
    for name in within:
        chain = longest_chain(name, within)
        assert len(chain) <= 6, chain


def test_folders_side_by_side_import_one_way():
    uses = {
        (package(name), package(other))
        for name, others in IMPORTS.items()
        for other in others
        if package(name) != package(other)
    }
    assert ("serving.exports", "serving.tf_serving") in uses
    both_ways = {(a, b) for a, b in uses if (b, a) in uses}
    # A folder inside of another shares its base classes.
    assert {
        (a, b)
        for a, b in both_ways
        if not (f"{a}.".startswith(f"{b}.") or f"{b}.".startswith(f"{a}."))
    } == set()


def test_modules_have_one_name_and_one_meaning():
    """No two of a name in the rooms of recipes and runs."""
    rooms = ("recipes", "training", "evaluation", "zoo", "utils")
    # `recipes.settings` and `evaluation.measures` have a module a section and a
    # metric.
    inside = [n for n in IMPORTS if room(n) in rooms and n.count(".") == 1]
    stems = [name.rpartition(".")[2] for name in inside]
    others = [
        n.rpartition(".")[2]
        for n in IMPORTS
        if room(n) not in rooms and room(n) != "cli"
    ]
    twice = {s for s in stems if stems.count(s) > 1 or s in others}
    assert twice == set()


def test_no_module_is_one_function_of_its_name():
    for name in IMPORTS:
        body = ast.parse(MODULES[name].read_text(encoding="utf-8")).body
        public = [
            node.name
            for node in body
            if isinstance(node, (ast.FunctionDef, ast.ClassDef))
            and node.name[0] != "_"
        ]
        # `architectures.dcgan` is a name of the package.
        if room(name) != "architectures":
            assert public != [name.rpartition(".")[2]]


_PRIVATE_PACKAGES = r"\.?(keras\.src|tensorflow\.python|jax\._src)\b"


def private_uses(tree):
    """Private names that a file takes from objects and packages of others."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.lineno, node.attr
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in (
            "getattr",
            "hasattr",
            "setattr",
        ):
            if isinstance(node.args[1], ast.Constant):
                yield node.lineno, node.args[1].value
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            module = getattr(node, "module", None) or ""
            names = [f"{module}.{alias.name}" for alias in node.names]
            for name in names:
                if re.match(_PRIVATE_PACKAGES, name):
                    yield node.lineno, f"_{name}"


def members(tree):
    """Names that a file gives to members of its classes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for item in node.body:
                yield getattr(item, "name", None)
                yield from (t.id for t in getattr(item, "targets", ()))
        elif isinstance(node, ast.Attribute):
            if isinstance(node.ctx, ast.Store) and (
                ast.unparse(node.value) in ("self", "cls")
            ):
                yield node.attr
        elif isinstance(node, ast.keyword):  # __dict__.update(_name=...)
            yield node.arg


def test_private_names_of_keras_have_one_home():
    """Names with an underscore that no class of the package defines."""
    trees = {
        name: ast.parse(path.read_text(encoding="utf-8"))
        for name, path in MODULES.items()
    }
    own = {m for tree in trees.values() for m in members(tree)} | {"_exit"}
    foreign = {
        f"{name}:{line}: {use}"
        for name, tree in trees.items()
        for line, use in private_uses(tree)
        if use.startswith("_") and not use.endswith("__") and use not in own
    }
    home = {use for use in foreign if use.startswith("utils.private_names:")}
    assert home
    assert foreign == home


@pytest.mark.parametrize("package", ["keras", "tensorflow", "jax", "uvicorn"])
def test_packages_with_private_names_have_upper_bounds(package):
    pattern = rf"(?<![\w.-]){package}>=[\d.]+(.*)"
    for file in ("setup.cfg", "docs/install.md"):
        bounds = re.findall(pattern, (PACKAGE.parent / file).read_text("utf-8"))
        assert bounds or file != "setup.cfg"
        assert all(bound.startswith(",<") for bound in bounds)


def body_lines(function):
    """The lines of a function's body without its docstring."""
    body = function.body
    if ast.get_docstring(function) is not None and len(body) > 1:
        body = body[1:]
    return body[-1].end_lineno - body[0].lineno + 1


def test_modules_have_fewer_than_350_lines_and_functions_at_most_60():
    long = {}
    for name, path in MODULES.items():
        text = path.read_text("utf-8")
        if text.count("\n") >= 350:
            long[name] = text.count("\n")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and body_lines(node) > 60:
                long[f"{name}:{node.name}"] = body_lines(node)
    assert long == {}
