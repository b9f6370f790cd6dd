"""What was bought for nothing is given back: minutes that end in a night, a weekend or slack gain no time.

The dearest first, each by as many minutes as keeps the finish, by halving.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from nirman.optimization.compression.model import Model
from nirman.optimization.compression.offers import Choice, Offer
from nirman.optimization.stop import StopCriterion


def spared(model: Model, choice: Choice, finish: int, stop: StopCriterion) -> Choice:
    """A choice that costs no more, and finishes in time if the given one does; by the model."""
    limits = [(number, model.limit(number, finish)) for number in model.ends]

    def is_late(one: Choice) -> bool:
        starts = model.earliest(one)
        return any(starts[number] + model.minutes(number, one) > limit for number, limit in limits)

    if is_late(choice):
        return choice
    market = model.market
    bought = [
        (offer.cost(minutes) / (offer.longest - minutes), number, True)
        for number, (offer, minutes) in enumerate(zip(market.offers, choice.durations, strict=True))
        if minutes < offer.longest
    ]
    bought += [
        (lead.cost(minutes) / minutes, number, False)
        for number, (lead, minutes) in enumerate(zip(market.leads, choice.overlaps, strict=True))
        if minutes
    ]
    for _, number, is_offer in sorted(bought, reverse=True):
        if stop():
            break
        held = choice.durations[number] if is_offer else choice.overlaps[number]
        amounts = _amounts(market.offers[number], held) if is_offer else range(held, -1, -1)
        choice = _last_in_time(amounts, partial(_with, choice, number, is_offer), is_late)
    return choice


def _amounts(offer: Offer, minutes: int) -> Sequence[int]:
    """Durations on offer that are no shorter, ascending."""
    if offer.linear:
        return range(minutes, offer.longest + 1)
    return [point for point, _ in reversed(offer.points) if point >= minutes]


def _with(choice: Choice, number: int, is_offer: bool, minutes: int) -> Choice:
    if is_offer:
        return replace(choice, durations=_put(choice.durations, number, minutes))
    return replace(choice, overlaps=_put(choice.overlaps, number, minutes))


def _put(values: tuple[int, ...], number: int, value: int) -> tuple[int, ...]:
    return (*values[:number], value, *values[number + 1 :])


def _last_in_time(amounts: Sequence[int], choice: Callable[[int], Choice], is_late: Callable[[Choice], bool]) -> Choice:
    """Of amounts of which each buys less than the one before, the first of which is in time."""
    if not is_late(choice(amounts[-1])):
        return choice(amounts[-1])
    late = bisect_left(range(len(amounts)), True, key=lambda place: is_late(choice(amounts[place])))
    return choice(amounts[max(0, late - 1)])
