"""From what is kept of the samples to what is said of them."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import numpy as np

from nirman.optimization.answers import Completion
from nirman.optimization.simulation.chunk import Chunk
from nirman.optimization.simulation.kernel.library import NOT_REPORTED, REPORTED_SUMMARY, Array
from nirman.optimization.simulation.model import Bins, Model
from nirman.optimization.simulation.money import by_the_day, planned_cost
from nirman.optimization.simulation.notes import notes
from nirman.optimization.simulation.ranks import Correlations, rank_correlations
from nirman.optimization.simulation.result import (
    CostFigures,
    CostPoint,
    FinishFigures,
    FinishPoint,
    Method,
    RiskFigures,
    Simulation,
    Target,
    TargetKind,
    TaskFigures,
)
from nirman.optimization.simulation.tornado import tornado
from nirman.planning.baselines import rounded
from nirman.scheduling.instants import DAY, to_datetime, to_minutes
from nirman.scheduling.vectors import between_all

PERCENTILES = tuple(range(5, 100, 5))
MOST_POINTS = 200


@dataclass(slots=True)
class Figures:
    """`bins`: how finishes of tasks were counted."""

    model: Model
    chunk: Chunk
    bins: Bins
    status: Completion
    planned: Decimal = field(init=False)
    """What the plan costs."""
    finish: Array = field(init=False)
    cost: Array = field(init=False)
    """Samples, ascending; minutes since 1970, and money."""
    correlations: Correlations = field(init=False)

    def __post_init__(self) -> None:
        chunk, model = self.chunk, self.model
        self.planned = planned_cost(model.plan, model.schedule)
        base = float(self.planned) - float(self._by_the_day(self._planned_finish())[0])
        self.finish = np.sort(chunk.finish)
        self.cost = np.sort(chunk.cost + base + self._by_the_day(chunk.finish))
        self.correlations = rank_correlations(model, chunk.finish)

    def simulation(self) -> Simulation:
        model, options = self.model, self.model.options
        project = model.plan.project
        confidence = options.confidence_percent
        return Simulation(
            status=self.status,
            method=self._method(),
            nodes=model.nodes,
            nodes_at_once=model.quick_nodes if self._method() is Method.NODE_BY_NODE else 0,
            iterations=self.chunk.count,
            iterations_asked=self.model.options.iterations,
            ranked_iterations=self.correlations.iterations,
            seed=options.seed,
            varying_tasks=len(model.varying),
            open_risks=len(model.risks),
            wet_tasks=model.wet_tasks,
            currency=project.currency,
            confidence_percent=confidence,
            finish_at_confidence=to_datetime(int(percentile(self.finish, confidence))),
            cost_at_confidence=_money(percentile(self.cost, confidence)),
            finish=self._finish(),
            cost=self._cost(),
            targets=tuple(self._targets()),
            tasks=tuple(self._tasks()),
            risks=tuple(self._risks()),
            tornado=tornado(model, self.correlations),
            notes=notes(model),
        )

    def _method(self) -> Method:
        if self.model.options.levelled:
            return Method.LEVELLED
        return Method.ENGINE if self.model.whole else Method.NODE_BY_NODE

    def _planned_finish(self) -> Array:
        return np.array([to_minutes(self.model.schedule.project_finish)])

    def _by_the_day(self, finish: Array) -> Array:
        return by_the_day(self.model.plan, self.model.schedule, finish)

    def deviation_minutes(self) -> float:
        """Of the finish, in working minutes of the project's calendar."""
        network = self.model.schedule.network
        working = network.rows.timetable[network.setting("base_calendar")]
        starts = np.full(len(self.finish), self._planned_finish()[0], np.int64)
        minutes = between_all(working, _column(starts), _column(self.finish))
        return float(np.std(np.array(minutes, np.float64)))

    def _finish(self) -> FinishFigures:
        planned = int(self._planned_finish()[0])
        return FinishFigures(
            planned=to_datetime(planned),
            planned_percentile=_share_until(self.finish, planned) * 100,
            mean=to_datetime(round(float(self.finish.mean()))),
            deviation_minutes=round(self.deviation_minutes(), 1),
            least=to_datetime(int(self.finish[0])),
            most=to_datetime(int(self.finish[-1])),
            percentiles=_percentiles(self.finish, lambda value: to_datetime(int(value))),
            curve=tuple(FinishPoint(finish=to_datetime(int(x)), probability=y) for x, y in _curve(self.finish)),
        )

    def _cost(self) -> CostFigures:
        return CostFigures(
            planned=rounded(self.planned),
            planned_percentile=_share_until(self.cost, float(self.planned) + 0.005) * 100,
            mean=_money(self.cost.mean()),
            deviation=_money(self.cost.std()),
            least=_money(self.cost[0]),
            most=_money(self.cost[-1]),
            percentiles=_percentiles(self.cost, _money),
            curve=tuple(CostPoint(cost=_money(x), probability=y) for x, y in _curve(self.cost)),
        )

    def _targets(self) -> Iterator[Target]:
        dates = {
            TargetKind.MUST_FINISH: self.model.plan.project.must_finish,
            TargetKind.FINISH_BY: self.model.options.finish_by,
        }
        for kind, date in dates.items():
            if date is not None:
                yield Target(kind=kind, date=date, probability=_share_until(self.finish, to_minutes(date)))
        for place, uid in self._reported():
            task = self.model.plan.tasks[uid]
            if task.deadline is not None:
                met = 1 - int(self.chunk.late[place]) / self.chunk.count
                yield Target(
                    kind=TargetKind.DEADLINE, uid=uid, name=task.name, date=task.deadline, probability=round(met, 6)
                )

    def _reported(self) -> Iterator[tuple[int, int]]:
        """Place among the chunk's rows and uid, in outline order."""
        rows = np.flatnonzero(self.model.reported != NOT_REPORTED)
        uids = self.model.uids
        place_of = {uids[row]: place for place, row in enumerate(rows)}
        for uid in self.model.schedule.uids:
            if uid in place_of:
                yield place_of[uid], uid

    def _tasks(self) -> Iterator[TaskFigures]:
        count = self.chunk.count
        numbers = {one.task.uid: number for number, one in enumerate(self.model.varying)}
        deviation = self.deviation_minutes()
        p50, p80 = self._task_percentiles(50), self._task_percentiles(80)
        rows = self.model.schedule.network.rows
        for place, uid in self._reported():
            row = rows.row_of[uid]
            criticality = int(self.chunk.critical[place]) / count
            number = numbers.get(uid)
            correlation = 0.0 if number is None else float(self.correlations.tasks[number])
            planned, mean = rows.task(row, "finish"), int(self.chunk.finishes[place]) / count
            variance = self.chunk.finish_squares[place] / count - mean**2
            yield TaskFigures(
                uid=uid,
                name=self.model.plan.tasks[uid].name,
                summary=bool(self.model.reported[row] == REPORTED_SUMMARY),
                planned_finish=to_datetime(planned),
                mean_finish=to_datetime(round(planned + mean)),
                deviation_days=round(math.sqrt(max(variance, 0)) / DAY, 3),
                p50=self._worked_until(row, p50[place]),
                p80=self._worked_until(row, p80[place]),
                criticality=round(criticality, 4),
                rank_correlation=round(correlation, 4),
                cruciality=round(abs(correlation) * criticality, 4),
                sensitivity=round(self._sensitivity(number, criticality, deviation), 4),
            )

    def _sensitivity(self, number: int | None, criticality: float, deviation: float) -> float:
        if number is None or not deviation:
            return 0.0
        count = self.chunk.count
        mean = int(self.chunk.minutes[number]) / count
        variance = self.chunk.minute_squares[number] / count - mean**2
        return criticality * math.sqrt(max(variance, 0)) / deviation

    def _task_percentiles(self, percent: int) -> list[int]:
        """Instants by the chunk's rows, straight within a bin."""
        rows = np.flatnonzero(self.model.reported != NOT_REPORTED)
        wanted = percent * self.chunk.count / 100
        until = np.cumsum(self.chunk.histogram, axis=1, dtype=np.int64)
        at = (until < wanted).sum(axis=1)
        counts = np.take_along_axis(self.chunk.histogram, at[:, None], axis=1)[:, 0].astype(np.float64)
        before = np.take_along_axis(until, at[:, None], axis=1)[:, 0] - counts
        minutes = (at + (wanted - before) / np.maximum(counts, 1)) / self.bins.per_minute[rows]
        found: list[int] = np.rint(self.bins.start[rows] + minutes).astype(np.int64).tolist()
        return found

    def _worked_until(self, row: int, instant: int) -> datetime:
        """The evening before, where nobody works."""
        rows = self.model.schedule.network.rows
        return to_datetime(rows.timetable[rows.task(row, "calendar")].previous_finish(instant))

    def _risks(self) -> Iterator[RiskFigures]:
        count, after = self.chunk.count, int((self.chunk.finish.astype(np.int64) - self._planned_finish()[0]).sum())
        for number, risk in enumerate(self.model.risks):
            occurred = int(self.chunk.occurred[number])
            delay = None
            if 0 < occurred < count:
                with_it = int(self.chunk.occurred_finishes[number])
                delay = round((with_it / occurred - (after - with_it) / (count - occurred)) / DAY, 3)
            yield RiskFigures(
                uid=risk.uid,
                name=risk.name,
                occurred=round(occurred / count, 6),
                delay_days=delay,
                rank_correlation=round(float(self.correlations.risks[number]), 4),
            )


def percentile(ordered: Array, percent: float) -> Any:
    """The least value that so many of a hundred do not exceed."""
    return ordered[max(0, math.ceil(percent * len(ordered) / 100) - 1)]


def _percentiles(ordered: Array, told: Callable[[Any], Any]) -> Mapping[int, Any]:
    return {percent: told(percentile(ordered, percent)) for percent in PERCENTILES}


def _share_until(ordered: Array, value: float) -> float:
    return round(int(np.searchsorted(ordered, value, side="right")) / len(ordered), 6)


def _curve(ordered: Array) -> Iterator[tuple[Any, float]]:
    """At most so many points, evenly between the least and the most; fewer where there are fewer values."""
    values = np.unique(ordered)
    if len(values) > MOST_POINTS:
        even = np.linspace(float(values[0]), float(values[-1]), MOST_POINTS)
        values = values[np.unique(np.searchsorted(values, even).clip(max=len(values) - 1))]
    for value in values:
        yield value, _share_until(ordered, value)


def _money(amount: float) -> Decimal:
    return rounded(Decimal(float(amount)))


def _column(values: Array) -> array[int]:
    column = array("q")
    column.frombytes(np.ascontiguousarray(values, np.int64).tobytes())
    return column
