"""Golden file of GAN losses from torch's own loss functions.

Writes torch_losses.npz beside itself: float64 computations, stored in float64,
of logits that float32 holds exactly.

Keys: `<case>/real` and `<case>/fake` are the logits, [N, 1]; the cases are a
discriminator at play (mixed), one that wins by far (won) and one that is wrong
by far (lost). `<case>/<loss>/discriminator` and `<case>/<loss>/generator` are
the losses; the discriminator's gradients by the logits are `.../by_real` and
`.../by_fake`, the generator's `.../generator_by_fake` and, of the relativistic
ones, `.../generator_by_real`. `non_saturating_<s>` is the one with the target
1 - s for real images.
"""

import pathlib

import numpy as np
import torch
from torch.nn.functional import (
    binary_cross_entropy_with_logits,
    margin_ranking_loss,
    mse_loss,
)

FOLDER = pathlib.Path(__file__).parent
SMOOTHINGS = (0.1, 0.3)


def cross_entropy(logits, target):
    targets = torch.full_like(logits, target)
    return binary_cross_entropy_with_logits(logits, targets)


def squares(logits, target):
    return mse_loss(logits, torch.full_like(logits, target))


def margin(logits, sign):
    """How much `sign * logits` lacks of 1."""
    zeros = torch.zeros_like(logits)
    return margin_ranking_loss(
        logits, zeros, torch.full_like(logits, sign), margin=1.0
    )


def non_saturating(smoothing=0.0):
    return (
        lambda real, fake: (
            cross_entropy(real, 1 - smoothing) + cross_entropy(fake, 0)
        ),
        lambda real, fake: cross_entropy(fake, 1),
    )


# Of real and generated logits: the discriminator's loss, the generator's.
LOSSES = {
    "minimax": (
        lambda real, fake: cross_entropy(real, 1) + cross_entropy(fake, 0),
        lambda real, fake: -cross_entropy(fake, 0),
    ),
    "non_saturating": non_saturating(),
    **{f"non_saturating_{s}": non_saturating(s) for s in SMOOTHINGS},
    "least_squares": (
        lambda real, fake: (squares(real, 1) + squares(fake, 0)) / 2,
        lambda real, fake: squares(fake, 1) / 2,
    ),
    "wasserstein": (
        lambda real, fake: fake.mean() - real.mean(),
        lambda real, fake: -fake.mean(),
    ),
    "hinge": (
        lambda real, fake: margin(real, 1) + margin(fake, -1),
        lambda real, fake: -fake.mean(),
    ),
    "relativistic": (
        lambda real, fake: (
            cross_entropy(real - fake.mean(), 1)
            + cross_entropy(fake - real.mean(), 0)
        ),
        lambda real, fake: (
            cross_entropy(fake - real.mean(), 1)
            + cross_entropy(real - fake.mean(), 0)
        ),
    ),
    # In pairs, as far as there are.
    "relativistic_pairing": (
        lambda real, fake: cross_entropy(real[: len(fake)] - fake, 1),
        lambda real, fake: cross_entropy(fake - real[: len(fake)], 1),
    ),
}


def cases():
    random = np.random.default_rng(0)
    sure = random.uniform(20, 200, (2, 9, 1))
    found = {
        "mixed": (
            3 * random.normal(size=(16, 1)) + 1,
            3 * random.normal(size=(13, 1)) - 1,
        ),
        "won": (sure[0], -sure[1]),
        "lost": (-sure[0], sure[1]),
    }
    return {
        name: [x.astype("float32").astype("float64") for x in logits]
        for name, logits in found.items()
    }


def record(case, name, real, fake):
    """Both losses and their gradients."""
    found = {}
    for part, loss, before in zip(
        ("discriminator", "generator"), LOSSES[name], ("", "generator_")
    ):
        logits = {
            kind: torch.tensor(x).requires_grad_()
            for kind, x in (("real", real), ("fake", fake))
        }
        value = loss(*logits.values())
        value.backward()
        found[f"{case}/{name}/{part}"] = value.item()
        for kind, tensor in logits.items():
            if tensor.grad is not None:
                key = f"{case}/{name}/{before}by_{kind}"
                found[key] = tensor.grad.numpy()
    return found


def main():
    found = {}
    for case, (real, fake) in cases().items():
        found |= {f"{case}/real": real, f"{case}/fake": fake}
        for name in LOSSES:
            found |= record(case, name, real, fake)
    np.savez_compressed(FOLDER / "torch_losses.npz", **found)


if __name__ == "__main__":
    main()
