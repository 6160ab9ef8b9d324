"""Settings of papers by name, as plain data.

A preset is a part of a recipe: both optimizers and `discriminator_steps`.
"""


def _both(discriminator_steps, **optimizer):
    return {
        "generator_optimizer": dict(optimizer),
        "discriminator_optimizer": dict(optimizer),
        "discriminator_steps": discriminator_steps,
    }


def _adam(learning_rate, beta_1, beta_2, discriminator_steps):
    return _both(
        discriminator_steps,
        name="adam",
        learning_rate=learning_rate,
        beta_1=beta_1,
        beta_2=beta_2,
    )


_SAGAN = _adam(1e-4, 0.0, 0.9, 1)
_SAGAN["discriminator_optimizer"]["learning_rate"] = 4e-4

PRESETS = {
    # Miyato et al., arXiv 1802.05957, table 1.
    "sngan-a": _adam(1e-4, 0.5, 0.9, 5),
    "sngan-b": _adam(1e-4, 0.5, 0.999, 1),
    "sngan-c": _adam(2e-4, 0.5, 0.999, 1),
    "sngan-d": _adam(1e-3, 0.5, 0.9, 5),
    "sngan-e": _adam(1e-3, 0.5, 0.999, 5),
    "sngan-f": _adam(1e-3, 0.9, 0.999, 5),
    # Radford et al., arXiv 1511.06434, section 4.
    "dcgan": _adam(2e-4, 0.5, 0.999, 1),
    # Arjovsky et al., arXiv 1701.07875, algorithm 1.
    "wgan": _both(5, name="rmsprop", learning_rate=5e-5),
    # Gulrajani et al., arXiv 1704.00028, algorithm 1.
    "wgan-gp": _adam(1e-4, 0.0, 0.9, 5),
    # Zhang et al., arXiv 1805.08318, section 4 (two time scales).
    "sagan": _SAGAN,
    # Xiang and Li, arXiv 1704.03971. Their epsilon of 1e-6 is added outside the
    # root. The warm-up is their code's advice ("a smaller learning rate for
    # the first couple of iterations"), its length ours.
    "xiang-li": _both(
        1,
        name="rmsprop",
        learning_rate=1e-4,
        rho=0.9,
        epsilon=1e-12,
        warmup_steps=20,
    ),
}
