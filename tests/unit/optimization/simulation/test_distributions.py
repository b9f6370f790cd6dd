"""What is drawn has the distribution that it says, and comes from the seed, the sample and the purpose alone."""

from __future__ import annotations

import math
from itertools import pairwise
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nirman.optimization.simulation.kernel import library
from nirman.optimization.simulation.kernel.library import Purpose
from nirman.optimization.simulation.quantiles import DEVIATES, quantiles
from nirman.planning.estimates import Distribution, DurationEstimate

NORMAL = NormalDist()
SHARES = [NORMAL.cdf(z) for z in DEVIATES]


def estimate(least: int, likely: int, most: int, distribution: Distribution) -> DurationEstimate:
    return DurationEstimate(
        optimistic_minutes=least,
        most_likely_minutes=likely,
        pessimistic_minutes=most,
        distribution=distribution,
    )


def moments(function: np.ndarray) -> tuple[float, float]:
    """Mean and variance of Q(Φ(z)), by the trapezoidal rule over z, which is exact to 1e-8 for what is smooth."""
    weights = np.exp(-(DEVIATES**2) / 2)
    weights /= weights.sum()
    mean = float((function * weights).sum())
    return mean, float(((function - mean) ** 2 * weights).sum())


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 2**31), st.integers(1, 10**6), st.sampled_from(list(Purpose)))
def test_random_words_are_those_of_numpys_philox(seed, stream, eight, purpose):
    """An implementation that shares nothing with ours; it counts up before it draws."""
    peer = np.random.Philox(key=[seed, 0], counter=[eight - 1, stream, int(purpose), 0]).random_raw(4)
    expected = np.array([[word & 0xFFFFFFFF, word >> np.uint64(32)] for word in peer.astype(np.uint64)]).ravel()
    assert np.array_equal(library.words(seed, purpose, stream, 8 * eight, 8), expected)


def test_normal_variates_are_the_deviates_of_the_words_shares():
    words = library.words(7, Purpose.DURATION, 3, 0, 4000)
    variates = library.normal(7, Purpose.DURATION, 3, 0, 4000)
    for word, variate in zip(words.tolist(), variates.tolist(), strict=True):
        assert variate == pytest.approx(NORMAL.inv_cdf(((word >> 8) + 0.5) / 2**24), abs=3e-5)


@given(st.integers(0, 100), st.integers(0, 100), st.integers(1, 100))
def test_triangular_quantiles_are_the_closed_form(below, above, scale):
    least, likely, most = 480, 480 + below * scale, 480 + (below + above) * scale
    if least == most:
        return
    found = quantiles(estimate(least, likely, most, Distribution.TRIANGULAR))
    mode = (likely - least) / (most - least)
    for value, share in zip(found[40:-40], SHARES[40:-40], strict=True):
        form = math.sqrt(share * mode) if share < mode else 1 - math.sqrt((1 - share) * (1 - mode))
        assert value == pytest.approx(least + (most - least) * form, abs=1e-6 * (most - least))


@given(st.floats(0, 1))
def test_pert_has_the_mean_and_the_variance_of_its_beta_distribution(mode):
    least, most = 1_000_000, 2_000_000
    likely = least + round(mode * (most - least))
    mean, variance = moments(quantiles(estimate(least, likely, most, Distribution.PERT)))
    of_beta = (least + 4 * likely + most) / 6
    assert mean == pytest.approx(of_beta, abs=0.5)
    assert variance == pytest.approx((of_beta - least) * (most - of_beta) / 7, rel=1e-4)


@pytest.mark.parametrize(("mode", "alpha", "beta"), [(0, 1, 5), (0.25, 2, 4), (0.5, 3, 3), (0.75, 4, 2), (1, 5, 1)])
def test_pert_of_whole_parameters_is_the_binomial_sum(mode, alpha, beta):
    """The beta distribution of whole parameters: the chance of at least alpha of alpha + beta - 1 trials."""
    found = quantiles(estimate(0, round(mode * 2**20), 2**20, Distribution.PERT)) / 2**20
    trials = alpha + beta - 1
    for x, share in zip(found, SHARES, strict=True):
        below = sum(math.comb(trials, k) * x**k * (1 - x) ** (trials - k) for k in range(alpha, trials + 1))
        assert below == pytest.approx(share, abs=1e-7)


def test_a_uniform_duration_does_not_mind_the_most_likely():
    one, other = (quantiles(estimate(100, likely, 300, Distribution.UNIFORM)) for likely in (100, 280))
    assert np.array_equal(one, other)
    assert moments(one) == (pytest.approx(200), pytest.approx(200**2 / 12, rel=1e-6))


def test_a_lognormal_duration_has_the_moments_of_pert_and_the_logarithm_of_a_normal_one():
    found = quantiles(estimate(480, 960, 2880, Distribution.LOGNORMAL))
    mean, variance = moments(found)
    assert mean == pytest.approx((480 + 4 * 960 + 2880) / 6, rel=1e-6)
    assert variance == pytest.approx(((2880 - 480) / 6) ** 2, rel=1e-4)
    steps = np.diff(np.log(found))
    assert np.allclose(steps, steps[0])


@given(
    st.lists(st.integers(0, 10**6), min_size=3, max_size=3).map(sorted),
    st.sampled_from(list(Distribution)),
)
def test_quantile_functions_ascend(points, distribution):
    found = quantiles(estimate(*points, distribution))
    assert all(one <= other + 1e-9 * abs(other) for one, other in pairwise(found))
