"""The metrics of features against the field's packages.

The golden file is made by tests/oracles/feature_metrics.py.
"""

import pathlib
import warnings

import numpy as np
import pytest

from kerasgan import metrics

FILE = pathlib.Path(__file__).parents[1] / "oracles" / "feature_metrics.npz"
SUBSETS, SUBSET_SIZE, SEED, SPLITS = 7, 25, 2020, 4

every_case = pytest.mark.parametrize("case", ["regular", "wide", "offset"])


@pytest.fixture(scope="module")
def golden():
    return np.load(FILE)


@pytest.fixture
def features(golden, case):
    return golden[f"{case}/real"], golden[f"{case}/fake"]


@every_case
@pytest.mark.parametrize("package", ["sqrtm", "fidelity", "torchmetrics"])
def test_frechet_distance(case, package, golden, features):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = metrics.frechet_distance(*features)
    wanted = golden[f"{case}/{package}/frechet_distance"]
    assert found == pytest.approx(wanted, rel=1e-6)


@every_case
def test_kernel_distance(case, golden, features):
    found = metrics.kernel_distance(*features, SUBSETS, SUBSET_SIZE, SEED)
    wanted = golden[f"{case}/fidelity/kernel_distance"]
    assert [found.mean, found.std] == pytest.approx(wanted, rel=1e-6)


@every_case
def test_squared_mmd(case, golden, features):
    rows = min(map(len, features))
    found = metrics.squared_mmd(*(x[:rows] for x in features))
    # A difference of means of kernels, which are 7e10 where the mean is 64.
    kernel = float((np.square(features[0][0]).mean() + 1) ** 3)
    wanted = golden[f"{case}/torchmetrics/squared_mmd"]
    assert found == pytest.approx(wanted, rel=1e-6, abs=1e-14 * kernel)


@every_case
def test_inception_score(case, golden, features):
    found = metrics.inception_score(features[1], SPLITS)
    wanted = golden[f"{case}/fidelity/inception_score"]
    assert found == pytest.approx(wanted, rel=1e-6)


@every_case
def test_precision_recall(case, golden, features):
    found = metrics.precision_recall(*features)
    found = [found.precision, found.recall]
    # Shares, which it stores in float32.
    wanted = golden[f"{case}/fidelity/precision_recall"]
    assert found == pytest.approx(wanted, rel=1e-6)
    # Without ties, whether the rim belongs to a ball makes no difference.
    assert found == pytest.approx(golden[f"{case}/prdc/3"][:2], rel=1e-12)


@every_case
@pytest.mark.parametrize("k", [3, 5])
def test_density_coverage(case, k, golden, features):
    found = metrics.density_coverage(*features, k=k)
    wanted = golden[f"{case}/prdc/{k}"][2:]
    assert [found.density, found.coverage] == pytest.approx(wanted, rel=1e-12)
