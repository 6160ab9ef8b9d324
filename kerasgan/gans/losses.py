"""GAN losses: pure functions of logits.

Each takes logits of shape `[N, 1]` (or any shape) and returns a float32 scalar,
the mean over them.
"""

from keras import ops


def non_saturating_discriminator(real_logits, fake_logits):
    """`-log sigmoid(D(x)) - log(1 - sigmoid(D(G(z))))`, by softplus.

    Goodfellow et al., arXiv 1406.2661, equation 1.
    """
    return ops.mean(ops.softplus(-real_logits)) + ops.mean(
        ops.softplus(fake_logits)
    )


def non_saturating_generator(fake_logits):
    """`-log sigmoid(D(G(z)))`: a strong gradient where D is sure.

    Goodfellow et al., arXiv 1406.2661, section 3.
    """
    return ops.mean(ops.softplus(-fake_logits))
