"""What positions cost: the least money without which an activity cannot be where it has to be.

`upstream` says what has to be bought before a position can be as early as that, `downstream` what has to be bought
after it so that the project is in time. Both are exact along any one chain of links, in real calendars and for any
prices; where chains meet, the dearest of them counts alone. Money is whole units, every price rounded down: what is
said here is never more than the truth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_FLOOR, Decimal
from itertools import pairwise

import numpy as np

from nirman.optimization.compression.chain import Chain, shortened
from nirman.optimization.compression.late import late_arcs
from nirman.optimization.compression.model import Arc, Model
from nirman.optimization.compression.offers import MONEY, Lead, Offer
from nirman.optimization.compression.room import Room
from nirman.optimization.compression.stairs import NEVER, Costs, Price, Stairs, earlier_by, trimmed
from nirman.optimization.compression.tables import Tables
from nirman.optimization.stop import StopCriterion

_MOST_UNITS_A_MONEY = 1_000_000
_SCALE = 2**58
"""No sum of units comes to more: they have to stay below `NEVER`."""
_MOST_POSITIONS = 60_000_000
"""Minutes of all activities together, of which each takes eight bytes."""
_NOTHING = (Price(0, 0, 0, 0),)


class Prices:
    """Of a market, in units of `1 / a_money` of money."""

    def __init__(self, model: Model, minutes: int) -> None:
        """`minutes`: the most positions that a staircase has."""
        market = model.market
        dearest = market.cost(market.everything) + sum((lead.fixed for lead in market.leads), Decimal(0))
        slopes = [slope for offer in market.offers for slope in offer.slopes]
        slopes += [lead.per_minute for lead in market.leads]
        most = max(dearest, 2 * minutes * max(slopes, default=Decimal(0)), Decimal(1))
        self.a_money = min(Decimal(_MOST_UNITS_A_MONEY), _SCALE / most)
        self._rounding = MONEY * (len(market.offers) + len(market.leads))
        """A cost may be rounded down to whole money, once an offer."""
        self._offers = [self._offer(offer) for offer in market.offers]
        self._leads = [self._lead(lead, length) for lead, length in zip(market.leads, market.lengths, strict=True)]

    def of(self, offer: int | None) -> Sequence[Price]:
        return _NOTHING if offer is None else self._offers[offer]

    def of_lead(self, lead: int | None) -> Sequence[Price]:
        return _NOTHING if lead is None else self._leads[lead]

    def units(self, money: Decimal) -> int:
        return int((money * self.a_money).to_integral_value(ROUND_FLOOR))

    def least(self, units: int) -> Decimal:
        """Money without which so many units are not had."""
        return max(Decimal(0), Decimal(units) / self.a_money - self._rounding)

    def most(self, money: Decimal) -> int:
        """Units that are not exceeded for that money."""
        return self.units(money + self._rounding) + 1

    def _offer(self, offer: Offer) -> Sequence[Price]:
        longest = offer.longest
        if not offer.linear:
            return [Price(longest - minutes, longest - minutes, self.units(cost), 0) for minutes, cost in offer.points]
        return [
            Price(longest - long, longest - short, self.units(cost), self.units(slope))
            for ((long, cost), (short, _)), slope in zip(pairwise(offer.points), offer.slopes, strict=True)
        ]

    def _lead(self, lead: Lead, length: int) -> Sequence[Price]:
        most = lead.most(length)
        paid = [Price(0, most, self.units(lead.fixed), self.units(lead.per_minute))] if most else []
        return [*_NOTHING, *paid]


def values(arc: Arc, first: int, last: int, tables: Tables) -> Costs:
    """Of an arc, from one position (of its source, overlaps taken off) to another."""
    first, last = first + arc.before, last + arc.before
    if arc.crossing is None:
        return np.arange(first + arc.after, last + arc.after + 1)
    return arc.after + (
        arc.crossing.values(first, last) if isinstance(arc.crossing, Chain) else tables.of(arc.crossing, first, last)
    )


@dataclass(frozen=True, slots=True)
class Stairways:
    """Of the starts and the finishes of the activities that can be late."""

    starts: dict[int, Stairs] = field(default_factory=dict)
    finishes: dict[int, Stairs] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Network:
    """`most`: what costs more units is left away, as what cannot be."""

    model: Model
    arcs: Sequence[Arc]
    prices: Prices
    tables: Tables
    most: int
    stop: StopCriterion


def upstream(network: Network) -> Stairways | None:
    """None: it was stopped, or grew too large."""
    model, prices, found = network.model, network.prices, Stairways()
    into, numbers = _into(model, network.arcs)
    positions = 0
    for number in numbers:
        if network.stop() or positions > _MOST_POSITIONS:
            return None
        least, most = model.span(number)
        starting, finishing = _asked(network, into.get(number, ()), found)
        low, early = model.lows[0][number], model.lows[1][number]
        first = max([low, *(one for one, _ in starting), *(one - most for one, _ in finishing)])
        last = max([first, *(other for _, other in starting), *(other - most for _, other in finishing)])
        begin = max([early, first + least, *(one for one, _ in finishing)])
        end = max([begin, last + most, *(other for _, other in finishing)])
        start, finish = np.zeros(last - first + 1, np.int64), np.zeros(end - begin + 1, np.int64)
        for arc in into.get(number, ()):
            source = _source(found, arc)
            if arc.to_finish:
                np.maximum(finish, _through(network, arc, source, begin, end), out=finish)
                np.maximum(start, _through(network, arc, source, first + most, last + most), out=start)
            else:
                np.maximum(start, _through(network, arc, source, first, last), out=start)
        found.starts[number] = trimmed(first, start, network.most)
        bought = earlier_by(found.starts[number], prices.of(model.activities[number].offer), begin - most, end - most)
        found.finishes[number] = trimmed(begin, np.maximum(finish, bought), network.most)
        positions += len(found.starts[number].costs) + len(found.finishes[number].costs)
    return found


def _asked(
    network: Network, arcs: Sequence[Arc], found: Stairways
) -> tuple[Sequence[tuple[int, int]], Sequence[tuple[int, int]]]:
    """The first and the last positions that arcs ask for: of the start, and of the finish. Before the first nothing is
    had for the money, and the last costs nothing.
    """
    both: tuple[list[tuple[int, int]], list[tuple[int, int]]] = [], []
    for arc in arcs:
        source = _source(found, arc)
        first = arc.value(source.first, network.model.most_overlap(arc))
        both[arc.to_finish].append((first, arc.value(source.last)))
    return both


def _source(found: Stairways, arc: Arc) -> Stairs:
    return (found.finishes if arc.from_finish else found.starts)[arc.source]


def _through(network: Network, arc: Arc, source: Stairs, first: int, last: int) -> Costs:
    """What it costs upstream that the arc asks for no more than a position, for all from one to another."""
    lead = network.prices.of_lead(arc.lead)
    overlap = lead[-1].last
    if overlap and arc.lead_before:
        source = Stairs(source.first - overlap, earlier_by(source, lead, source.first - overlap, source.last))
    after = 0 if arc.lead_before else overlap
    asked = values(arc, source.first, source.last, network.tables)
    places = np.searchsorted(asked, np.arange(first, last + after + 1), side="right") - 1
    costs = source.costs[np.clip(places, 0, None)]
    costs[places < 0] = NEVER
    return earlier_by(Stairs(first, costs), lead, first, last) if after else costs


def downstream(network: Network, before: Stairways, room: Room) -> Stairways | None:
    """Mirrored: stairs of -position, since it costs the more the later something is. None: it was stopped."""
    model, prices, found = network.model, network.prices, Stairways()
    out: dict[int, list[Arc]] = {}
    for arc in network.arcs:
        out.setdefault(arc.source, []).append(arc)
    for number in reversed(_into(model, network.arcs)[1]):
        if network.stop():
            return None
        (low, early), (high, late) = _reach(model, number)
        if number in before.starts:
            low, early = before.starts[number].first, before.finishes[number].first
        high, late = max(low, min(high, room.starts[number])), max(early, min(late, room.finishes[number]))
        most = model.span(number)[1]
        start, finish = np.zeros(high - low + 1, np.int64), np.zeros(late - early + 1, np.int64)
        for arc in out.get(number, ()):
            target = (found.finishes if arc.to_finish else found.starts)[arc.target]
            if arc.from_finish:
                np.maximum(finish, _onward(network, arc, target, early, late), out=finish)
            else:
                np.maximum(start, _onward(network, arc, target, low, high), out=start)
        found.finishes[number] = trimmed(-late, finish[::-1], network.most)
        offer = prices.of(model.activities[number].offer)
        bought = earlier_by(found.finishes[number], offer, -high - most, -low - most)
        found.starts[number] = trimmed(-high, np.maximum(start[::-1], bought), network.most)
    return found


def _onward(network: Network, arc: Arc, target: Stairs, first: int, last: int) -> Costs:
    """What positions of the source cost downstream, through the arc."""
    lead = network.prices.of_lead(arc.lead)
    overlap = lead[-1].last
    if overlap and not arc.lead_before:
        target = Stairs(target.first - overlap, earlier_by(target, lead, target.first - overlap, target.last))
    early = overlap if arc.lead_before else 0
    asked = -values(arc, first - early, last, network.tables)
    places = asked - target.first
    costs = target.costs[np.clip(places, 0, len(target.costs) - 1)]
    costs[places < 0] = NEVER
    return earlier_by(Stairs(-last, costs[::-1]), lead, -last, -first)[::-1] if early else costs


def _into(model: Model, arcs: Sequence[Arc]) -> tuple[Mapping[int, Sequence[Arc]], Sequence[int]]:
    """The arcs into each activity, and the activities there are, each after all that it waits for."""
    into: dict[int, list[Arc]] = {}
    for arc in arcs:
        into.setdefault(arc.target, []).append(arc)
    there = {arc.source for arc in arcs} | set(into) | set(model.ends)
    return into, [number for number in model.order if number in there]


def _reach(model: Model, number: int) -> tuple[tuple[int, int], tuple[int, int]]:
    lows, highs = model.lows, model.highs
    return (lows[0][number], lows[1][number]), (highs[0][number], highs[1][number])


class Ledger:
    """Of one model; asked about many finishes."""

    def __init__(self, finish: int, cost: Decimal, network: Network, stairs: Stairways) -> None:
        """By `ledger_of`: for finishes not before `finish`, and what costs no more than `cost`."""
        self.finish, self.cost = finish, cost
        self._model, self._network, self._stairs = network.model, network, stairs

    def least(self, finish: int) -> Decimal:
        """Nothing that finishes by then costs less."""
        network, found = self._network, self._stairs.finishes
        units = (found[n].at(self._model.limit(n, finish)) for n in self._model.ends if n in found)
        return network.prices.least(min(network.most, max(units, default=0)))

    def within(self, finish: int, cost: Decimal) -> tuple[Model, Room] | None:
        """The same problem with what can matter for that finish alone, and where activities can be for that cost.

        None: it was stopped.
        """
        most = self._network.prices.most(cost)
        room = Room(self._model, finish)
        network = replace(self._network, arcs=matter(self._model, finish, self._network.tables), most=most)
        later = downstream(network, self._stairs, room)
        if later is None:
            return None
        for before, after, lows, highs in (
            (self._stairs.starts, later.starts, room.lows[0], room.starts),
            (self._stairs.finishes, later.finishes, room.lows[1], room.finishes),
        ):
            for number, stairs in after.items():
                if number in before:
                    first, last = _had(before[number], stairs, most)
                    lows[number], highs[number] = max(lows[number], first), min(highs[number], last)
        return replace(self._model, arcs=network.arcs), room


def ledger_of(model: Model, finish: int, cost: Decimal, tables: Tables, stop: StopCriterion) -> Ledger | None:
    """For finishes not before `finish`, and what costs no more than `cost`; `tables` are kept for the next. None: it
    would be too large, or it was stopped.
    """
    arcs = matter(model, finish, tables)
    numbers = _into(model, arcs)[1]
    wide = [model.highs[end][number] - model.lows[end][number] for number in numbers for end in (0, 1)]
    prices = Prices(model, max(wide, default=1))
    network = Network(model, arcs, prices, tables, prices.most(cost), stop)
    stairs = upstream(network)
    return None if stairs is None else Ledger(finish, cost, network, stairs)


def matter(model: Model, finish: int, tables: Tables) -> Sequence[Arc]:
    """The arcs that may make a finish late, joined where nothing is for sale between them."""
    late = {number for number in model.ends if model.highs[1][number] > model.limit(number, finish)}
    return shortened(model, late_arcs(model, finish), late, tables)


def _had(before: Stairs, after: Stairs, most: int) -> tuple[int, int]:
    """The first and the last position that cost no more, before and after together; crossed where there is none."""
    first, last = before.first, -after.first
    if first > last:
        return first, last
    had = np.flatnonzero(before.between(first, last) + after.between(-last, -first)[::-1] <= most)
    return (first + int(had[0]), first + int(had[-1])) if len(had) else (last + 1, first - 1)
