"""GAN losses: pure functions of logits.

`D(x)` stands for the discriminator's output as it is, without a sigmoid. Each
function takes logits of shape `[N, 1]` (or any shape; there may be more of one
kind than of the other) and returns a scalar, computed in float32 whatever the
logits' type: the mean over the real logits, plus the mean over the generated
ones. Every one is finite, with a finite gradient, at any finite logit whose
square float32 holds.
"""

from keras import ops


def minimax_discriminator(real_logits, fake_logits):
    """`E[softplus(-D(x))] + E[softplus(D(G(z)))]`.

    This is `-E[log sigmoid(D(x))] - E[log(1 - sigmoid(D(G(z))))]`, by softplus
    because a float32 sigmoid of 17 or more is 1.

    Reference:
        Goodfellow et al., arXiv 1406.2661, equation 1.
    """
    real_logits, fake_logits = _float32(real_logits, fake_logits)
    return ops.mean(ops.softplus(-real_logits)) + ops.mean(
        ops.softplus(fake_logits)
    )


def minimax_generator(fake_logits):
    """`-E[softplus(D(G(z)))]`, which is `E[log(1 - sigmoid(D(G(z))))]`.

    The negative of what the discriminator minimizes on generated images.

    Reference:
        Goodfellow et al., arXiv 1406.2661, equation 1.
    """
    (fake_logits,) = _float32(fake_logits)
    return -ops.mean(ops.softplus(fake_logits))


def non_saturating_discriminator(real_logits, fake_logits, label_smoothing=0.0):
    """`E[(1 - s) softplus(-D(x)) + s softplus(D(x)) + softplus(D(G(z)))]`.

    The cross entropy with the targets `1 - s` for real images and 0 for
    generated ones; with `label_smoothing` s = 0 it is
    `minimax_discriminator`.

    Reference:
        Goodfellow et al., arXiv 1406.2661, equation 1; Salimans et al., arXiv
        1606.03498, section 3.4 (the smoothing, of real labels alone).
    """
    loss = minimax_discriminator(real_logits, fake_logits)
    (real_logits,) = _float32(real_logits)
    # softplus(D) - softplus(-D) = D
    return loss + label_smoothing * ops.mean(real_logits)


def non_saturating_generator(fake_logits):
    """`E[softplus(-D(G(z)))]`, which is `-E[log sigmoid(D(G(z)))]`.

    Reference:
        Goodfellow et al., arXiv 1406.2661, section 3.
    """
    (fake_logits,) = _float32(fake_logits)
    return ops.mean(ops.softplus(-fake_logits))


def least_squares_discriminator(real_logits, fake_logits):
    """`E[(D(x) - 1)^2] / 2 + E[D(G(z))^2] / 2`.

    Reference:
        Mao et al., arXiv 1611.04076, equation 2 with a = 0, b = 1, which is
        their 0-1 coding.
    """
    real_logits, fake_logits = _float32(real_logits, fake_logits)
    return 0.5 * (
        ops.mean(ops.square(real_logits - 1.0))
        + ops.mean(ops.square(fake_logits))
    )


def least_squares_generator(fake_logits):
    """`E[(D(G(z)) - 1)^2] / 2`.

    Reference:
        Mao et al., arXiv 1611.04076, equation 2 with c = 1.
    """
    (fake_logits,) = _float32(fake_logits)
    return 0.5 * ops.mean(ops.square(fake_logits - 1.0))


def wasserstein_discriminator(real_logits, fake_logits):
    """`E[D(G(z))] - E[D(x)]`.

    For the best D of all 1-Lipschitz ones this is minus the Wasserstein
    distance.

    Reference:
        Arjovsky et al., arXiv 1701.07875, equations 2 and 3, algorithm 1.
    """
    real_logits, fake_logits = _float32(real_logits, fake_logits)
    return ops.mean(fake_logits) - ops.mean(real_logits)


def wasserstein_generator(fake_logits):
    """`-E[D(G(z))]`.

    Reference:
        Arjovsky et al., arXiv 1701.07875, algorithm 1.
    """
    (fake_logits,) = _float32(fake_logits)
    return -ops.mean(fake_logits)


def hinge_discriminator(real_logits, fake_logits):
    """`E[max(0, 1 - D(x))] + E[max(0, 1 + D(G(z)))]`.

    Reference:
        Lim and Ye, arXiv 1705.02894; Miyato et al., arXiv 1802.05957,
        equation 16.
    """
    real_logits, fake_logits = _float32(real_logits, fake_logits)
    return ops.mean(ops.relu(1.0 - real_logits)) + ops.mean(
        ops.relu(1.0 + fake_logits)
    )


def hinge_generator(fake_logits):
    """`-E[D(G(z))]`.

    Reference:
        Lim and Ye, arXiv 1705.02894; Miyato et al., arXiv 1802.05957,
        equation 17.
    """
    return wasserstein_generator(fake_logits)


def relativistic_discriminator(real_logits, fake_logits):
    """`E[softplus(mean D(G(z)) - D(x))] + E[softplus(D(G(z)) - mean D(x))]`.

    The relativistic average: a real image is to be more real than the mean of
    the generated ones of the batch, a generated one less than the mean of the
    real ones.

    Reference:
        Jolicoeur-Martineau, arXiv 1807.00734, section 4.3 (RaSGAN).
    """
    real_logits, fake_logits = _float32(real_logits, fake_logits)
    return ops.mean(
        ops.softplus(ops.mean(fake_logits) - real_logits)
    ) + ops.mean(ops.softplus(fake_logits - ops.mean(real_logits)))


def relativistic_generator(fake_logits, real_logits):
    """`E[softplus(mean D(x) - D(G(z)))] + E[softplus(D(x) - mean D(G(z)))]`.

    The discriminator's loss with the two kinds exchanged. The gradient reaches
    the generator through both terms.

    Reference:
        Jolicoeur-Martineau, arXiv 1807.00734, section 4.3 (RaSGAN).
    """
    return relativistic_discriminator(fake_logits, real_logits)


def relativistic_pairing_discriminator(real_logits, fake_logits):
    """`E[softplus(D(G(z)) - D(x))]` over pairs of a generated and a real image.

    Both kinds of logits must have the same shape.

    Reference:
        Jolicoeur-Martineau, arXiv 1807.00734, section 4.1 (RSGAN); Huang et
        al., arXiv 2501.05441, equation 2 (RpGAN) with f(t) = -softplus(-t).
    """
    real_logits, fake_logits = _float32(real_logits, fake_logits)
    return ops.mean(ops.softplus(fake_logits - real_logits))


def relativistic_pairing_generator(fake_logits, real_logits):
    """`E[softplus(D(x) - D(G(z)))]` over pairs of a real and a generated image.

    Reference:
        Jolicoeur-Martineau, arXiv 1807.00734, section 4.1 (RSGAN); Huang et
        al., arXiv 2501.05441, section 2.1: the non-saturating form of RpGAN.
    """
    return relativistic_pairing_discriminator(fake_logits, real_logits)


def _float32(*logits):
    # Half precision holds neither a mean over a batch nor a square.
    return [ops.cast(values, "float32") for values in logits]
