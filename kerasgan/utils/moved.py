"""Import paths of kerasgan 0.1, which end with 0.4."""

import importlib
import sys
import types
import warnings

# Below `kerasgan`.
MOVED = {
    "backend": "utils.backend",
    "callbacks.measure": "callbacks.measuring_callback",
    "callbacks.networks": "callbacks.network_files",
    "colours": "utils.rgb",
    "cores": "utils.hardware",
    "curves": "utils.curves",
    "files": "utils.files",
    "gans.hinge": "gans.losses",
    "gans.least_squares": "gans.losses",
    "gans.minimax": "gans.losses",
    "gans.non_saturating": "gans.losses",
    "gans.penalties.slopes": "gans.penalties.gradient_norms",
    "gans.relativistic": "gans.losses_relativistic",
    "gans.wasserstein": "gans.losses_wasserstein",
    "gans.wasserstein_gp": "gans.losses_wasserstein",
    "inference": "sampling.inference",
    "networks": "utils.networks",
    "pictures": "utils.image_grids",
    "progress": "utils.progress_bars",
    "report": "utils.report_page",
    "run_log": "utils.run_log",
    "serving.batching": "serving.tf_serving.batching_parameters",
    "serving.compose": "serving.tf_serving.compose",
    "serving.configuration": "serving.tf_serving.configuration",
    "serving.exporting": "serving.exports.exporting",
    "serving.folding": "serving.exports.folding",
    "serving.graph": "serving.exports.graph",
    "serving.latents": "serving.exports.graph_latents",
    "serving.made_of": "serving.exports.export_origin",
    "serving.saved_model": "serving.exports.saved_model",
    "serving.served": "serving.tf_serving.served_models",
    "serving.versions": "serving.tf_serving.versions",
    "serving.warm_up": "serving.tf_serving.warm_up_requests",
    "shares": "data.hold_out_share",
    "training.entry_source": "training.adaptation",
    "training.selection": "training.training_callbacks",
    "zoo.adaptation": "training.adaptation",
    "zoo.build": "recipes.build",
    "zoo.cached_items": "evaluation.cached_items",
    "zoo.card": "zoo.model_card",
    "zoo.compare": "evaluation.comparison",
    "zoo.diagnostics": "training.diagnostics",
    "zoo.evaluate": "evaluation.evaluator",
    "zoo.evaluation": "evaluation.evaluation",
    "zoo.feature_store": "evaluation.feature_store",
    "zoo.hardware": "utils.hardware",
    "zoo.load": "zoo.pretrained",
    "zoo.measures": "evaluation.measures",
    "zoo.measures.frechet": "evaluation.measures.frechet_distance",
    "zoo.measures.inception": "evaluation.measures.inception_score",
    "zoo.measures.kernel": "evaluation.measures.kernel_distance",
    "zoo.measures.prdc": "evaluation.measures.prdc",
    "zoo.measures.reconstruction": "evaluation.measures.reconstruction",
    "zoo.measures.repeats": "evaluation.measures.repeats",
    "zoo.measures.variety": "evaluation.measures.diversity",
    "zoo.measures.wasserstein": "evaluation.measures.sliced_wasserstein",
    "zoo.metrics": "zoo.records",
    "zoo.nested": "recipes.dotted_keys",
    "zoo.origin": "training.initial_weights",
    "zoo.overview": "zoo.index",
    "zoo.own_images": "training.adaptation",
    "zoo.recipe": "recipes.recipe",
    "zoo.run": "training.run_directory",
    "zoo.sections": "recipes.section",
    "zoo.selection": "training.training_callbacks",
    "zoo.settings": "recipes.settings",
    "zoo.settings.architecture": "recipes.settings.architecture",
    "zoo.settings.augmentation": "recipes.settings.augmentation",
    "zoo.settings.data": "recipes.settings.data",
    "zoo.settings.optimizers": "recipes.settings.optimizers",
    "zoo.settings.penalties": "recipes.settings.penalties",
    "zoo.settings.training": "recipes.settings.training",
    "zoo.subject": "evaluation.inputs",
    "zoo.train": "training.trainer",
    "zoo.watchers": "training.training_callbacks",
    "zoo.watching": "training.run_callbacks",
    "zoo.words": "zoo.formatting",
}


class MovedModule(types.ModuleType):
    """Replaces a module at its old path; each access warns.

    Args:
        name: the old path.
        new: the new one.
    """

    def __init__(self, name, new):
        super().__init__(name)
        self.__dict__.update(_new=new)

    def __getattr__(self, name):
        # The import system and pytest ask for these of every module.
        if name.startswith("__"):
            raise AttributeError(name)
        warnings.warn(
            f"{self.__name__} is {self._new} now; the old path ends with "
            "kerasgan 0.4",
            DeprecationWarning,
            stacklevel=2,
        )
        return getattr(importlib.import_module(self._new), name)


def keep_old_paths():
    """Let the paths of `MOVED` be imported."""
    for old, new in MOVED.items():
        module = MovedModule(f"kerasgan.{old}", f"kerasgan.{new}")
        sys.modules.setdefault(module.__name__, module)


def at_old_path(package, name):
    """Returns a module that moved, for a package's `__getattr__`."""
    try:
        return sys.modules[f"{package}.{name}"]
    except KeyError:
        message = f"module '{package}' has no attribute '{name}'"
        raise AttributeError(message) from None
