"""What can be bought: shorter durations of tasks, and overlaps of tasks that follow one another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from itertools import pairwise
from math import gcd

MONEY = Decimal("0.0001")
"""What a cost is rounded to, once a task: finer than any currency, so that sums stay what the optimum is."""


@dataclass(frozen=True)
class Offer:
    """A task's durations, of what remains of it, descending, with what each costs more than the longest one.

    `linear`: those between are to be had too, at the cost between. `done_minutes` are done already.
    """

    uid: int
    points: tuple[tuple[int, Decimal], ...]
    linear: bool
    done_minutes: int = 0

    @property
    def longest(self) -> int:
        return self.points[0][0]

    @property
    def shortest(self) -> int:
        return self.points[-1][0]

    @cached_property
    def slopes(self) -> tuple[Decimal, ...]:
        """Cost of a minute less, between each point and the next."""
        return tuple((dear - cheap) / (long - short) for (long, cheap), (short, dear) in pairwise(self.points))

    @cached_property
    def convex(self) -> bool:
        """Each minute less costs no less than the one before: no choice of points has to be made."""
        return self.linear and all(one <= other for one, other in pairwise(self.slopes))

    def cost(self, minutes: int) -> Decimal:
        """Of what remains done in so many minutes: one of the points, or between two of them."""
        for ((long, cheap), (short, dear)), slope in zip(pairwise(self.points), self.slopes, strict=True):
            if minutes == short:
                return dear
            if short < minutes <= long:
                return (cheap + slope * (long - minutes)).quantize(MONEY, ROUND_HALF_UP)
        return self.points[0][1]

    @cached_property
    def hull(self) -> Offer:
        """The cheapest convex offer that has all its points: what it costs is never more."""
        kept: list[tuple[int, Decimal]] = []
        for point in self.points:
            while len(kept) > 1 and _is_above(kept[-2], kept[-1], point):
                kept.pop()
            kept.append(point)
        return replace(self, points=tuple(kept), linear=True)

    def had(self, minutes: int) -> int:
        """The longest duration on offer that is no longer than that."""
        if self.linear:
            return minutes
        return next((point for point, _ in self.points if point <= minutes), self.shortest)

    def next_slope(self, minutes: int) -> Decimal | None:
        """Cost of the next minute less; None when there is none."""
        for (_, (short, _)), slope in zip(pairwise(self.points), self.slopes, strict=True):
            if minutes > short:
                return slope
        return None


def _is_above(one: tuple[int, Decimal], middle: tuple[int, Decimal], other: tuple[int, Decimal]) -> bool:
    """The middle point costs as much as what is between the two others, or more."""
    return (middle[1] - one[1]) * (one[0] - other[0]) >= (other[1] - one[1]) * (one[0] - middle[0])


@dataclass(frozen=True)
class Lead:
    """How far a finish-start link may overlap beyond its lag: `most_percent` of the predecessor's duration, less the
    `already` that it does. What is expected to be paid: `fixed` when it overlaps at all, and `per_minute`.
    """

    link_uid: int
    predecessor_uid: int
    most_percent: int
    already: int
    fixed: Decimal
    per_minute: Decimal
    offer: int | None = None
    """Number of the predecessor's offer, when it can be shortened."""

    def most(self, predecessor_minutes: int) -> int:
        """Of a predecessor that takes so long altogether."""
        return max(0, predecessor_minutes * self.most_percent // 100 - self.already)

    def cost(self, minutes: int) -> Decimal:
        return (self.fixed + self.per_minute * minutes).quantize(MONEY, ROUND_HALF_UP) if minutes else Decimal(0)


@dataclass(frozen=True, slots=True)
class Choice:
    """Minutes that remain of each offer's task, and by which each lead overlaps, in the order of the market."""

    durations: tuple[int, ...]
    overlaps: tuple[int, ...]


@dataclass(frozen=True)
class Market:
    """All that can be bought for one plan."""

    offers: tuple[Offer, ...]
    leads: tuple[Lead, ...]
    lengths: tuple[int, ...]
    """By lead, the whole duration of its predecessor as planned."""

    @cached_property
    def nothing(self) -> Choice:
        return Choice(tuple(offer.longest for offer in self.offers), (0,) * len(self.leads))

    @cached_property
    def everything(self) -> Choice:
        """Everything as short as can be, and overlapped as far as that leaves it."""
        durations = tuple(offer.shortest for offer in self.offers)
        return Choice(durations, tuple(self.most_overlap(number, durations) for number in range(len(self.leads))))

    def most_overlap(self, lead: int, durations: tuple[int, ...]) -> int:
        offer = self.leads[lead].offer
        if offer is None:
            return self.leads[lead].most(self.lengths[lead])
        return self.leads[lead].most(self.offers[offer].done_minutes + durations[offer])

    def cost(self, choice: Choice) -> Decimal:
        crash = sum((o.cost(minutes) for o, minutes in zip(self.offers, choice.durations, strict=True)), Decimal(0))
        return crash + self.rework_cost(choice)

    def rework_cost(self, choice: Choice) -> Decimal:
        """What the overlaps are expected to cost."""
        return sum((o.cost(minutes) for o, minutes in zip(self.leads, choice.overlaps, strict=True)), Decimal(0))

    @cached_property
    def divisible(self) -> bool:
        """No either-or anywhere: a linear program has it all."""
        return all(offer.convex for offer in self.offers) and all(
            not lead.fixed and lead.offer is None for lead in self.leads
        )

    @cached_property
    def unit(self) -> Decimal | None:
        """What all costs are multiples of, where only points are for sale; None where minutes are, or nothing costs."""
        if self.leads or any(offer.linear for offer in self.offers):
            return None
        units = [int(cost / MONEY) for offer in self.offers for _, cost in offer.points]
        whole = all(cost % MONEY == 0 for offer in self.offers for _, cost in offer.points)
        return gcd(*units) * MONEY if whole and any(units) else None

    @cached_property
    def hull(self) -> Market:
        """A market that is divisible, where nothing costs more and nothing is less: the cost there is a bound."""
        leads = tuple(
            replace(
                lead, fixed=Decimal(0), offer=None, per_minute=lead.per_minute + lead.fixed / max(1, lead.most(length))
            )
            for lead, length in zip(self.leads, self.lengths, strict=True)
        )
        return Market(tuple(offer.hull for offer in self.offers), leads, self.lengths)

    def had(self, choice: Choice) -> Choice:
        """The choice of a hull as this market has it: no task longer, and overlaps as far as that leaves them."""
        durations = tuple(offer.had(minutes) for offer, minutes in zip(self.offers, choice.durations, strict=True))
        overlaps = (min(minutes, self.most_overlap(n, durations)) for n, minutes in enumerate(choice.overlaps))
        return Choice(durations, tuple(overlaps))
