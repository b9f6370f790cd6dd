"""Durations by chance, as quantile functions: what a task takes when its normal deviate is so many sigmas.

A duration is Q(Φ(z)) for a standard normal z: two tasks whose deviates are correlated then have correlated ranks,
whatever their distributions are. A function is kept at 257 deviates from -6 to 6 and is straight between them, which is
true to about 0.007 % of the range from optimistic to pessimistic; deviates beyond ±5.5 are not drawn.

Of the three points o, m, p of an estimate:

triangular   density rises from o to m and falls to p
uniform      from o to p
pert         beta on [o, p] with α = 1 + 4(m - o)/(p - o) and β = 1 + 4(p - m)/(p - o): its mean is (o + 4m + p)/6
             (Malcolm et al. 1959 in the form of Clark 1962, "modified PERT" with λ = 4 of Vose 2000)
lognormal    of mean (o + 4m + p)/6 and standard deviation (p - o)/6, the moments of PERT; without an upper end
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import numpy.typing as npt

from nirman.optimization.simulation.kernel.library import QUANTILES, REACH
from nirman.planning.estimates import Distribution, DurationEstimate

Floats = npt.NDArray[np.float64]

DEVIATES: Floats = np.linspace(-REACH, REACH, QUANTILES)
_BELOW: Floats = np.array([math.erfc(-z / math.sqrt(2)) / 2 for z in DEVIATES])
_ABOVE: Floats = _BELOW[::-1]
"""How likely a smaller and a larger deviate is; each is exact where it is small."""
_SHAPES = 32
_CELLS = 1024
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(4)


def normal_distribution() -> npt.NDArray[np.float32]:
    """At the deviates of a quantile function."""
    return _BELOW.astype(np.float32)


def quantiles(estimate: DurationEstimate) -> Floats:
    """Minutes at each of `DEVIATES`."""
    least, likely, most = map(
        float, (estimate.optimistic_minutes, estimate.most_likely_minutes, estimate.pessimistic_minutes)
    )
    if most == least:
        return np.full(QUANTILES, least)
    mode = (likely - least) / (most - least)
    match estimate.distribution:
        case Distribution.TRIANGULAR:
            return least + (most - least) * _triangular(mode)
        case Distribution.UNIFORM:
            return least + (most - least) * _BELOW
        case Distribution.PERT:
            return least + (most - least) * _pert(mode)
        case Distribution.LOGNORMAL:
            return _lognormal((least + 4 * likely + most) / 6, (most - least) / 6)


def _triangular(mode: float) -> Floats:
    rising, falling = np.sqrt(_BELOW * mode), 1 - np.sqrt(_ABOVE * (1 - mode))
    return np.where(mode > _BELOW, rising, falling)


def _lognormal(mean: float, deviation: float) -> Floats:
    variance = math.log1p((deviation / mean) ** 2)
    return np.exp(math.log(mean) - variance / 2 + math.sqrt(variance) * DEVIATES)


def _pert(mode: float) -> Floats:
    """Cubic between neighbouring shapes, of which each takes a millisecond: a plan has thousands of modes."""
    at = mode * _SHAPES
    first = min(max(int(at) - 1, 0), _SHAPES - 3)
    places = range(first, first + 4)
    found = np.zeros(QUANTILES)
    for place in places:
        weight = math.prod((at - other) / (place - other) for other in places if other != place)
        if weight:
            found += weight * _beta(1 + 4 * place / _SHAPES, 5 - 4 * place / _SHAPES)
    return found


@cache
def _beta(alpha: float, beta: float) -> Floats:
    """Quantiles of the beta distribution, by integration over x = sin²(φ/2), which is fine at both ends."""
    edges = np.linspace(0, math.pi, _CELLS + 1)
    scale = math.exp(math.lgamma(alpha + beta) - math.lgamma(alpha) - math.lgamma(beta))

    def area(start: Floats, finish: Floats) -> Floats:
        half, middle = (finish - start) / 2, (finish + start) / 2
        angle = (middle[:, None] + half[:, None] * _NODES) / 2
        density = np.sin(angle) ** (2 * alpha - 1) * np.cos(angle) ** (2 * beta - 1)
        return half * (density @ _WEIGHTS) * scale

    cells = area(edges[:-1], edges[1:])
    below = np.concatenate([[0.0], np.cumsum(cells)])
    above = np.concatenate([np.cumsum(cells[::-1])[::-1], [0.0]])
    lower = _BELOW <= 0.5  # from either end, so that what is small is exact
    cell = np.where(lower, np.searchsorted(below, _BELOW), _CELLS + 1 - np.searchsorted(above[::-1], _ABOVE))
    cell = np.clip(cell - 1, 0, _CELLS - 1)
    wanted = np.where(lower, _BELOW - below[cell], above[cell] - _ABOVE)
    start, width = edges[cell], edges[1]
    part = np.clip(wanted / cells[cell], 0, 1)
    for _ in range(4):  # Newton's method within the cell
        angle = start + part * width
        slope = np.sin(angle / 2) ** (2 * alpha - 1) * np.cos(angle / 2) ** (2 * beta - 1) * scale * width
        missing = wanted - area(start, angle)
        part = np.clip(part + np.divide(missing, slope, out=np.zeros_like(slope), where=slope > 0), 0, 1)
    found: Floats = np.sin((start + part * width) / 2) ** 2
    return found
