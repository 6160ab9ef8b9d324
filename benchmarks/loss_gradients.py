"""Where the gradients of the losses go: picture and table.

Of each class in `kerasgan.gans.LOSSES` the gradients by the logits of one
generated and one real image, by automatic differentiation of the functions
that train. The real image's logit is minus the generated one's, so that the
discriminator wins to the left; only the relativistic loss looks at both.

    python benchmarks/loss_gradients.py
    KERAS_BACKEND=jax python benchmarks/loss_gradients.py --picture none
"""

import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from drawing import COLORS, INK, Canvas, chart, legend
from keras import ops
from ring_runs import networks

from kerasgan.gans import LOSSES
from kerasgan.gans.autodiff import input_grad

# Logits of the generated image.
TABLE = (-10.0, -4.0, -1.0, 0.0, 1.0, 4.0)
RANGE = -4.0, 4.0
HEIGHT = -3.2, 3.2

TITLES = (
    "generator, by a generated image's logit",
    "discriminator, by a generated image's logit",
    "discriminator, by a real image's logit",
)


def gradients(gan, fake_logit):
    """By the logits of one generated and one real image, `-fake_logit`.

    Returns:
        Three numbers, as `TITLES` says.
    """
    fake = ops.convert_to_tensor([[fake_logit]], dtype="float32")
    real = -fake

    def generator(fake):
        if gan.generator_sees_real:
            return gan.generator_loss(fake, real)
        return gan.generator_loss(fake)

    functions = (
        (generator, fake),
        (lambda fake: gan.discriminator_loss(real, fake), fake),
        (lambda real: gan.discriminator_loss(real, fake), real),
    )
    return [float(input_grad(f, logit)[0, 0]) for f, logit in functions]


def draw(found, logits, path):
    """Three charts side by side; `found` is name -> [logits, 3]."""
    canvas = Canvas(1120, 370)
    for i, title in enumerate(TITLES):
        box = 45 + 370 * i, 40, 350 + 370 * i, 290
        x = -logits if i == 2 else logits
        # Thinner and thinner, so that one shows behind the other.
        curves = [
            (x, values[:, i], COLORS[k], 1.3 + 1.1 * (len(found) - 1 - k))
            for k, values in enumerate(found.values())
        ]
        axis = "D(real)" if i == 2 else "D(generated)"
        chart(canvas, box, curves, HEIGHT, RANGE, x_label=axis)
        canvas.text(((box[0] + box[2]) / 2, 22), title, 13)
        words = ("D loses", "D wins") if i == 2 else ("D wins", "D loses")
        for at, word, anchor in zip((box[0], box[2]), words, ("lt", "rt")):
            canvas.text((at, box[3] + 20), word, 10, INK, anchor)
    legend(canvas, (45, 350), list(zip(found, COLORS)), apart=152)
    canvas.save(path)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--picture", default="docs/pictures/loss_gradients.png")
    args = parser.parse_args()

    logits = np.linspace(*RANGE, 161)
    gans = {
        name: make(*networks(2), ema_decay=None)
        for name, make in LOSSES.items()
    }
    for i, title in enumerate(TITLES):
        print(f"\n{title}; the real image's is minus the generated one's")
        print(f"| D(generated) | {' | '.join(f'{x:g}' for x in TABLE)} |")
        print("|---" * (len(TABLE) + 1) + "|")
        for name, gan in gans.items():
            row = [f"{gradients(gan, x)[i]:.3g}" for x in TABLE]
            print(f"| `{name}` | {' | '.join(row)} |")
    if args.picture != "none":
        found = {
            name: np.array([gradients(gan, x) for x in logits])
            for name, gan in gans.items()
        }
        draw(found, logits, args.picture)


if __name__ == "__main__":
    main()
