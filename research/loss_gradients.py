"""Where do the gradients of the losses go?

Question: of each class in `kerasgan.gans.LOSSES`, the gradients by the logits
of one generated and one real image, by automatic differentiation of the
functions that train. The real image's logit is minus the generated one's, so
that the discriminator wins to the left; only relativistic losses use both.

    python research/loss_gradients.py --image docs/images/loss_gradients.png

Result: the table that is printed, and the image in
`docs/research/loss_gradients.md`.
"""

import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from keras import ops
from matplotlib.figure import Figure

from kerasgan.gans import LOSSES
from kerasgan.gans.autodiff import input_grad

TABLE = -10.0, -4.0, -1.0, 0.0, 1.0, 4.0  # logits of the generated image
TITLES = (
    "generator, by a generated image's logit",
    "discriminator, by a generated image's logit",
    "discriminator, by a real image's logit",
)


def gradients(gan, fake_logit):
    """By the logits of one generated and one real image, as `TITLES` says."""
    fake = ops.convert_to_tensor([[fake_logit]], dtype="float32")
    real = -fake

    def generator(fake):
        seen = (fake, real) if gan.generator_sees_real else (fake,)
        return gan.generator_loss(*seen)

    functions = (
        (generator, fake),
        (lambda fake: gan.discriminator_loss(real, fake), fake),
        (lambda real: gan.discriminator_loss(real, fake), real),
    )
    return [float(input_grad(f, logit)[0, 0]) for f, logit in functions]


def draw(found, logits):
    figure = Figure(figsize=(11, 3.8), layout="constrained")
    panels = figure.subplots(1, 3, sharey=True)
    for i, (axes, title) in enumerate(zip(panels, TITLES)):
        for at, (name, values) in enumerate(found.items()):
            # Thinner and thinner, so that one shows behind the other.
            x = -logits if i == 2 else logits
            width = 1 + 0.7 * (len(found) - at)
            axes.plot(x, values[:, i], label=name, lw=width)
        axes.set_title(title, fontsize=10)
        wins = "D loses, D wins" if i == 2 else "D wins, D loses"
        axes.set_xlabel(f"D({'real' if i == 2 else 'generated'}); {wins}")
        axes.grid(alpha=0.25)
    panels[0].set_ylim(-3.2, 3.2)
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4)
    return figure


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--image")
    args = parser.parse_args()
    networks = [
        keras.Sequential([keras.Input((2,)), keras.layers.Dense(units)])
        for units in (2, 1)
    ]
    gans = {
        name: make(*networks, ema_decay=None) for name, make in LOSSES.items()
    }
    for i, title in enumerate(TITLES):
        print(f"\n{title}; the real image's is minus the generated one's")
        print(f"| D(generated) | {' | '.join(f'{x:g}' for x in TABLE)} |")
        print("|---" * (len(TABLE) + 1) + "|")
        for name, gan in gans.items():
            row = [f"{gradients(gan, x)[i]:.3g}" for x in TABLE]
            print(f"| `{name}` | {' | '.join(row)} |")
    if args.image:
        logits = np.linspace(-4, 4, 161)
        found = {
            name: np.array([gradients(gan, x) for x in logits])
            for name, gan in gans.items()
        }
        draw(found, logits).savefig(args.image, dpi=100)


if __name__ == "__main__":
    main()
