"""A plan made ready to be sampled: rows for the kernel, and what is drawn for them."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field

import msgspec
import numpy as np

from nirman.errors import InvalidPlanError
from nirman.optimization.direction import NOT_SIMULATED_BACK, check_from_start
from nirman.optimization.options import SimulateOptions
from nirman.optimization.simulation import rain
from nirman.optimization.simulation.kernel import library
from nirman.optimization.simulation.kernel.library import (
    LANES,
    NOT_REPORTED,
    QUANTILES,
    REPORTED_SUMMARY,
    REPORTED_TASK,
    RISK,
    SHARE,
    SIMULATION,
    SUM,
    VARIABLE,
    Array,
    Purpose,
)
from nirman.optimization.simulation.money import slopes
from nirman.optimization.simulation.quantiles import normal_distribution, quantiles
from nirman.optimization.simulation.variables import Varying, open_risks, varying_tasks, working_tasks
from nirman.planning.estimates import DurationEstimate, Risk
from nirman.planning.model import ConstraintKind, CriticalBy, Plan
from nirman.planning.schedule import Schedule, schedule_plan
from nirman.scheduling.instants import DAY, to_date, to_day
from nirman.scheduling.kernel.library import CALENDAR_TOO_EARLY, CALENDAR_TOO_LATE, FINE, NONE, OUT_OF_TIME
from nirman.scheduling.kernel.library import address as place_of

_ALWAYS = 2**32


@dataclass(slots=True)
class Samples:
    """What the kernel leaves of samples `first` until `first + count`: columns by row or variable, as in simulation.h.

    Instants are minutes since 1970. `each_*` are only there when every sample was to be recorded.
    """

    first: int
    count: int
    finish: Array
    cost: Array
    critical: Array
    late: Array
    finishes: Array
    finish_squares: Array
    minutes: Array
    minute_squares: Array
    occurred: Array
    occurred_finishes: Array
    histogram: Array | None = None
    each_start: Array | None = None
    each_finish: Array | None = None
    each_slack: Array | None = None
    each_minutes: Array | None = None
    each_rain: Array | None = None


@dataclass(slots=True)
class Bins:
    """How finishes of each row are counted: from an instant on, so many bins a minute."""

    count: int
    start: Array
    per_minute: Array


@dataclass(slots=True)
class Model:
    """`whole`: every sample is scheduled by the engine as a whole, not node by node."""

    plan: Plan
    options: SimulateOptions
    schedule: Schedule
    varying: tuple[Varying, ...]
    risks: tuple[Risk, ...]
    wet_tasks: int
    """How many tasks rain stops, in rain that is drawn."""
    whole: bool
    reported: Array
    _columns: dict[str, Array] = field(default_factory=dict)
    _chances: Array = field(default_factory=lambda: np.zeros(0, np.int64))
    _wanting: tuple[int, bool] = (0, True)
    _wet_days: int = 0
    nodes: int = 0
    quick_nodes: int = 0

    @property
    def rows(self) -> int:
        return self.schedule.network.rows.count

    @property
    def uids(self) -> list[int]:
        """By row."""
        return list(self.schedule.network.rows.task_column("uid"))

    def fingerprint(self) -> bytes:
        """The same for the same plan and options: chunks that do not belong together are told by it."""
        digest = hashlib.sha256(msgspec.json.encode((self.options, self.plan.project)))
        rows = self.schedule.network.rows
        for part in (rows.tasks, rows.links, rows.parts):
            digest.update(part.tobytes())
        for name in sorted(self._columns):
            digest.update(self._columns[name].tobytes())
        return digest.digest()

    def run(
        self, first: int, count: int, *, bins: Bins | None = None, record: bool = False, given: Array | None = None
    ) -> Samples:
        """Samples `first` until `first + count`. `given`: minutes of each variable in each sample, in place of chance.

        `InvalidPlanError` where a sample leads out of the time that plans live in.
        """
        while (found := self.attempt(first, count, bins=bins, record=record, given=given)) is None:
            self._lay_out_more()
        return found

    def attempt(
        self, first: int, count: int, *, bins: Bins | None = None, record: bool = False, given: Array | None = None
    ) -> Samples | None:
        """The same; None where calendars are not laid out as far as the samples reach. May run beside others."""
        self._foresee_rain()
        found = self._outputs(first, count, bins, record=record)
        return found if self._call(found, first, count, bins, given) else None

    def grades(self, ranks: Array) -> Array:
        """Moments of the ranks of what is drawn with those of the first samples' finishes: three for each variable,
        then for each risk.
        """
        sums = np.zeros((len(self.varying) + len(self.risks), 3))
        simulation = self._simulation({**self._columns}, {})
        library.grade(simulation, normal_distribution(), np.ascontiguousarray(ranks, np.float64), sums)
        return sums

    def risen(self, first: int, count: int) -> Array:
        """[samples][risks]: whether each comes about."""
        start = first // LANES * LANES
        more = -(-(first + count - start) // LANES) * LANES
        often = [round(risk.probability * _ALWAYS) for risk in self.risks]
        columns = [
            library.words(self.options.seed, Purpose.OCCURRENCE, risk.uid, start, more) < threshold
            for risk, threshold in zip(self.risks, often, strict=True)
        ]
        found = np.array(columns, bool).reshape(len(self.risks), more).T
        return found[first - start : first - start + count]

    def _outputs(self, first: int, count: int, bins: Bins | None, *, record: bool) -> Samples:
        rows, variables, risks = self.rows, len(self.varying), len(self.risks)

        def each(width: int, kind: type = np.int32) -> Array | None:
            return np.zeros((count, width), kind) if record else None

        return Samples(
            first=first,
            count=count,
            finish=np.zeros(count, np.int32),
            cost=np.zeros(count),
            critical=np.zeros(rows, np.int64),
            late=np.zeros(rows, np.int64),
            finishes=np.zeros(rows, np.int64),
            finish_squares=np.zeros(rows, SUM),
            minutes=np.zeros(variables, np.int64),
            minute_squares=np.zeros(variables, SUM),
            occurred=np.zeros(risks, np.int64),
            occurred_finishes=np.zeros(risks, np.int64),
            histogram=None if bins is None else np.zeros((rows, bins.count), np.uint32),
            each_start=each(rows),
            each_finish=each(rows),
            each_slack=each(rows),
            each_minutes=each(variables),
            each_rain=each(len(self._chances), np.uint8),
        )

    def _foresee_rain(self) -> None:
        """For whole months, half as long again as planned; the kernel asks for more where that is not enough."""
        if self.wet_tasks:
            first = rain.first_wet_day(self.plan)
            planned = to_day(self.schedule.project_finish.date()) - first
            self._wet_days = max(self._wet_days, planned * 3 // 2 + 400)
            until = to_day(to_date(min(self._last_day(), first + self._wet_days)).replace(day=1))
            if len(self._chances) < until - first:
                try:
                    self._chances = rain.thresholds(self.plan, until)
                except InvalidPlanError as error:  # the years that plans live in are over
                    rule = "rain must leave days to work on to every task that it stops"
                    raise InvalidPlanError(rule, place="project.rain_days") from error

    def _last_day(self) -> int:
        timetable = self.schedule.network.rows.timetable
        memory = timetable.memory()
        return max(memory[7 * number + 2] for number in range(len(timetable))) // DAY

    def _call(self, found: Samples, first: int, count: int, bins: Bins | None, given: Array | None) -> bool:
        columns = dict(self._columns)
        columns["rain"] = self._chances
        numbers = {"rain_days": 0 if given is not None else len(self._chances)}
        if given is not None:
            columns["given"] = np.ascontiguousarray(given, np.int32)
            numbers["rainy"] = 0
        if bins is not None:
            numbers["bins"] = bins.count
            columns |= {"bins_from": bins.start, "bins_a_minute": bins.per_minute}
        results = (
            *("finish", "cost", "critical", "late", "finishes", "finish_squares", "minutes", "minute_squares"),
            *("occurred", "occurred_finishes", "histogram"),
            *("each_start", "each_finish", "each_slack", "each_minutes", "each_rain"),
        )
        columns |= {name: memory for name in results if (memory := getattr(found, name)) is not None}
        network = self.schedule.network
        settings = network.settings[:]
        network.rows.point(settings)
        simulation = self._simulation(columns, numbers)
        simulation[SIMULATION["plan"]] = place_of(settings)
        library.simulate(simulation, first, count)
        self.nodes, self.quick_nodes = (int(simulation[SIMULATION[name]]) for name in ("nodes", "quick"))
        return self._is_fine(simulation)

    def _is_fine(self, simulation: Array) -> bool:
        failure = int(simulation[SIMULATION["failure"]])
        if failure in (CALENDAR_TOO_EARLY, CALENDAR_TOO_LATE):
            self._wanting = (int(simulation[SIMULATION["failed_calendar"]]), failure == CALENDAR_TOO_LATE)
        elif failure == OUT_OF_TIME:
            rows = self.schedule.network.rows
            task = self.plan.tasks[rows.task(int(simulation[SIMULATION["failed_row"]]), "uid")]
            rule = "a sample's schedule must stay between the years 1700 and 2400"
            raise InvalidPlanError(rule, place=f'task "{task.name}" ({task.uid})', uids=(task.uid,))
        elif failure != FINE:
            raise MemoryError("no memory is left for a simulation")
        return failure == FINE

    def _lay_out_more(self) -> None:
        calendar, later = self._wanting
        if later and self.wet_tasks:
            self._wet_days *= 2
            if rain.first_wet_day(self.plan) + len(self._chances) + 31 < self._last_day():
                return  # it is rain that ends, not the calendar
        try:
            self.schedule.network.rows.timetable.extend(calendar, later=later)
        except InvalidPlanError as error:
            rule = "a sample must find working time in its calendars between the years 1700 and 2400"
            raise InvalidPlanError(rule, place="calendars") from error

    def _simulation(self, columns: dict[str, Array], numbers: dict[str, int]) -> Array:
        """`Simulation` of simulation.h; valid as long as the columns are kept."""
        options, project = self.options, self.plan.project
        given = {
            "whole": int(self.whole),
            "critical_slack": project.critical_slack_minutes,
            "seed": options.seed,
            "variables": len(self.varying),
            "correlated": int(options.correlation > 0),
            "risks": len(self.risks),
            "rain_first": rain.first_wet_day(self.plan),
            "rainy": len(self._columns["rainy_rows"]),
            **numbers,
        }
        simulation = np.zeros(len(SIMULATION), np.int64)
        for name, number in given.items():
            simulation[SIMULATION[name]] = number
        for name, memory in columns.items():
            simulation[SIMULATION[name]] = library.address(memory)
        return simulation


def make_model(plan: Plan, options: SimulateOptions) -> Model:
    """`InvalidInputError` for a plan whose finish is given rather than computed, and for what cannot be drawn."""
    check_from_start(plan, NOT_SIMULATED_BACK)
    schedule = schedule_plan(plan)
    varying = varying_tasks(plan, options)
    risks = open_risks(plan) if options.risks else ()
    wet = rain.stopped_by_rain(plan) if options.rain else ()
    depends_on_all = any(task.constraint is ConstraintKind.ALAP for task in plan.tasks.values())
    whole = depends_on_all or plan.project.critical_by is CriticalBy.LONGEST_PATH
    model = Model(plan, options, schedule, varying, risks, len(wet), whole, _reported(plan, schedule))
    row_of = schedule.network.rows.row_of
    model._columns |= {  # noqa: SLF001  # made here
        **_drawn(plan, schedule, varying, risks),
        "deviates": library.deviates(),
        "weights": _weights(options.correlation),
        "rainy_rows": np.array([row_of[task.uid] for task in wet], np.int32),
        "slopes": slopes(plan, schedule, varying),
        "reported": model.reported,
    }
    return model


def _weights(correlation: float) -> Array:
    """Of the factor in common and of what is a task's own. Ranks of normal deviates correlate by 6/π asin(r/2) where
    the deviates do by r (Pearson 1907).
    """
    of_deviates = 2 * math.sin(math.pi * correlation / 6)
    return np.array([math.sqrt(of_deviates), math.sqrt(1 - of_deviates)], np.float32)


def _reported(plan: Plan, schedule: Schedule) -> Array:
    row_of = schedule.network.rows.row_of
    reported = np.full(schedule.network.rows.count, NOT_REPORTED, np.int32)
    for task in working_tasks(plan):
        reported[row_of[task.uid]] = REPORTED_TASK
        above = task.parent_uid
        while above is not None and reported[row_of[above]] == NOT_REPORTED:
            reported[row_of[above]] = REPORTED_SUMMARY
            above = plan.tasks[above].parent_uid
    return reported


def _drawn(plan: Plan, schedule: Schedule, varying: tuple[Varying, ...], risks: tuple[Risk, ...]) -> dict[str, Array]:
    tables: dict[DurationEstimate, int] = {}
    number_of = {risk.uid: number for number, risk in enumerate(risks)}
    rows = schedule.network.rows
    shares_of = _shares(plan)
    delays: list[int] = []
    pauses: list[int] = []
    shares: list[tuple[float, int]] = []
    variable = np.zeros((len(varying), len(VARIABLE)), np.int32)
    for place, one in enumerate(varying):
        task = one.task
        of_task = shares_of.get(task.uid, [])
        table = NONE if one.estimate is None else tables.setdefault(one.estimate, len(tables))
        fields = {
            "row": rows.row_of[task.uid],
            "stream": task.uid,
            "table": table,
            "started": int(one.started),
            "planned": one.planned,
            "left": one.left,
            "done": one.done,
            "first_delay": len(delays),
            "delays": len(one.risks),
            "first_pause": len(pauses) // 2,
            "pauses": len(task.splits),
            "first_share": len(shares),
            "shares": len(of_task),
        }
        variable[place] = [fields[name] for name in VARIABLE]
        delays += [number_of[uid] for uid in one.risks]
        for split in task.splits:
            pauses += (split.after_minutes, split.pause_minutes)
        shares += [(percent, rows.link_row_of[uid]) for percent, uid in of_task]
    return {
        "variable": variable,
        "quantiles": _quantiles(tables),
        "delays": np.array(delays, np.int32),
        "pauses": np.array(pauses, np.int32),
        "shares": np.array(shares, SHARE),
        "risk": np.array([_risk(risk) for risk in risks], RISK),
    }


def _quantiles(tables: dict[DurationEstimate, int]) -> Array:
    made = np.zeros((len(tables), QUANTILES), np.float32)
    for estimate, place in tables.items():
        made[place] = quantiles(estimate)
    return made


def _shares(plan: Plan) -> dict[int, list[tuple[float, int]]]:
    """Lags that are a percentage of their predecessor's duration, by its uid: percent and link."""
    found: dict[int, list[tuple[float, int]]] = {}
    for link in plan.links.values():
        if link.lag_percent is not None:
            found.setdefault(link.predecessor_uid, []).append((link.lag_percent, link.uid))
    return found


def _risk(risk: Risk) -> tuple[int, int, tuple[float, ...], tuple[float, ...]]:
    delay = (risk.least_delay_minutes, risk.likely_delay_minutes, risk.most_delay_minutes)
    cost = (risk.least_cost, risk.likely_cost, risk.most_cost)
    return risk.uid, round(risk.probability * _ALWAYS), tuple(map(float, delay)), tuple(map(float, cost))
