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
    """Returns name -> content of the pages: of each package, of each name."""
    result = _pages("kerasgan", "The functions most used.", functions())
    for package, summary in PACKAGES.items():
        result |= _pages(package, summary, members(package))
    return result


def _pages(package, summary, objects):
    lines = [*_title(package), summary, "", f".. currentmodule:: {package}", ""]
    lines += [".. autosummary::", "   :nosignatures:", ""]
    lines += [f"   {name}" for name in objects if callable(objects[name])]
    tables = {
        name: item for name, item in objects.items() if not callable(item)
    }
    for name, item in tables.items():
        lines += ["", f".. data:: {package}.{name}", ""]
        lines.append("   " + _contents(item))
    lines += ["", ".. toctree::", "   :hidden:", ""]
    lines += [f"   {package}/{name}" for name in objects if name not in tables]
    result = {f"reference/{package}.rst": "\n".join(lines) + "\n"}
    for name in objects.keys() - tables.keys():
        kind = "class" if inspect.isclass(objects[name]) else "function"
        lines = [*_title(name), f".. auto{kind}:: {package}.{name}"]
        result[f"reference/{package}/{name}.rst"] = "\n".join(lines) + "\n"
    return result


def _title(text):
    return [text, "=" * len(text), ""]


def _contents(item):
    """What a table or a constant holds, in a line."""
    names = [getattr(key, "__name__", key) for key in item]
    kind = "A mapping from" if hasattr(item, "keys") else "A tuple of"
    return f"{kind} {', '.join(f'`{name}`' for name in names)}."
