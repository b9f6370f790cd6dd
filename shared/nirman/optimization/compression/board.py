"""Where a model is put together: the plan's rows, and the activities and arcs made of them so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nirman.optimization.compression.crossing import Crossing, crossing, evening_before, lagging, standing
from nirman.optimization.compression.model import Activity, Arc
from nirman.optimization.compression.offers import Market
from nirman.planning.logic import SPANNING
from nirman.planning.model import Link, Plan, Rules
from nirman.planning.schedule import Schedule
from nirman.scheduling.instants import DAY
from nirman.scheduling.kernel.library import NEVER
from nirman.scheduling.timetable import ELAPSED_NUMBER
from nirman.scheduling.working_time import WorkingTime

_OF_PREDECESSOR, _OF_SUCCESSOR = -2, -3
_BEFORE = 60 * DAY
"""How long before everything the model begins: leads may lead there."""


@dataclass(frozen=True, slots=True)
class End:
    """Where links from a task begin, or links to it end: an activity, or an instant that nothing moves."""

    activity: int | None = None
    is_finish: bool = False
    instant: int = NEVER


class Board:
    """`starts` and `finishes` are where links from a task begin; `held` are tasks that links into them do not move."""

    def __init__(self, plan: Plan, schedule: Schedule, market: Market) -> None:
        self.plan, self.schedule, self.market = plan, schedule, market
        self.rows = schedule.network.rows
        self.row_of = self.rows.row_of
        self.offers = {offer.uid: number for number, offer in enumerate(market.offers)}
        self.leads = {lead.link_uid: number for number, lead in enumerate(market.leads)}
        self.primavera = plan.project.rules is Rules.PRIMAVERA
        self.children = schedule.outline.children
        setting = schedule.network.setting
        self.start, self.data_date = setting("start"), setting("data_date")
        self.base = setting("base_calendar")
        self.first = max(self.start, self.data_date) if self.primavera else self.start
        leaves = [row for uid, row in self.row_of.items() if uid not in self.children]
        early = [self.rows.task(row, "early_start") for row in leaves] or [self.start]
        self.lowest = min(*early, self.start) - _BEFORE
        self.activities: list[Activity] = []
        self.arcs: list[Arc] = []
        self.starts: dict[int, End] = {}
        self.finishes: dict[int, End] = {}
        self.held: set[int] = set()
        self.gates: dict[tuple[int, bool], int] = {}
        self.fixed_finish: int | None = None
        self.loose: list[str] = []
        self.crossings: dict[tuple[object, ...], Crossing] = {}
        self.links = [link for link in plan.links.values() if self.counts(link)]
        self.into: dict[int, list[Link]] = {}
        self.links_of: dict[int, list[Link]] = {}
        for link in self.links:
            self.into.setdefault(link.successor_uid, []).append(link)
            for uid in (link.predecessor_uid, link.successor_uid):
                self.links_of.setdefault(uid, []).append(link)
        self.standing: dict[int, int] = {}
        """Calendar of what takes no time between calendars, by activity."""
        self.evenings: set[int] = set()
        """Those of them whose finish is asked for by P6's rules: it stays in the evening, or is anywhere in the pause,
        while the start is the next morning. Of several that ask for the same start the lowest uid says where.
        """
        self.delayed: dict[int, int] = {}

    def point(self, uid: int, axis: int, *, counts: bool) -> int:
        self.activities.append(Activity(uid, axis, 0, counts=counts))
        return len(self.activities) - 1

    def crossing(
        self,
        source: int,
        target: int,
        *,
        evening: bool,
        key: tuple[object, ...] = (),
        delay: Callable[[int], int] | None = None,
        steady_until: Callable[[int], int] | None = None,
        floor: int | None = None,
    ) -> Crossing:
        """Links of the same kind between the same calendars share one."""
        name = (source, target, evening, key, floor)
        found = self.crossings.get(name)
        if found is None:
            found = self.crossings[name] = crossing(
                self.time(source),
                self.time(target),
                evening=evening,
                delay=delay,
                steady_until=steady_until,
                floor=floor,
            )
        return found

    def arc(self, source: End, target: int, *, to_finish: bool, link: Link | None = None, lag: int = 0) -> None:
        """Links from what nothing moves are dates."""
        if source.activity is None:
            self.raise_to(target, source.instant)
            return
        axis, other = self.activities[source.activity].axis, self.activities[target].axis
        lead = None if link is None else self.leads.get(link.uid)
        runs_in = axis if link is None else lag_calendar_of(self.schedule, link.uid)
        before, seen, after = lag, None, 0
        if target in self.standing or axis != other or (runs_in != axis and (lag or lead is not None)):
            before, seen, after = self._seen(source, target, runs_in, lag)
        self.arcs.append(
            Arc(
                link_uid=None if link is None else link.uid,
                source=source.activity,
                target=target,
                from_finish=source.is_finish,
                to_finish=to_finish,
                before=before,
                crossing=seen,
                after=after,
                lead=lead,
                lead_before=runs_in == axis,
            )
        )

    def _seen(self, source: End, target: int, runs_in: int, lag: int) -> tuple[int, Crossing, int]:
        """What is added to a position before it crosses to another calendar, the crossing, and what is added after."""
        assert source.activity is not None
        one, other = self.activities[source.activity], self.activities[target]
        own = self.standing.get(target)
        in_evening = target in self.evenings
        stands, steady = (None, None) if own is None else self._stands(target)
        evening = source.is_finish or one.minutes == 0
        floor = one.instant if one.minutes == 0 else None
        if lag == 0 or runs_in == one.axis:
            seen = self.crossing(
                one.axis,
                other.axis,
                evening=lag > 0 or (evening and lag == 0),
                key=("stands", own, in_evening),
                delay=stands,
                steady_until=steady,
                floor=None if lag else floor,
            )
            return lag, seen, 0
        if runs_in == other.axis and own is None:
            return 0, self.crossing(one.axis, other.axis, evening=evening, floor=floor), lag
        delay, alike = lagging(self.time(runs_in), lag, None if stands is None or steady is None else (stands, steady))
        seen = self.crossing(
            one.axis,
            other.axis,
            evening=evening,
            key=(runs_in, lag, own, in_evening),
            delay=delay,
            steady_until=alike,
            floor=floor,
        )
        return 0, seen, 0

    def _stands(self, number: int) -> tuple[Callable[[int], int], Callable[[int], int]]:
        """Where an activity of no length stands, and how long that goes on alike."""
        return (evening_before if number in self.evenings else standing)(self.time(self.standing[number]))

    def row(self, uid: int, name: str) -> int:
        return self.rows.task(self.row_of[uid], name)

    def time(self, number: int) -> WorkingTime:
        return self.rows.timetable[number]

    def raise_to(self, number: int, instant: int) -> None:
        """The activity is not before that instant."""
        activity = self.activities[number]
        at_project_start = instant == self.start and self.row(activity.uid, "own_calendar") == self.base
        if number in self.standing and not at_project_start:
            instant = self._stands(number)[0](instant)
        time = self.time(activity.axis)
        position = time.worked(instant)
        activity.floor = position if activity.floor is None else max(position, activity.floor)
        if activity.minutes == 0:
            stands = activity.axis == ELAPSED_NUMBER or time.previous_finish(instant) == instant
            stood = instant if stands else time.next_start(instant)
            activity.instant = stood if activity.instant is None else max(stood, activity.instant)

    def raise_finish(self, number: int, instant: int) -> None:
        """The activity does not finish before that instant."""
        activity = self.activities[number]
        if number in self.evenings:
            instant = self._stands(number)[0](instant)
        position = self.time(activity.axis).worked(instant)
        activity.finish_floor = max(position, activity.finish_floor or position)

    def counts(self, link: Link) -> bool:
        return all(
            self.row(uid, "active") and (uid in self.children or self.plan.tasks[uid].kind not in SPANNING)
            for uid in (link.predecessor_uid, link.successor_uid)
        )

    def entry(self, uid: int) -> End:
        point = self.delayed.get(uid)
        return self.starts[uid] if point is None else End(point)


def lag_calendar_of(schedule: Schedule, link_uid: int) -> int:
    """Number of the calendar that the lag of a link runs in."""
    rows = schedule.network.rows
    row = rows.link_row_of[link_uid]
    number = rows.link(row, "lag_calendar")
    if number == _OF_PREDECESSOR:
        return rows.task(rows.link(row, "source"), "own_calendar")
    return rows.task(rows.link(row, "target"), "own_calendar") if number == _OF_SUCCESSOR else number
