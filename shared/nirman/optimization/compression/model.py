"""The plan as activities on axes of work, and what each asks of others: what the solvers see.

The axis of an activity is the work of the calendar that its duration is counted in; its finish is its start plus its
minutes there. Arcs say "not before"; dates, and what has happened, are floors. Whatever the rules of the engine do
beyond that is left away: then the model allows more than the engine, so that its bounds hold, and the engine is asked.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from nirman.optimization.compression.crossing import Crossing
from nirman.optimization.compression.offers import Choice, Market
from nirman.scheduling.working_time import WorkingTime


@dataclass(slots=True)
class Activity:
    """A task, or what remains of it; summaries and tasks of several calendars are points of no length."""

    uid: int
    axis: int
    minutes: int
    offer: int | None = None
    floor: int | None = None
    finish_floor: int | None = None
    instant: int | None = None
    """It is not before this instant, where the position is two (an evening and the next morning)."""
    counts: bool = True
    """The project finishes no earlier."""


@dataclass(frozen=True, slots=True)
class Arc:
    """The target's start or finish is at least the source's start or finish, plus `before`, seen from the target's
    axis by the `crossing`, plus `after`. A lead takes its overlap from `before` or from `after`.
    """

    link_uid: int | None
    source: int
    target: int
    from_finish: bool
    to_finish: bool
    before: int = 0
    crossing: Crossing | None = None
    after: int = 0
    lead: int | None = None
    lead_before: bool = False

    def value(self, position: int, overlap: int = 0) -> int:
        early = overlap if self.lead_before else 0
        seen = position + self.before - early
        if self.crossing is not None:
            seen = self.crossing.value(seen)
        return seen + self.after - (overlap - early)


@dataclass(eq=False)
class Model:
    market: Market
    axes: Mapping[int, WorkingTime]
    lowest: int
    """An instant before everything."""
    activities: Sequence[Activity]
    arcs: Sequence[Arc]
    fixed_finish: int | None
    """The last finish of what nothing moves; None where there is nothing of the kind."""
    loose: Sequence[str] = field(default_factory=tuple)
    """What the engine does and the model does not, for people."""

    @cached_property
    def into(self) -> Sequence[Sequence[Arc]]:
        found: list[list[Arc]] = [[] for _ in self.activities]
        for arc in self.arcs:
            found[arc.target].append(arc)
        return found

    @cached_property
    def order(self) -> Sequence[int]:
        """Each activity after all that it waits for."""
        waits = [len(arcs) for arcs in self.into]
        following: list[list[int]] = [[] for _ in self.activities]
        for arc in self.arcs:
            following[arc.source].append(arc.target)
        ready = deque(number for number, count in enumerate(waits) if not count)
        order = []
        while ready:
            number = ready.popleft()
            order.append(number)
            for target in following[number]:
                waits[target] -= 1
                if not waits[target]:
                    ready.append(target)
        return order

    @cached_property
    def is_plain(self) -> bool:
        """One calendar throughout: the model is a system of differences."""
        axes = {activity.axis for activity in self.activities if activity.counts}
        return len(axes) == 1 and all(arc.crossing is None for arc in self.arcs)

    @cached_property
    def ends(self) -> Sequence[int]:
        """Activities that may finish last: what something else surely finishes after is not among them."""
        before = {
            arc.source
            for arc in self.arcs
            if arc.from_finish
            and arc.crossing is None
            and arc.lead is None
            and arc.before + arc.after >= 0
            and self.activities[arc.target].axis == self.activities[arc.source].axis
            and self.activities[arc.target].counts
        }
        return [n for n, activity in enumerate(self.activities) if activity.counts and n not in before]

    def minutes(self, number: int, choice: Choice) -> int:
        activity = self.activities[number]
        return activity.minutes if activity.offer is None else choice.durations[activity.offer]

    def most_overlap(self, arc: Arc) -> int:
        """Minutes that the lead of an arc may overlap, at the most."""
        return 0 if arc.lead is None else self.market.leads[arc.lead].most(self.market.lengths[arc.lead])

    def span(self, number: int) -> tuple[int, int]:
        """The least and the most minutes that an activity may take."""
        activity = self.activities[number]
        if activity.offer is None:
            return activity.minutes, activity.minutes
        offer = self.market.offers[activity.offer]
        return offer.shortest, offer.longest

    def limit(self, number: int, finish: int) -> int:
        """The latest position of an activity's finish for a project that finishes at that instant."""
        return self.axes[self.activities[number].axis].worked(finish)

    def earliest(self, choice: Choice) -> list[int]:
        """Position of each start, as early as arcs and floors allow."""
        starts = [0] * len(self.activities)
        for number in self.order:
            minutes = self.minutes(number, choice)
            start = self.floor(number, minutes)
            for arc in self.into[number]:
                source = starts[arc.source] + (self.minutes(arc.source, choice) if arc.from_finish else 0)
                asked = arc.value(source, 0 if arc.lead is None else choice.overlaps[arc.lead])
                start = max(start, asked - minutes if arc.to_finish else asked)
            starts[number] = start
        return starts

    @cached_property
    def lows(self) -> tuple[list[int], list[int]]:
        """Positions that no start and no finish is before, whatever is chosen."""
        starts, finishes = [0] * len(self.activities), [0] * len(self.activities)
        for number in self.order:
            least, most = self.span(number)
            activity = self.activities[number]
            start = self.floor(number, most)
            finish = start if activity.finish_floor is None else max(start, activity.finish_floor)
            for arc in self.into[number]:
                source = finishes[arc.source] if arc.from_finish else starts[arc.source]
                asked = arc.value(source, self.most_overlap(arc))
                if arc.to_finish:
                    finish, start = max(finish, asked), max(start, asked - most)
                else:
                    start = max(start, asked)
            starts[number], finishes[number] = start, max(finish, start + least)
        return starts, finishes

    @cached_property
    def earliest_finish(self) -> int:
        """The instant that the project does not finish before, whatever is chosen."""
        finishes = self.lows[1]
        if self._gains_by_all:
            choice = self.market.everything
            finishes = [start + self.minutes(n, choice) for n, start in enumerate(self.earliest(choice))]
        instants = [self.axes[self.activities[n].axis].finish_at(finishes[n]) for n in self.ends]
        return max([*instants, self.lowest if self.fixed_finish is None else self.fixed_finish])

    @cached_property
    def _gains_by_all(self) -> bool:
        """Nothing is later for what is bought: no start waits for a finish that stays where it is, so that what is
        shorter starts later; no overlap that a shorter duration takes away is more than what it gains.
        """
        pushed = {arc.target for arc in self.arcs if arc.to_finish}
        pushed |= {n for n, activity in enumerate(self.activities) if activity.finish_floor is not None}
        return not any(
            (arc.source in pushed and not arc.from_finish)
            or (arc.lead is not None and (arc.source in pushed or (arc.crossing is not None and not arc.lead_before)))
            for arc in self.arcs
            if self.activities[arc.source].offer is not None
        )

    @cached_property
    def highs(self) -> tuple[list[int], list[int]]:
        """Positions that starts and finishes are not after, as early as they can be, whatever is chosen."""
        starts, finishes = [0] * len(self.activities), [0] * len(self.activities)
        for number in self.order:
            least, most = self.span(number)
            activity = self.activities[number]
            start = self.floor(number, most)
            pushed = finish = start if activity.finish_floor is None else max(start, activity.finish_floor)
            for arc in self.into[number]:
                asked = arc.value((finishes if arc.from_finish else starts)[arc.source])
                if arc.to_finish:
                    pushed = finish = max(finish, asked)
                else:
                    start = max(start, asked)
            starts[number] = max(start, pushed - least)
            finishes[number] = max(start + most, finish)
        return starts, finishes

    def seen_at(self, arc: Arc, starts: Sequence[int], choice: Choice) -> int:
        """The position that the crossing of an arc is asked of."""
        source = starts[arc.source] + (self.minutes(arc.source, choice) if arc.from_finish else 0)
        return source + arc.before - (choice.overlaps[arc.lead] if arc.lead is not None and arc.lead_before else 0)

    def too_late(self, choice: Choice, finish: int) -> list[Arc]:
        """The arcs on the chains that lead to a finish after that instant; empty when there is none."""
        starts = self.earliest(choice)
        waiting = [n for n in self.ends if starts[n] + self.minutes(n, choice) > self.limit(n, finish)]
        seen, found = set(waiting), []
        while waiting:
            number = waiting.pop()
            minutes = self.minutes(number, choice)
            for arc in self.into[number]:
                source = starts[arc.source] + (self.minutes(arc.source, choice) if arc.from_finish else 0)
                asked = arc.value(source, 0 if arc.lead is None else choice.overlaps[arc.lead])
                if asked - (minutes if arc.to_finish else 0) == starts[number]:
                    found.append(arc)
                    if arc.source not in seen:
                        seen.add(arc.source)
                        waiting.append(arc.source)
        return found

    def floor(self, number: int, minutes: int) -> int:
        """The position that nothing lets a start of so many minutes be before."""
        activity = self.activities[number]
        start = self.axes[activity.axis].worked(self.lowest) if activity.floor is None else activity.floor
        return start if activity.finish_floor is None else max(start, activity.finish_floor - minutes)
