"""The reference of the Python interface: every public name."""

import importlib
import inspect

import kerasgan

# What each package is for, before the list of its names.
PACKAGES = {
    "kerasgan.zoo": "Models by name: list, load, recipes and cards.",
    "kerasgan.sampling": "Latents and images: sample, interpolate.",
    "kerasgan.layers": "Normalization layers and activations.",
    "kerasgan.architectures": "Generators and discriminators.",
    "kerasgan.gans": "GANs that train with `fit`, penalties, augmentations.",
    "kerasgan.optimizers": "Named settings and schedules of optimizers.",
    "kerasgan.data": "Images: prepared once, read in batches.",
    "kerasgan.callbacks": "Keras callbacks for any `fit`.",
    "kerasgan.metrics": "Measures of images and generators.",
    "kerasgan.serving": "Export, configuration of servers, client.",
}


def members(package):
    """Returns name -> object of the public names of a package."""
    module = importlib.import_module(package)
    return {
        name: getattr(module, name)
        for name in sorted(module.__all__, key=str.lower)
        if not inspect.ismodule(getattr(module, name))
    }


def functions():
    """Returns name -> function of those of `kerasgan` itself."""
    return {
        name: getattr(kerasgan, name)
        for name in sorted(kerasgan.__all__)
        if inspect.isfunction(getattr(kerasgan, name))
    }


def pages():
    """Returns name -> content of the pages of the reference."""
    result = {
        "reference/kerasgan.rst": _page(
            "kerasgan", "The functions most used.", functions()
        )
    }
    for package, summary in PACKAGES.items():
        result[f"reference/{package}.rst"] = _page(
            package, summary, members(package)
        )
    return result


def _page(package, summary, objects):
    lines = [package, "=" * len(package), "", summary, ""]
    lines += [f".. currentmodule:: {package}", ""]
    lines += [".. autosummary::", "   :nosignatures:", ""]
    lines += [f"   {name}" for name in objects if callable(objects[name])]
    for name, item in objects.items():
        lines += ["", name, "-" * len(name), ""]
        if inspect.isclass(item):
            lines.append(f".. autoclass:: {package}.{name}")
        elif callable(item):
            lines.append(f".. autofunction:: {package}.{name}")
        else:
            lines += [f".. data:: {package}.{name}", ""]
            lines.append("   " + _contents(item))
    return "\n".join(lines) + "\n"


def _contents(item):
    """What a table or a constant holds, in a line."""
    names = [getattr(key, "__name__", key) for key in item]
    kind = "A mapping from" if hasattr(item, "keys") else "A tuple of"
    return f"{kind} {', '.join(f'`{name}`' for name in names)}."
