"""What can be asked of a search: a date, a budget, the whole curve, or the duration that costs least altogether."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from heapq import heappop, heappush

from nirman.optimization.compression.money import ends_of_days
from nirman.optimization.compression.offers import Choice
from nirman.optimization.compression.search import Answer, Search
from nirman.optimization.days import Days
from nirman.scheduling.instants import to_datetime

_NOTHING = Decimal(0)
_NEARLY = 1e-9
"""Of a cost: less is what rounding does."""
_SHARE = 0.25
"""Of the time that is left, for the earliest finish where it is not clear at once."""
_PASSES = 3
"""How often what is not settled is gone through."""
Heard = Callable[[int, Choice], None]
"""Percent, and the best choice so far."""


@dataclass(frozen=True, slots=True)
class Earliest:
    """Within a budget: no choice finishes before `bound` (None: not known)."""

    choice: Choice
    bound: int | None
    proven: bool


def fastest(search: Search) -> tuple[int, bool]:
    """The earliest finish that was found, and whether there is none before it. Mostly that of everything bought; but
    what is shorter starts later where its finish waits for something else.
    """
    reached, bound = _reached(search), search.model.earliest_finish
    if search.is_linear:
        relaxed = search.program().fastest(search.finish(search.market.nothing))
        if relaxed is not None:
            reached = min(reached, search.finish(relaxed.choice))
            bound = max(bound, search.model.axes[_axis(search)].finish_at(relaxed.finish))
    late = min(bound, reached) - 1
    questions = (reached - late).bit_length()
    while reached - late > 1 and not search.stop():
        middle = (late + reached) // 2
        answer = search.cheapest(middle, limit_s=_SHARE * search.left_s / questions)
        if answer.choice is not None:
            reached = search.finish(answer.choice)
        elif answer.proven:
            late = middle
        else:
            break
    return reached, search.sound and reached - late <= 1


def _axis(search: Search) -> int:
    """The one that there is where calendars do not meet."""
    (axis,) = {activity.axis for activity in search.model.activities if activity.counts}
    return axis


def _reached(search: Search) -> int:
    """The earliest finish that is known without asking."""
    return min(search.finish(choice) for choice in (search.market.everything, search.market.nothing))


def within_budget(search: Search, budget: Decimal, hear: Heard) -> Earliest:
    """Cost never falls as the finish comes earlier, so the finish is found by halving."""
    search.prepare(budget)
    timely, reached = search.market.nothing, _reached(search)
    late = min(search.model.earliest_finish, reached) - 1
    late = proven_late = _last_beyond(search, budget, late, search.finish(timely))
    first = late < reached
    width = max(1, search.finish(timely) - late)
    while search.finish(timely) - late > 1 and not search.stop():
        asked = reached if first else (late + search.finish(timely)) // 2
        first = False
        answer = _decided(search, asked, budget, search.finish(timely) - late)
        if answer.choice is not None and answer.cost <= budget:
            timely = answer.choice
        else:
            late = asked
            if _is_beyond(answer, budget):
                proven_late = asked
        hear(100 - 100 * (search.finish(timely) - late) // width, timely)
    bound = _last_beyond(search, budget, proven_late, late) + 1 if search.sound else None
    return Earliest(timely, bound, proven=bound is not None and search.finish(timely) <= bound)


def _last_beyond(search: Search, budget: Decimal, beyond: int, most: int) -> int:
    """The last finish that surely costs more than the budget, from one that does to another; by what is known."""
    while most - beyond > 1:
        middle = (beyond + most) // 2
        if search.least(middle) > budget:
            beyond = middle
        else:
            most = middle
    return beyond


def _decided(search: Search, asked: int, budget: Decimal, width: int) -> Answer:
    """Whether the budget is enough is often clear at once; else it is asked for a share of the time."""
    answer = search.cheapest(asked, limit_s=0)
    if answer.proven or (answer.choice is not None and answer.cost <= budget) or _is_beyond(answer, budget):
        return answer
    return search.cheapest(asked, limit_s=search.left_s / max(1, width.bit_length()))


def _is_beyond(answer: Answer, budget: Decimal) -> bool:
    """Surely nothing finishes in time for that money."""
    if answer.choice is None:
        return answer.proven
    return answer.bound is not None and answer.bound > budget


def curve(search: Search, hear: Heard) -> tuple[list[Choice], bool]:
    """Choices from nothing to the earliest finish, each the cheapest for its finish; and whether none is missing."""
    earliest, is_earliest = fastest(search)
    end = search.cheapest(earliest, limit_s=0)
    if end.choice is None:
        return [search.market.nothing], False
    ends = (search.market.nothing, end.choice)
    if search.is_linear:
        found, whole = _bends(search, ends, hear)
        whole = whole and end.proven
    else:
        found, whole = _by_days(search, ends, hear)
    return _best_only(search, found), whole and is_earliest


def _bends(search: Search, ends: tuple[Choice, Choice], hear: Heard) -> tuple[list[Choice], bool]:
    """A convex curve by its bends: what is least along the slope between two points is a bend, or there is none."""
    model, market = search.model, search.market
    position = model.axes[_axis(search)].worked
    latest = search.finish(market.nothing)

    def point(choice: Choice) -> tuple[int, float]:
        return position(search.finish(choice)), float(market.cost(choice))

    found = list(ends)
    width = max(1, point(ends[0])[0] - point(ends[1])[0])
    heap: list[tuple[int, int, Choice, Choice]] = [(-width, 0, *ends)]
    entries, open_width = 1, width
    while heap and not search.stop():
        _, _, slow, fast = heappop(heap)
        (late, cheap), (early, dear) = point(slow), point(fast)
        open_width -= late - early
        if late - early > 1:
            slope = (dear - cheap) / (late - early)
            relaxed = search.program().weighted(latest, slope)
            if relaxed is not None:
                at, cost = point(relaxed.choice)
                line = cheap + slope * late
                if early < at < late and cost + slope * at < line - _NEARLY * abs(line):
                    found.append(relaxed.choice)
                    for one, other in ((slow, relaxed.choice), (relaxed.choice, fast)):
                        between = point(one)[0] - point(other)[0]
                        heappush(heap, (-between, entries, one, other))
                        entries, open_width = entries + 1, open_width + between
        hear(100 - 100 * open_width // width, ends[1])
    return found, not heap


def _by_days(search: Search, ends: tuple[Choice, Choice], hear: Heard) -> tuple[list[Choice], bool]:
    """One point a day, those first that divide what is not known. What is not proven at once shares the time; what a
    day is then answered takes the place of what it was answered before, which may be dear for when it finishes.
    """
    days = list(ends_of_days(search.finish(ends[1]) + 1, search.finish(ends[0])))
    unproven = [search.finish(ends[1])]
    found = {search.finish(choice): choice for choice in ends}
    for number, place in enumerate(_halving(len(days))):
        if search.stop():
            return list(found.values()), False
        answer = search.cheapest(days[place], limit_s=0)
        if answer.choice is not None:
            found[days[place]] = answer.choice
        if not answer.proven:
            unproven.append(days[place])
        hear(50 * (number + 1) // len(days), ends[1])

    def take(day: int, answer: Answer) -> None:
        if answer.choice is not None:
            found[day] = answer.choice
        if answer.proven:
            unproven.remove(day)

    _settle(search, lambda: unproven, take)
    return list(found.values()), not unproven


def _settle(search: Search, unsettled: Callable[[], Sequence[int]], take: Callable[[int, Answer], None]) -> None:
    """The finishes that are not settled, the most promising first, share the time that is left."""
    asked: dict[int, int] = {}
    while not search.stop():
        waiting = [finish for finish in unsettled() if asked.get(finish, 0) < _PASSES]
        if not waiting:
            break
        finish = min(waiting, key=lambda one: asked.get(one, 0))
        asked[finish] = asked.get(finish, 0) + 1
        take(finish, search.cheapest(finish, limit_s=search.left_s / len(waiting)))


def _halving(count: int) -> Sequence[int]:
    """All places, each in the middle of the widest gap or nearly."""
    waiting, order = [(0, count)], []
    while waiting:
        following = []
        for first, beyond in waiting:
            if first < beyond:
                middle = (first + beyond) // 2
                order.append(middle)
                following += [(first, middle), (middle + 1, beyond)]
        waiting = following
    return order


def _best_only(search: Search, choices: Sequence[Choice]) -> list[Choice]:
    """By finish, the latest first; what finishes no earlier for more money is left out."""
    kept: list[Choice] = []
    least: Decimal | None = None
    for choice in sorted(set(choices), key=lambda one: (search.finish(one), search.market.cost(one))):
        cost = search.market.cost(choice)
        if (least is None or cost < least) and not (kept and search.finish(kept[-1]) == search.finish(choice)):
            kept.append(choice)
            least = cost
    return kept[::-1]


def cheapest_duration(search: Search, days: Days, hear: Heard) -> Answer:
    """Compression, indirect costs and damages together at their least."""
    return _Optimum(search, days).found(hear)


class _Optimum:
    """Costs of days change at midnight, and on the days before one that was looked at compression costs no less than
    on it. So days are looked at in the middle of what is open, the most promising first, until no day can be better.
    """

    def __init__(self, search: Search, days: Days) -> None:
        self._search, self._days = search, days
        self._best = search.market.nothing
        earliest = min(search.model.earliest_finish, _reached(search))
        self._ends = list(ends_of_days(earliest, search.finish(self._best)))
        self._waiting: list[tuple[Decimal, int, int]] = []
        self._unproven: set[int] = set()
        search.prepare(max(_NOTHING, self._total(self._best) - self._of_days(earliest)))

    def found(self, hear: Heard) -> Answer:
        search = self._search
        self._wait(0, len(self._ends))
        looked = 0
        while self._waiting and self._waiting[0][0] < self._total(self._best) and not search.stop():
            _, low, high = heappop(self._waiting)
            self._look(low, high)
            looked += 1
            hear(min(50, 50 * looked // len(self._ends)), self._best)
        _settle(search, self._promising, self._take)
        lowest = min(
            [self._total(self._best), *map(self._least, self._unproven), *(bound for bound, *_ in self._waiting)]
        )
        cost = search.market.cost(self._best)
        if not search.sound:
            return Answer(self._best, cost, None, proven=False)
        above = self._total(self._best) - lowest
        return Answer(self._best, cost, max(_NOTHING, cost - above), proven=not above)

    def _look(self, low: int, high: int) -> None:
        """At the day in the middle, unless it cannot be better; then there are those before it and those after it."""
        middle = (low + high) // 2
        day = self._ends[middle]
        self._wait(middle + 1, high)
        if self._least(day) >= self._total(self._best):
            self._wait(low, middle)
            return
        answer = self._search.cheapest(day, limit_s=0)
        if not answer.proven:
            self._unproven.add(day)
        if not (answer.choice is None and answer.proven):
            self._wait(low, middle)
        self._take(day, answer)

    def _wait(self, low: int, high: int) -> None:
        """For days from one until before another: compression costs no less than on the last of them."""
        if low < high:
            least = self._search.least(self._ends[high - 1]) + self._of_days(self._ends[low])
            heappush(self._waiting, (least, low, high))

    def _take(self, day: int, answer: Answer) -> None:
        if answer.choice is not None and self._total(answer.choice) < self._total(self._best):
            self._best = answer.choice
        if answer.choice is None and answer.proven:
            self._unproven.discard(day)

    def _promising(self) -> Sequence[int]:
        best = self._total(self._best)
        return sorted((day for day in self._unproven if self._least(day) < best), key=self._least)

    def _least(self, day: int) -> Decimal:
        return self._search.least(day) + self._of_days(day)

    def _of_days(self, finish: int) -> Decimal:
        return self._days.both(to_datetime(finish))

    def _total(self, choice: Choice) -> Decimal:
        return self._search.market.cost(choice) + self._of_days(self._search.finish(choice))
