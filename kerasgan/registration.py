"""Registration of our classes, with which Keras loads `.keras` files.

Keras finds a class of ours in its table of custom objects alone, into which
`keras.saving.register_keras_serializable` puts it when its module is imported.
`import kerasgan` imports neither Keras nor those modules. Instead it puts into
the table, as soon as there is one, something for each class that imports its
module when a file needs it.
"""

import importlib
import sys

# Module -> its table of classes.
_TABLES = {
    "kerasgan.gans.augmentation.table": "AUGMENTATIONS",
    "kerasgan.gans.losses_table": "LOSSES",
    "kerasgan.gans.penalties.table": "PENALTIES",
}
# Module -> what it registers but for the classes that have a row in a table,
# and what it imports does not. A test holds this against Keras's own table.
_MODULES = {
    "kerasgan.architectures.normalizations": ("_Orthogonal",),
    "kerasgan.gans.optimizer": ("GANOptimizer",),
    "kerasgan.layers": (
        "Affine",
        "BilinearUpSampling2D",
        "ConditionalBatchNormalization",
        "LayerNormalization",
        "OneHot",
        "PReLU",
        "SpectralNormalization",
        "TPReLU",
        "TReLU",
        "WeightNormalization",
        "WeightNormalizedAdd",
        "WeightNormalizedConv2D",
        "WeightNormalizedConv2DTranspose",
        "WeightNormalizedDense",
    ),
    "kerasgan.optimizers.delay": ("Delay",),
    "kerasgan.optimizers.warm_up": ("WarmUp",),
}


def classes():
    """Returns the module of each class that Keras registers, by name."""
    tables = [
        getattr(importlib.import_module(module), name)
        for module, name in _TABLES.items()
    ]
    rows = [row for table in tables for row in table.values()]
    others = {
        name: module for module, names in _MODULES.items() for name in names
    }
    return {**others, **{row.name: row.module for row in rows}}


def register():
    """Register all classes with Keras, now or when Keras is imported."""
    # None means a package that must not be imported.
    if sys.modules.get("keras") is not None:
        _fill_table()
    else:
        sys.meta_path.insert(0, _AfterKeras())


class _OnDemand:
    """Replaces a class in Keras's table of custom objects until it is used.

    Keras uses nothing but `from_config` of what a configuration names. The
    class itself takes this object's place when its module is imported.
    """

    def __init__(self, module, name):
        self.module = module
        self.name = name

    def from_config(self, config):
        """Returns an object of the class."""
        import keras

        importlib.import_module(self.module)
        # Not `get_registered_object`: while a file is read, that finds what the
        # table held at first.
        kind = keras.saving.get_custom_objects()[self.name]
        return kind.from_config(config)


def _fill_table():
    import keras

    table = keras.saving.get_custom_objects()
    for name, module in classes().items():
        name = f"kerasgan>{name}"
        table.setdefault(name, _OnDemand(module, name))


class _AfterKeras:
    """A finder of `sys.meta_path` that fills the table when Keras is imported.

    It finds nothing itself, and leaves when it has done its work.
    """

    searching = False

    def find_spec(self, fullname, path=None, target=None):
        if fullname != "keras" or self.searching:
            return None
        import importlib.util

        self.searching = True
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            self.searching = False
        if spec is None or spec.loader is None:
            return spec
        load = spec.loader.exec_module

        def exec_module(module):
            load(module)
            _fill_table()
            if self in sys.meta_path:
                sys.meta_path.remove(self)

        spec.loader.exec_module = exec_module
        return spec
