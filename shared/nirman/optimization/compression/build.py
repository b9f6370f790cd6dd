"""The model of a scheduled plan, from the rows that the engine scheduled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from nirman.optimization.compression.crossing import Crossing, at_once, crossing, standing
from nirman.optimization.compression.model import Activity, Arc, Model
from nirman.optimization.compression.offers import Market
from nirman.planning.logic import FROM_FINISH, SPANNING, TO_START
from nirman.planning.model import ConstraintKind, Link, LinkKind, Plan, ProgressLogic, Rules, Task
from nirman.planning.schedule import Schedule
from nirman.scheduling.instants import DAY, to_minutes
from nirman.scheduling.kernel.library import NEVER
from nirman.scheduling.timetable import ELAPSED_NUMBER
from nirman.scheduling.working_time import WorkingTime

_OF_PREDECESSOR = -2
_OF_SUCCESSOR = -3
_PART_FIELDS = 5
_BEFORE = 60 * DAY
"""How long before everything the model begins: leads may lead there."""
_STARTS_NO_EARLIER = (ConstraintKind.SNET, ConstraintKind.SO)
_FINISHES_NO_EARLIER = (ConstraintKind.FNET, ConstraintKind.FO)


def model_of(plan: Plan, schedule: Schedule, market: Market) -> Model:
    return _Builder(plan, schedule, market).built()


def lag_calendar_of(schedule: Schedule, link_uid: int) -> int:
    """Number of the calendar that the lag of a link runs in."""
    rows = schedule.network.rows
    row = rows.link_row_of[link_uid]
    number = rows.link(row, "lag_calendar")
    if number == _OF_PREDECESSOR:
        return rows.task(rows.link(row, "source"), "own_calendar")
    return rows.task(rows.link(row, "target"), "own_calendar") if number == _OF_SUCCESSOR else number


@dataclass(frozen=True, slots=True)
class _End:
    """Where links from a task begin, or links to it end: an activity, or an instant that nothing moves."""

    activity: int | None = None
    is_finish: bool = False
    instant: int = NEVER


def _lagging(time: WorkingTime, lag: int, stands: Callable[[int], int] | None) -> Callable[[int], int]:
    def delay(instant: int) -> int:
        later = time.add(instant, lag) if lag > 0 else time.subtract(instant, -lag)
        return later if stands is None else stands(later)

    return delay


class _Builder:
    def __init__(self, plan: Plan, schedule: Schedule, market: Market) -> None:
        self._plan, self._schedule, self._market = plan, schedule, market
        self._rows = schedule.network.rows
        self._row_of = self._rows.row_of
        self._offers = {offer.uid: number for number, offer in enumerate(market.offers)}
        self._leads = {lead.link_uid: number for number, lead in enumerate(market.leads)}
        self._primavera = plan.project.rules is Rules.PRIMAVERA
        self._children = schedule.outline.children
        setting = schedule.network.setting
        self._start, self._data_date = setting("start"), setting("data_date")
        self._base = setting("base_calendar")
        self._first = max(self._start, self._data_date) if self._primavera else self._start
        leaves = [row for uid, row in self._row_of.items() if uid not in self._children]
        early = [self._rows.task(row, "early_start") for row in leaves] or [self._start]
        self._lowest = min(*early, self._start) - _BEFORE
        self._highest = setting("project_finish") + DAY
        self._activities: list[Activity] = []
        self._arcs: list[Arc] = []
        self._starts: dict[int, _End] = {}
        self._finishes: dict[int, _End] = {}
        self._held: set[int] = set()
        """Tasks that links into them do not move."""
        self._spans: dict[int, int] = {}
        self._gates: dict[tuple[int, bool], int] = {}
        self._fixed_finish: int | None = None
        self._loose: list[str] = []
        self._crossings: dict[tuple[object, ...], Crossing] = {}
        self._links = [link for link in plan.links.values() if self._counts(link)]
        self._into: dict[int, list[Link]] = {}
        self._links_of: dict[int, list[Link]] = {}
        for link in self._links:
            self._into.setdefault(link.successor_uid, []).append(link)
            for uid in (link.predecessor_uid, link.successor_uid):
                self._links_of.setdefault(uid, []).append(link)
        self._standing: dict[int, int] = {}
        """Calendar of what takes no time between calendars, by activity."""
        self._delayed: dict[int, int] = {}

    def built(self) -> Model:
        for uid in self._schedule.uids:
            task = self._plan.tasks[uid]
            if uid not in self._children and task.kind not in SPANNING and self._row(uid, "active"):
                self._add(task)
        for uid in self._schedule.uids:
            if uid in self._children and self._row(uid, "active"):
                self._add_gates(uid)
        # Dates before arcs: an arc from a milestone has to know which of two instants it stands at.
        moving = [link for link in self._links if not self._date_by(link)]
        for link in moving:
            self._join(link)
        axes = {activity.axis: self._time(activity.axis) for activity in self._activities}
        return Model(
            market=self._market,
            axes=axes,
            lowest=self._lowest,
            activities=self._activities,
            arcs=self._arcs,
            fixed_finish=self._fixed_finish,
            loose=tuple(dict.fromkeys(self._loose)),
        )

    # Tasks.

    def _add(self, task: Task) -> None:
        uid = task.uid
        early_start, early_finish = self._row(uid, "early_start"), self._row(uid, "early_finish")
        dated = task.manual and (task.manual_start is not None or task.manual_finish is not None)
        started, complete = task.actual_start is not None, task.actual_finish is not None
        if dated or complete or (started and not self._primavera and self._row(uid, "parts")):
            if complete and self._primavera:  # its early dates are those of what holds it back, out of sequence
                early_start = early_finish = self._first
            self._starts[uid], self._finishes[uid] = _End(instant=early_start), _End(instant=early_finish)
            finish = self._row(uid, "finish") if complete else early_finish
            self._fixed_finish = max(finish, self._fixed_finish or finish)
            self._held.add(uid)
        elif started:
            self._add_running(task)
        elif self._row(uid, "parts"):
            self._add_parts(task)
        else:
            if self._is_between_calendars(task):
                number = self._point(uid, ELAPSED_NUMBER, counts=True)
                self._standing[number] = self._row(uid, "calendar")
            else:
                number = self._activity(task, self._row(uid, "duration"))
            self._starts[uid], self._finishes[uid] = _End(number), _End(number, is_finish=True)
            self._constrain(task, self._before_delay(task, number), number)

    def _activity(self, task: Task, minutes: int) -> int:
        axis = self._row(task.uid, "calendar")
        self._activities.append(Activity(task.uid, axis, minutes, self._offers.get(task.uid)))
        return len(self._activities) - 1

    def _is_between_calendars(self, task: Task) -> bool:
        """What takes no time may stand at an instant at which nobody works in its own calendar."""
        if self._row(task.uid, "duration") or self._row(task.uid, "delay"):
            return False
        own = self._row(task.uid, "calendar")
        return any(
            self._row(link.predecessor_uid, "calendar") != own
            or self._row(link.successor_uid, "calendar") != own
            or (link.lag_minutes and lag_calendar_of(self._schedule, link.uid) != own)
            for link in self._links_of.get(task.uid, ())
        )

    def _point(self, uid: int, axis: int, *, counts: bool) -> int:
        self._activities.append(Activity(uid, axis, 0, counts=counts))
        return len(self._activities) - 1

    def _add_running(self, task: Task) -> None:
        """What remains follows what is done, the data date and, by P6's retained logic, the predecessors."""
        uid = task.uid
        left = self._row(uid, "remaining")
        begun = self._row(uid, "actual_start")
        self._starts[uid] = _End(instant=max(begun, self._first) if self._primavera else begun)
        if self._primavera and self._row(uid, "parts"):
            start, finish = self._add_parts(task)
            self._starts[uid] = _End(instant=self._first)
        else:
            start = finish = self._activity(task, left)
        self._finishes[uid] = _End(finish, is_finish=True)
        resume = self._row(uid, "resume")
        if self._primavera:
            self._raise(start, max(self._first, resume))
            if self._plan.project.progress_logic is not ProgressLogic.RETAINED_LOGIC:
                self._held.add(uid)
            return
        time, activity = self._time(self._row(uid, "calendar")), self._activities[start]
        self._held.add(uid)
        if resume != NEVER and resume > begun:
            self._raise(start, resume)
        else:
            activity.floor = time.worked(begun) + self._row(uid, "done")
        if self._data_date != NEVER and left > 0:
            self._raise(start, self._data_date)
        if task.constraint is ConstraintKind.FNET and task.constraint_date is not None:
            activity.finish_floor = time.worked(to_minutes(task.constraint_date))

    def _add_parts(self, task: Task) -> tuple[int, int]:
        """Assignments that work in several calendars: from one instant to another."""
        uid = task.uid
        start, finish = self._point(uid, ELAPSED_NUMBER, counts=False), self._point(uid, ELAPSED_NUMBER, counts=True)
        finish_from = self._finish_of_parts(task)
        reach = (self._lowest, self._highest)
        elapsed = self._time(ELAPSED_NUMBER)
        run = crossing(elapsed, elapsed, reach, evening=True, delay=finish_from, steady_until=at_once)
        self._arcs.append(Arc(None, start, finish, from_finish=True, to_finish=False, crossing=run))
        self._starts[uid], self._finishes[uid] = _End(start), _End(finish, is_finish=True)
        if task.actual_start is None:
            self._constrain(task, start, finish)
        return start, finish

    def _finish_of_parts(self, task: Task) -> Callable[[int], int]:
        rows = self._rows
        first, count = self._row(task.uid, "first_part"), self._row(task.uid, "parts")
        parts = []
        for number in range(first, first + count):
            calendar, both, whole, left, delay = rows.parts[number * _PART_FIELDS : (number + 1) * _PART_FIELDS]
            minutes = left + (0 if task.actual_start else delay) if self._primavera else whole + delay
            parts.append((self._time(calendar), self._time(both if self._primavera else calendar), minutes))

        def finish_from(instant: int) -> int:
            start = min(begins.next_start(instant) for _, begins, _ in parts)
            return max(works.add(start, minutes) for works, _, minutes in parts)

        return finish_from

    def _before_delay(self, task: Task, number: int) -> int:
        """Where links into a task that levelling put off end: the point from which it is put off."""
        delay = self._row(task.uid, "delay")
        if not delay:
            return number
        axis = self._activities[number].axis
        time = self._time(axis)
        point = self._point(task.uid, axis, counts=False)
        late = self._crossing(
            axis, axis, evening=False, key=("levelled", delay), delay=lambda v: time.next_start(v) + delay
        )
        self._arcs.append(Arc(None, point, number, from_finish=True, to_finish=False, crossing=late))
        self._starts[task.uid] = _End(number)
        self._delayed[task.uid] = point
        return point

    def _constrain(self, task: Task, start: int, finish: int) -> None:
        """Floors of a task that has not begun."""
        project, activity = self._plan.project, self._activities[finish]
        pins = self._primavera or project.honor_constraints
        for kind, at in (
            (task.constraint, task.constraint_date),
            (task.second_constraint, task.second_constraint_date),
        ):
            if at is None:
                continue
            instant = to_minutes(at)
            position = self._time(activity.axis).worked(instant)
            must = kind in (ConstraintKind.MSO, ConstraintKind.MFO)
            if must and pins:
                self._held.add(task.uid)
                self._activities[start].floor = None
            if kind in _STARTS_NO_EARLIER or kind is ConstraintKind.MSO:
                self._raise(start, instant)
            elif kind in _FINISHES_NO_EARLIER or kind is ConstraintKind.MFO:
                activity.finish_floor = max(position, activity.finish_floor or position)
            elif kind in (ConstraintKind.SNLT, ConstraintKind.FNLT) and not self._primavera:
                uid = task.uid
                if project.honor_constraints and self._row(uid, "early_start") < self._row(uid, "logic_start"):
                    self._held.add(uid)
                    self._loose.append(f'the {kind} date of task "{task.name}" ({uid}), which wins over its links')
        if task.uid in self._held:
            return
        if self._primavera:
            self._raise(start, max(self._first, self._row(task.uid, "external_start")))
        if self._data_date != NEVER:
            self._raise(start, self._data_date)
        if not self._is_linked(task) and not self._primavera:
            dated = task.constraint in (ConstraintKind.SNET, ConstraintKind.FNET) and task.constraint_date is not None
            if not dated:
                self._raise(start, self._start)
            elif task.constraint is ConstraintKind.FNET and activity.finish_floor is not None:
                # It begins with the project, or as much earlier as its date asks for.
                minutes = self._row(task.uid, "duration")
                if activity.finish_floor - minutes >= self._time(activity.axis).worked(self._start):
                    self._raise(start, self._start)

    def _is_linked(self, task: Task) -> bool:
        if self._into.get(task.uid):
            return True
        above = task.parent_uid
        while above is not None:
            parent = self._plan.tasks[above]
            if self._into.get(above) or parent.constraint in (*_STARTS_NO_EARLIER, ConstraintKind.MSO):
                return True
            above = parent.parent_uid
        return False

    # Summaries.

    def _add_gates(self, uid: int) -> None:
        """What links into a summary ask for holds for all that is below it; what leads out of it waits for all that."""
        task = self._plan.tasks[uid]
        into = self._into.get(uid, ())
        dated = task.constraint in (*_STARTS_NO_EARLIER, ConstraintKind.MSO) and task.constraint_date is not None
        if dated or any(link.kind in TO_START for link in into):
            gate = self._gates[uid, False] = self._point(uid, self._common_axis(uid), counts=False)
            if dated:
                assert task.constraint_date is not None
                self._raise(gate, max(self._start, to_minutes(task.constraint_date)))
            self._lead_to_below(uid, gate, to_finish=False)
        if any(link.kind not in TO_START for link in into):
            gate = self._gates[uid, True] = self._point(uid, self._common_axis(uid), counts=False)
            self._lead_to_below(uid, gate, to_finish=True)
        out = [link for link in self._links if link.predecessor_uid == uid]
        if any(link.kind in FROM_FINISH for link in out):
            manual = task.manual and (task.manual_start is not None or task.manual_finish is not None)
            if manual:
                self._finishes[uid] = _End(instant=self._row(uid, "early_finish"))
            else:
                span = self._point(uid, self._common_axis(uid), counts=False)
                self._finishes[uid] = _End(span, is_finish=True)
                for below in self._leaves(uid):
                    self._arc(self._finishes[below], span, to_finish=False)
        if any(link.kind not in FROM_FINISH for link in out):
            self._loose.append(f'links from the start of summary "{task.name}" ({uid})')

    def _lead_to_below(self, uid: int, gate: int, *, to_finish: bool) -> None:
        for below in self._leaves(uid):
            if below in self._held:
                continue
            end = self._finishes[below] if to_finish else self._entry(below)
            if end.activity is not None:
                self._arc(_End(gate, is_finish=True), end.activity, to_finish=to_finish)
                if to_finish:
                    self._raise(end.activity, self._start)

    def _leaves(self, uid: int) -> Iterable[int]:
        waiting = [uid]
        while waiting:
            for child in self._children.get(waiting.pop(), ()):
                if child in self._children:
                    waiting.append(child)
                elif child in self._finishes:
                    yield child

    def _common_axis(self, uid: int) -> int:
        axes = {
            self._activities[end.activity].axis
            for below in self._leaves(uid)
            if (end := self._finishes[below]).activity is not None
        }
        return axes.pop() if len(axes) == 1 else ELAPSED_NUMBER

    # Links.

    def _counts(self, link: Link) -> bool:
        return all(
            self._row(uid, "active") and (uid in self._children or self._plan.tasks[uid].kind not in SPANNING)
            for uid in (link.predecessor_uid, link.successor_uid)
        )

    def _source(self, link: Link) -> _End | None:
        found = self._finishes if link.kind in FROM_FINISH else self._starts
        return found.get(link.predecessor_uid)

    def _entry(self, uid: int) -> _End:
        point = self._delayed.get(uid)
        return self._starts[uid] if point is None else _End(point)

    def _target(self, link: Link) -> int | None:
        uid = link.successor_uid
        if uid in self._held:
            return None
        if uid in self._children:
            return self._gates.get((uid, link.kind not in TO_START))
        if self._plan.tasks[uid].actual_start is not None:
            return self._finishes[uid].activity
        end = self._entry(uid) if link.kind in TO_START else self._finishes[uid]
        return end.activity

    def _date_by(self, link: Link) -> bool:
        """A link from what nothing moves is a date."""
        source, target = self._source(link), self._target(link)
        if source is None or target is None:
            return True
        if link.kind is LinkKind.FF and link.successor_uid not in self._children and not self._primavera:
            self._raise(target, self._start)
        if source.activity is not None:
            return False
        instant = self._lagged(link, source.instant)
        if link.kind in TO_START:
            self._raise(target, instant)
        else:
            activity = self._activities[target]
            position = self._time(activity.axis).worked(instant)
            activity.finish_floor = max(position, activity.finish_floor or position)
        return True

    def _lagged(self, link: Link, instant: int) -> int:
        """By P6's rules only what has not run of a lag since the actual finish counts, from the data date."""
        lag = self._rows.link(self._rows.link_row_of[link.uid], "lag")
        time = self._time(lag_calendar_of(self._schedule, link.uid))
        task = self._plan.tasks[link.predecessor_uid]
        if self._primavera and task.actual_start is not None:
            if link.kind is not LinkKind.FS or task.actual_finish is None:
                return self._first
            lag = max(0, lag - max(0, time.between(to_minutes(task.actual_finish), self._first)))
        return time.add(instant, lag) if lag > 0 else time.subtract(instant, -lag)

    def _join(self, link: Link) -> None:
        source, target = self._source(link), self._target(link)
        assert source is not None
        assert target is not None
        assert source.activity is not None
        lag = self._rows.link(self._rows.link_row_of[link.uid], "lag")
        if link.lag_percent is not None:
            offer = self._activities[source.activity].offer
            if offer is not None:
                shortest = self._market.offers[offer].shortest + self._market.offers[offer].done_minutes
                lag = min(lag, round(shortest * link.lag_percent / 100))
                self._loose.append(f"the lag of link {link.uid}, a share of a duration that can be shortened")
        self._arc(source, target, to_finish=link.kind not in TO_START, link=link, lag=lag)

    def _arc(self, source: _End, target: int, *, to_finish: bool, link: Link | None = None, lag: int = 0) -> None:
        if source.activity is None:
            self._raise(target, source.instant)
            return
        one, other = self._activities[source.activity], self._activities[target]
        lead = None if link is None else self._leads.get(link.uid)
        runs_in = one.axis if link is None else lag_calendar_of(self._schedule, link.uid)
        before = after = 0
        seen: Crossing | None = None
        stands, steady = standing(self._time(self._standing[target])) if target in self._standing else (None, None)
        evening = source.is_finish or one.minutes == 0
        floor = one.instant if one.minutes == 0 else None
        if stands is None and one.axis == other.axis and (runs_in == one.axis or (not lag and lead is None)):
            before = lag
        elif runs_in == one.axis or not lag:
            before = lag if runs_in == one.axis else 0
            seen = self._crossing(
                one.axis,
                other.axis,
                evening=(evening and lag == 0) or lag > 0,
                key=("stands", self._standing.get(target)),
                delay=stands,
                steady_until=steady,
                floor=None if lag else floor,
            )
        elif runs_in == other.axis and stands is None:
            after = lag
            seen = self._crossing(one.axis, other.axis, evening=evening, floor=floor)
        else:
            seen = self._crossing(
                one.axis,
                other.axis,
                evening=evening,
                key=(runs_in, lag, self._standing.get(target)),
                delay=_lagging(self._time(runs_in), lag, stands),
                steady_until=steady if runs_in == ELAPSED_NUMBER and stands is None else at_once,
                floor=floor,
            )
        self._arcs.append(
            Arc(
                None if link is None else link.uid,
                source.activity,
                target,
                source.is_finish,
                to_finish,
                before,
                seen,
                after,
                lead,
                lead_before=runs_in == one.axis,
            )
        )

    def _crossing(
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
        found = self._crossings.get(name)
        if found is None:
            one = self._time(source)
            reach = (one.worked(self._lowest), one.worked(self._highest))
            found = self._crossings[name] = crossing(
                one, self._time(target), reach, evening=evening, delay=delay, steady_until=steady_until, floor=floor
            )
        return found

    # Working time.

    def _row(self, uid: int, name: str) -> int:
        return self._rows.task(self._row_of[uid], name)

    def _time(self, number: int) -> WorkingTime:
        return self._rows.timetable[number]

    def _raise(self, number: int, instant: int) -> None:
        """The activity is not before that instant."""
        activity = self._activities[number]
        at_project_start = instant == self._start and self._row(activity.uid, "own_calendar") == self._base
        if number in self._standing and not at_project_start:
            instant = standing(self._time(self._standing[number]))[0](instant)
        time = self._time(activity.axis)
        position = time.worked(instant)
        activity.floor = position if activity.floor is None else max(position, activity.floor)
        if activity.minutes == 0:
            stands = activity.axis == ELAPSED_NUMBER or time.previous_finish(instant) == instant
            stood = instant if stands else time.next_start(instant)
            activity.instant = stood if activity.instant is None else max(stood, activity.instant)


def engine_finishes(model: Model, schedule: Schedule) -> Mapping[int, int]:
    """By activity that is a whole task: the position at which the engine finishes it."""
    rows = schedule.network.rows
    found = {}
    for number, activity in enumerate(model.activities):
        if activity.counts and activity.minutes:
            finish = rows.task(rows.row_of[activity.uid], "early_finish")
            found[number] = model.axes[activity.axis].worked(finish)
    return found
