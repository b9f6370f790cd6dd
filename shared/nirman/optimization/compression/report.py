"""A choice in the words of the plan: which tasks, which links, what moved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal

from nirman.optimization.compression.offers import MONEY, Choice, Market
from nirman.optimization.compression.result import CurvePoint, Moved, Overlapped, Shortened
from nirman.optimization.compression.search import Search
from nirman.optimization.days import Days
from nirman.planning.model import Plan
from nirman.planning.schedule import Schedule
from nirman.scheduling.instants import to_datetime


def shortened(plan: Plan, market: Market, choice: Choice) -> tuple[Shortened, ...]:
    """Ascending by uid."""

    def each() -> Iterator[Shortened]:
        for offer, minutes in zip(market.offers, choice.durations, strict=True):
            if minutes != offer.longest:
                slope = offer.next_slope(minutes)
                a_day = None if slope is None else slope * plan.project.minutes_per_day
                yield Shortened(
                    uid=offer.uid,
                    name=plan.tasks[offer.uid].name,
                    from_minutes=offer.done_minutes + offer.longest,
                    to_minutes=offer.done_minutes + minutes,
                    cost=offer.cost(minutes),
                    cost_per_day=None if a_day is None else a_day.quantize(MONEY, ROUND_HALF_UP),
                )

    return tuple(each())


def overlaps(plan: Plan, market: Market, choice: Choice) -> tuple[Overlapped, ...]:
    """Ascending by uid of the link."""

    def each() -> Iterator[Overlapped]:
        for lead, minutes in zip(market.leads, choice.overlaps, strict=True):
            if minutes:
                link = plan.links[lead.link_uid]
                assert link.overlap is not None
                rework = round(minutes * link.overlap.rework_percent / 100)
                yield Overlapped(
                    uid=link.uid,
                    predecessor_uid=link.predecessor_uid,
                    predecessor=plan.tasks[link.predecessor_uid].name,
                    successor_uid=link.successor_uid,
                    successor=plan.tasks[link.successor_uid].name,
                    overlap_minutes=minutes,
                    lag_minutes=link.lag_minutes - minutes,
                    rework_probability=link.overlap.rework_probability,
                    rework_minutes=rework,
                    expected_minutes=rework * link.overlap.rework_probability,
                    expected_cost=lead.cost(minutes),
                )

    return tuple(each())


def points(search: Search, days: Days, choices: Sequence[Choice]) -> tuple[CurvePoint, ...]:
    def each() -> Iterator[CurvePoint]:
        for choice in choices:
            finish = to_datetime(search.finish(choice))
            cost: Decimal = search.market.cost(choice)
            yield CurvePoint(
                finish=finish, compression=cost, indirect=days.indirect(finish), damages=days.damages(finish)
            )

    return tuple(each())


def moves(before: Schedule, after: Schedule) -> tuple[Moved, ...]:
    """Tasks that start or finish at another time, summaries too, in outline order."""

    def each() -> Iterator[Moved]:
        for dates in after:
            was = before[dates.uid]
            if (was.start, was.finish) != (dates.start, dates.finish):
                yield Moved(
                    uid=dates.uid,
                    name=after.plan.tasks[dates.uid].name,
                    start=(was.start, dates.start),
                    finish=(was.finish, dates.finish),
                )

    return tuple(each())
