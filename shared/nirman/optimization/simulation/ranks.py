"""How finishes go with what is drawn: Spearman's rank correlation.

The rank of a duration is told by its distribution (how likely it is to be shorter), that of a finish by the samples. A
risk is ranked by whether it comes about.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nirman.optimization.simulation.kernel.library import Array
from nirman.optimization.simulation.model import Model

MOST_RANKED = 10_000
"""The first samples of a run; more would only tell the third figure after the point."""


@dataclass(frozen=True, slots=True)
class Correlations:
    """`tasks` by variable of the model, `risks` by risk."""

    iterations: int
    tasks: Array
    risks: Array


def rank_correlations(model: Model, finish: Array) -> Correlations:
    """`finish` of samples from the first on."""
    count = min(len(finish), MOST_RANKED)
    ranks = _ranks(finish[:count])
    ranks -= ranks.mean() if count else 0
    moments = model.grades(ranks) / max(count, 1)
    mean, square, product = moments[:, 0], moments[:, 1], moments[:, 2]
    spread = np.sqrt(np.maximum(square - mean**2, 0)) * (ranks.std() if count else 0)
    found = np.divide(product, spread, out=np.zeros_like(product), where=spread > 1e-12)
    return Correlations(count, found[: len(model.varying)], found[len(model.varying) :])


def _ranks(values: Array) -> Array:
    """Those of equal values are the mean of the ranks that they would have."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2)[place].astype(np.float64)
