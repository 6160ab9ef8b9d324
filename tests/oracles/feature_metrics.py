"""Golden file of metrics of features from the field's packages.

Writes feature_metrics.npz beside itself: float64 computations of features that
float32 holds exactly.

Keys: `<case>/real` and `<case>/fake` are the features, float32 [N, D]; the
cases are more samples than dimensions (regular), fewer (wide) and a mean far
from zero beside a small spread (offset). Of them, `<case>/...`:

- `fidelity/frechet_distance`, `torchmetrics/frechet_distance` and
  `sqrtm/frechet_distance` (scipy.linalg.sqrtm, the real part);
- `fidelity/kernel_distance`: mean and standard deviation over SUBSETS subsets
  of SUBSET_SIZE with the seed SEED;
- `torchmetrics/squared_mmd`: of as many rows as the smaller set has;
- `fidelity/inception_score`: mean and standard deviation over SPLITS parts, of
  the fake features as logits, in their order;
- `fidelity/precision_recall` (k = 3) and `prdc/<k>`: precision, recall, density
  and coverage, for k = 3 and 5.
"""

import pathlib

import numpy as np
import prdc
import scipy.linalg
import torch
from torch_fidelity import metric_fid, metric_isc, metric_kid, metric_prc
from torchmetrics.image.fid import _compute_fid
from torchmetrics.image.kid import poly_mmd

FOLDER = pathlib.Path(__file__).parent
SUBSETS, SUBSET_SIZE, SEED, SPLITS = 7, 25, 2020, 4


def cases():
    random = np.random.RandomState(0)
    shape = random.normal(size=(12, 12))
    regular = (
        random.normal(size=(110, 12)) @ shape,
        random.normal(size=(90, 12)),
    )
    wide = (
        random.normal(size=(40, 50)),
        1.2 * random.normal(size=(45, 50)) + 0.2,
    )
    offset = random.normal(size=(60, 8)) / 8, random.normal(size=(60, 8)) / 7
    return {
        "regular": regular,
        "wide": wide,
        "offset": [x + 64 for x in offset],
    }


def record(real, fake):
    found = {}
    tensors = [torch.tensor(x) for x in (real, fake)]
    statistics = [metric_fid.fid_features_to_statistics(x) for x in tensors]
    found["fidelity/frechet_distance"] = metric_fid.fid_statistics_to_metric(
        *statistics, verbose=False
    )[metric_fid.KEY_METRIC_FID]
    found["torchmetrics/frechet_distance"] = _compute_fid(
        *(torch.tensor(s[k]) for s in statistics for k in ("mu", "sigma"))
    ).item()
    one, other = statistics
    shift = one["mu"] - other["mu"]
    root = scipy.linalg.sqrtm(one["sigma"] @ other["sigma"]).real
    found["sqrtm/frechet_distance"] = shift @ shift + np.trace(
        one["sigma"] + other["sigma"] - 2 * root
    )
    kid = metric_kid.kid_features_to_metric(
        *tensors,
        kid_subsets=SUBSETS,
        kid_subset_size=SUBSET_SIZE,
        rng_seed=SEED,
        verbose=False,
    )
    found["fidelity/kernel_distance"] = [
        kid[metric_kid.KEY_METRIC_KID_MEAN],
        kid[metric_kid.KEY_METRIC_KID_STD],
    ]
    rows = min(map(len, tensors))
    found["torchmetrics/squared_mmd"] = poly_mmd(
        *(x[:rows] for x in tensors)
    ).item()
    score = metric_isc.isc_features_to_metric(
        tensors[1], splits=SPLITS, shuffle=False
    )
    found["fidelity/inception_score"] = [
        score[metric_isc.KEY_METRIC_ISC_MEAN],
        score[metric_isc.KEY_METRIC_ISC_STD],
    ]
    # It takes the generated features first.
    prc = metric_prc.prc_features_to_metric(
        *tensors[::-1], prc_neighborhood=3, verbose=False
    )
    found["fidelity/precision_recall"] = [
        prc[metric_prc.KEY_METRIC_PRECISION],
        prc[metric_prc.KEY_METRIC_RECALL],
    ]
    for k in (3, 5):
        shares = prdc.compute_prdc(real, fake, nearest_k=k)
        found[f"prdc/{k}"] = [
            shares[name]
            for name in ("precision", "recall", "density", "coverage")
        ]
    return found


def main():
    found = {}
    for case, features in cases().items():
        features = [x.astype("float32") for x in features]
        found |= {f"{case}/real": features[0], f"{case}/fake": features[1]}
        numbers = record(*(x.astype("float64") for x in features))
        found |= {f"{case}/{key}": np.float64(v) for key, v in numbers.items()}
    np.savez_compressed(FOLDER / "feature_metrics.npz", **found)


if __name__ == "__main__":
    main()
