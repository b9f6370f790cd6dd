"""What is uncertain of the demo building, and what could be bought: ranges, faster ways, overlaps, rain and risks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from nirman.demo.builder import DAY, Builder
from nirman.demo.calendars import CURING
from nirman.planning.estimates import Crash, CrashPoint, Distribution, DurationEstimate, Overlap, Risk
from nirman.planning.model import Resource, Task

RAIN_DAYS = (0.3, 0.8, 1.6, 3.2, 5.5, 9.0, 11.5, 10.5, 8.0, 4.0, 0.9, 0.3)
"""Working days that are lost in Dhaka, January to December: the monsoon is from June to September."""
INDIRECT_COST_PER_DAY = Decimal(42_000)
_RANGES: Mapping[str, tuple[int, int]] = {
    "rig": (85, 170),
    "excavator": (85, 160),
    "pump": (90, 140),
    "designer": (80, 160),
    "lift": (90, 180),
    "rebar": (90, 130),
    "carpenter": (90, 135),
    "mason": (85, 140),
    "tiler": (90, 140),
    "painter": (90, 150),
    "plumber": (90, 130),
    "electrician": (90, 130),
    "labour": (85, 140),
}
"""By whoever leads the work, the least and the most of its duration in percent; the first that works on it leads."""
_OUTDOORS = ("rig", "excavator", "pump")
"""Rain stops what these do."""
_FASTER = ("rebar", "carpenter", "mason", "tiler", "painter", "plumber", "electrician")
"""Gangs that could work longer days, for double pay, and then in two shifts."""
_SHORTEST_WORTH_IT = 6 * DAY
_SECOND_RIG = Decimal(900_000)
_FLOORS = range(1, 11)
_OVERLAPS: Mapping[tuple[str, str], Overlap] = {
    ("architecture", "application"): Overlap(max_percent=15, rework_probability=0.4, rework_percent=50),
    ("walls", "ground-slab"): Overlap(
        max_percent=20, rework_probability=0.1, rework_percent=25, rework_cost=Decimal(60_000)
    ),
    ("windows", "weathercoat"): Overlap(
        max_percent=30, rework_probability=0.2, rework_percent=15, rework_cost=Decimal(20_000)
    ),
}
"""Work that need not wait for the last of what is before it."""
_OVERLAPS_OF_A_FLOOR: Mapping[tuple[str, str], Overlap] = {
    ("brick", "plaster"): Overlap(
        max_percent=30, rework_probability=0.15, rework_percent=20, rework_cost=Decimal(18_000)
    ),
    ("rough", "plaster"): Overlap(
        max_percent=25, rework_probability=0.3, rework_percent=40, rework_cost=Decimal(25_000)
    ),
}
"""The same of each floor: for the last wall or pipe."""


def offer_choices(builder: Builder, resources: Mapping[str, Resource]) -> None:
    """Adds to the tasks and links of the works what may come about, and what may be chosen."""
    crews = _crews(builder, resources)
    for uid, task in builder.tasks.items():
        if crew := crews.get(uid):
            builder.tasks[uid] = _with_choices(task, crew, resources)
    piling = builder.uid("piling")
    days = builder.tasks[piling].duration_minutes
    second_rig = CrashPoint(duration_minutes=days * 6 // 10, cost=_SECOND_RIG)
    builder.tasks[piling] = replace(builder.tasks[piling], crash=Crash(points=(second_rig,), linear=False))
    of_floors = {
        (f"{before}-{number}", f"{after}-{number}"): overlap
        for (before, after), overlap in _OVERLAPS_OF_A_FLOOR.items()
        for number in _FLOORS
    }
    every = {**_OVERLAPS, **of_floors}
    ends = {(builder.uid(before), builder.uid(after)): overlap for (before, after), overlap in every.items()}
    for uid, link in builder.links.items():
        if overlap := ends.get((link.predecessor_uid, link.successor_uid)):
            builder.links[uid] = replace(link, overlap=overlap)


def risks(builder: Builder) -> dict[int, Risk]:
    """What may happen, and what it then delays and costs."""
    found = {}
    for uid, (name, probability, days, costs, tasks) in enumerate(_risks(builder), 1):
        least, likely, most = (day * DAY for day in days)
        cheap, usual, dear = (Decimal(cost) for cost in costs)
        found[uid] = Risk(
            uid=uid,
            name=name,
            probability=probability,
            task_uids=tasks,
            least_delay_minutes=least,
            likely_delay_minutes=likely,
            most_delay_minutes=most,
            least_cost=cheap,
            likely_cost=usual,
            most_cost=dear,
        )
    return found


_RiskRow = tuple[str, float, tuple[int, int, int], tuple[int, int, int], tuple[int, ...]]


def _risks(b: Builder) -> Iterator[_RiskRow]:
    pours = tuple(b.uid(f"pour-{number}") for number in _FLOORS)
    yield "রাজউক অনুমোদনে বিলম্ব / RAJUK permit is late", 0.35, (10, 20, 45), (0, 0, 0), (b.uid("application"),)
    yield "গর্তে পানি ওঠা / Flooded excavation", 0.25, (4, 8, 15), (150_000, 400_000, 900_000), (b.uid("excavation"),)
    yield "টাওয়ার ক্রেন বিকল / Tower crane breaks down", 0.2, (3, 6, 12), (80_000, 200_000, 450_000), pours[4:6]
    yield "রডের দাম বাড়া / Price of rebar rises", 0.4, (0, 0, 0), (600_000, 1_800_000, 4_000_000), ()
    yield (
        "লিফট বন্দরে আটকা / Lifts are held at the port",
        0.3,
        (10, 20, 40),
        (0, 150_000, 300_000),
        (b.uid("lift-order"),),
    )


def _crews(builder: Builder, resources: Mapping[str, Resource]) -> dict[int, dict[str, float]]:
    """Units by the short name of the resource, of each task."""
    keys = {resource.uid: key for key, resource in resources.items()}
    found: dict[int, dict[str, float]] = {}
    for assignment in builder.assignments.values():
        found.setdefault(assignment.task_uid, {})[keys[assignment.resource_uid]] = assignment.units
    return found


def _with_choices(task: Task, crew: Mapping[str, float], resources: Mapping[str, Resource]) -> Task:
    leads = next((key for key in _RANGES if key in crew), None)
    if leads is None or not task.duration_minutes or task.calendar_uid == CURING:
        return task  # concrete takes the time that it takes
    least, most = (task.duration_minutes * percent // 100 for percent in _RANGES[leads])
    estimate = DurationEstimate(
        optimistic_minutes=least,
        most_likely_minutes=task.duration_minutes,
        pessimistic_minutes=most,
        distribution=Distribution.TRIANGULAR if leads == "designer" else Distribution.PERT,
    )
    wet = not crew.keys().isdisjoint(_OUTDOORS)
    return replace(task, duration_estimate=estimate, rain_stops_work=wet, crash=_faster(task, leads, crew, resources))


def _faster(task: Task, leads: str, crew: Mapping[str, float], resources: Mapping[str, Resource]) -> Crash | None:
    """15 % less for double pay of what is saved; 30 % for half as much again."""
    if leads not in _FASTER or task.duration_minutes < _SHORTEST_WORTH_IT:
        return None
    rates = (resources[key].standard_rate * Decimal(str(units)) for key, units in crew.items() if key in _RANGES)
    an_hour = sum(rates, Decimal(0))
    points = []
    for saved_percent, premium in ((15, 1), (30, Decimal("1.5"))):
        saved = task.duration_minutes * saved_percent // 100
        cost = (an_hour * saved / 60 * premium).quantize(Decimal(1))
        points.append(CrashPoint(duration_minutes=task.duration_minutes - saved, cost=cost))
    return Crash(points=tuple(points))
