"""The documentation site: `python -m sphinx -n -W docs docs/_build`."""

import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Tutorials run on the processor, alike everywhere.
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
# Shell cells find the commands of this environment.
os.environ["PATH"] = os.pathsep.join(
    [os.path.dirname(sys.executable), os.environ["PATH"]]
)

import kerasgan
from kerasgan.cli.quiet import import_keras

import_keras()

project = "kerasgan"
author = "The kerasgan authors"
copyright = "The kerasgan authors"
version = release = kerasgan.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx_design",
    "extension",
]
exclude_patterns = ["_build", ".jupyter_cache", "jupyter_execute"]
# A single backtick in a docstring is code, as in Markdown.
default_role = "code"

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

# Tutorials are executed once and kept until their code changes. Where time is
# short, KERASGAN_TUTORIALS names those to execute: "1,4", or "none".
nb_execution_mode = "cache"
nb_execution_timeout = 300
# What a tutorial writes is not left in docs/tutorials.
nb_execution_in_temp = True
nb_execution_raise_on_error = True
nb_execution_show_tb = True
nb_merge_streams = True
chosen = os.environ.get("KERASGAN_TUTORIALS")
if chosen is not None:
    numbers = {number.strip() for number in chosen.split(",")}
    nb_execution_excludepatterns = [
        f"tutorials/{path.name}"
        for path in (HERE / "tutorials").glob("[0-9]*.md")
        if path.name.split("-")[0] not in numbers
    ]

autodoc_member_order = "bysource"
autodoc_typehints = "none"
autodoc_default_options = {
    "members": True,
    # What every layer and model of Keras has.
    "exclude-members": "build, call, compute_mask, compute_output_shape, "
    "compute_output_spec, get_config, from_config, get_build_config, "
    "build_from_config",
}
napoleon_google_docstring = True
napoleon_numpy_docstring = False
# Types stand in the signatures' words, not as links.
napoleon_use_rtype = False
napoleon_use_ivar = True
napoleon_custom_sections = [
    ("Input shape", "params_style"),
    ("Output shape", "params_style"),
    "Reference",
    "References",
]
# Types of other projects, whose sites are not at hand when this one is built.
nitpick_ignore_regex = [
    (
        "py:.*",
        r"(keras|pathlib|numpy|np|tensorflow|tf|jax|typing|collections)\b.*",
    ),
    ("py:class", r"(optional|array|Tensor|Model|Layer|callable)"),
]

# "--steps" stays as it is typed.
smartquotes = False
html_theme = "furo"
html_title = f"kerasgan {release}"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
