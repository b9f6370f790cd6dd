"""The earliest finish at which tasks that go as late as possible leave room for the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import gcd

from nirman.optimization.levelling.jobs import Shop
from nirman.optimization.levelling.late import Late
from nirman.optimization.levelling.placing import Placed
from nirman.optimization.levelling.settling import Settled, in_full, settled, weighed
from nirman.optimization.options import LevelOptions
from nirman.planning.schedule import schedule_plan
from nirman.scheduling.instants import to_minutes

_MOST_HALVINGS = 12
_MOST_WITHOUT = 200
"""Schedules in which delays are left out that may not be needed."""


def with_late_tasks(
    shop: Shop, first: Placed, known: Settled, options: LevelOptions, stop: Callable[[], bool]
) -> Settled:
    """The best that is found; `first` has all as soon as they can be, `known` is what the engine made of some such."""
    rounds = _Rounds(shop, first, known, options, stop)
    rounds.run()
    return rounds.best


class _Rounds:
    """Finishes are told by working minutes of the project after that of the first placing."""

    def __init__(
        self, shop: Shop, first: Placed, known: Settled, options: LevelOptions, stop: Callable[[], bool]
    ) -> None:
        self._shop, self._first, self._options, self._stop = shop, first, options, stop
        self._late = Late(shop, first, split=options.split)
        network = shop.base.network
        self._time = network.rows.timetable[network.setting("base_calendar")]
        self._unit = max(1, gcd(*(job.duration for job in shop.jobs)))
        """Minutes in whose multiples finishes are tried."""
        self.best = known

    def run(self) -> None:
        """From what is done at once to what takes longest."""
        for placed in (self._first, self._late.justified()):
            self._try(placed)
            if self._is_done() or self._stop():
                return self._leave_out_delays()
        least = 0
        if not self._try_by(0) and not self._options.within_slack:
            least = self._least_with_room()
            self._try_by(least)
        if not self._is_done() and not self._options.within_slack:
            self._later(least)
        if self.best.overload and not self._stop():
            self._sooner()
        return self._leave_out_delays()

    def _is_done(self) -> bool:
        return self.best.overload == 0 and self.best.finish <= self._first.finish

    def _try(self, placed: Placed) -> bool:
        """Whether nothing is overloaded."""
        one = settled(self._shop, placed, self._options)
        self.best = min(self.best, one, key=lambda each: each.key)
        return one.overload == 0

    def _try_by(self, minutes: int) -> bool:
        """Whether there is room for all."""
        placed = self._by(minutes)
        if placed is not None:
            self._try(placed)
        return placed is not None

    def _by(self, minutes: int) -> Placed | None:
        finish = self._first.finish
        return self._late.by(self._time.add(finish, minutes) if minutes >= 0 else self._time.subtract(finish, -minutes))

    def _least_with_room(self) -> int:
        """Behind all others there is room for what goes late."""
        return self._halved(0, self._late.most, lambda minutes: self._by(minutes) is not None)

    def _later(self, least: int) -> None:
        """What the engine does not let stand where it was meant to, it may with more time: in steps that double."""
        step = day = self._shop.plan.project.minutes_per_day
        while self.best.overload and least + step <= self._late.most + day and not self._stop():
            placed = self._by(least + step)
            if placed is not None and self._try(placed):
                self._halved(least + step // 2, least + step, self._solves)
            step *= 2

    def _solves(self, minutes: int) -> bool:
        placed = self._by(minutes)
        return placed is not None and self._try(placed)

    def _sooner(self) -> None:
        """Where some conflicts remain in any case, what causes them need not be waited for."""
        bare = to_minutes(self._shop.base.project_finish)
        most = self._time.between(bare, self._first.finish)
        if most > 0:
            self._halved(-most, 0, self._try_by)

    def _halved(self, least: int, most: int, holds: Callable[[int], bool]) -> int:
        """The least of these of which it holds, as far as it does of all that are more; `most` if of none."""
        if least < 0 and holds(least):
            return least
        for _ in range(_MOST_HALVINGS):
            minutes = (least + most) // 2 // self._unit * self._unit
            if minutes <= least or self._stop():
                break
            if holds(minutes):
                most = minutes
            else:
                least = minutes
        return most

    # Delays.

    def _leave_out_delays(self) -> None:
        """Of what goes late, and of what follows it, only those stay that something would be worse without."""
        tasks = self.best.result.plan.tasks
        delayed = [uid for uid in self._late.uids if tasks[uid].leveling_delay_minutes]
        groups, tries = [delayed] if delayed else [], 0
        while groups and tries < _MOST_WITHOUT and not self._stop():
            group, tries = groups.pop(), tries + 1
            one = self._without(group)
            if one.key <= self.best.key:
                self.best = one
            elif len(group) > 1:
                groups += [group[: len(group) // 2], group[len(group) // 2 :]]

    def _without(self, uids: Sequence[int]) -> Settled:
        plan = self.best.result.plan
        bare = {uid: replace(plan.tasks[uid], leveling_delay_minutes=0) for uid in uids}
        plan = replace(plan, tasks={**plan.tasks, **bare})
        result = in_full(self._shop, replace(self.best.result, plan=plan, schedule=schedule_plan(plan)))
        return weighed(self._shop, result, self.best.placed, self._options)
