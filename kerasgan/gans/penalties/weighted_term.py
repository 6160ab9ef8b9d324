from kerasgan.gans.penalties.table import ARGUMENTS
from kerasgan.utils.registry import check
from kerasgan.utils.typing import Any, Self


class WeightedTerm:
    """A term of either network's loss: `Penalty` and `GeneratorPenalty`.

    Both have `draw` and `compute`, each of its own arguments.

    Args:
        weight: factor of the penalty, a positive number.
        interval: steps from one penalty to the next, a positive integer.
            Defaults to 1.

    Raises:
        ValueError: an argument is out of range.
    """

    # Whether `compute` has a derivative by images or latents in it.
    differentiates_inputs = True
    # Whether it takes the gradient of each example as if that depended on no
    # other one, which batch normalization makes untrue.
    gradient_of_each_example = False
    # Whether it looks at the batch as a whole, by `kerasgan.utils.replicas`
    # where that is cut among devices.
    of_whole_batch = False

    def __init__(self, weight: float, interval: int = 1) -> None:
        check(ARGUMENTS, weight=weight, interval=interval)
        self.weight = float(weight)
        self.interval = interval

    def get_config(self) -> dict[str, Any]:
        return {"weight": self.weight, "interval": self.interval}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        return cls(**config)
