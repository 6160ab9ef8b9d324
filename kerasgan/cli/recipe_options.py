"""Options of `kerasgan train` that change the recipe.

`kerasgan.training.adaptation.OPTIONS` says which keys each of them sets.
"""

from typing import Annotated

import typer

Crop = Annotated[
    str | None,
    typer.Option(
        metavar="N|none",
        help="Use the middle NxN pixels of each original image; none for its "
        "largest centred square. By default what the recipe says, but none for "
        "an entry of the zoo with other images than its own.",
        show_default=False,
    ),
]
Flip = Annotated[
    bool | None,
    typer.Option(
        "--flip/--no-flip",
        help="Whether to mirror each image, left to right, with probability "
        "1/2; not for text, digits and the like. By default what the recipe "
        "says.",
        show_default=False,
    ),
]
ImageSize = Annotated[
    int | None,
    typer.Option(
        metavar="PIXELS",
        min=8,
        help="Height and width to train at, an even number; the networks "
        "follow. By default what the recipe says.",
        show_default=False,
    ),
]
Steps = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Updates of the generator. By default what the recipe says. A "
        "decay of the learning rate that ends with the training ends with it.",
        show_default=False,
    ),
]
BatchSize = Annotated[
    int | None,
    typer.Option(
        metavar="IMAGES",
        min=1,
        help="Images in a batch. By default what the recipe says.",
        show_default=False,
    ),
]
LearningRate = Annotated[
    float | None,
    typer.Option(
        metavar="RATE",
        help="Learning rate of both networks, such as 2e-4. By default what "
        "the recipe says of each.",
        show_default=False,
    ),
]
Precision = Annotated[
    str | None,
    typer.Option(
        help="float32, or mixed_bfloat16 (float32 weights and losses), "
        "which may be faster on processors with AVX512-BF16 and on GPUs.",
        show_default=False,
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Another value in the recipe, such as "
        "generator_optimizer.learning_rate=1e-4. May be repeated.",
        show_default=False,
    ),
]
