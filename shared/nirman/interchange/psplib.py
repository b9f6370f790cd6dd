"""PSPLIB's .sm (one mode) and .mm (several modes): test problems of resource-constrained scheduling.

Format: Kolisch and Sprecher, "PSPLIB - a project scheduling problem library" (EJOR 96, 1997). Jobs are numbered from 1;
the first and the last are the supersource and the supersink, of no duration. All times are whole periods.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from nirman.errors import InvalidInputError, UnreadableFileError
from nirman.optimization.solver.problem import (
    MAX_ACTIVITIES,
    MAX_PERIODS,
    MAX_UNITS,
    Activity,
    Link,
    Mode,
    NonRenewable,
    Problem,
    Renewable,
)

MAX_BYTES = 16 * 2**20
MAX_MODES = 100
MAX_RESOURCES = 500
MAX_LINKS = 400_000
_JOBS = "jobs (incl. supersource/sink"
_RENEWABLE = "- renewable"
_NON_RENEWABLE = "- nonrenewable"
_DOUBLY = "- doubly constrained"
_LINKS = "PRECEDENCE RELATIONS"
_REQUESTS = "REQUESTS/DURATIONS"
_AVAILABILITIES = "RESOURCEAVAILABILITIES"


def read_psplib(data: bytes) -> Problem:
    """Activities are the jobs in order, named by their numbers. `UnreadableFileError` names the line and the rule."""
    if len(data) > MAX_BYTES:
        raise UnreadableFileError(f"a file must not be larger than {MAX_BYTES // 2**20} MB")
    lines = _Lines(data.decode("utf-8", errors="replace").splitlines())
    jobs = lines.setting(_JOBS, 1, MAX_ACTIVITIES)
    renewables = lines.setting(_RENEWABLE, 0, MAX_RESOURCES)
    non_renewables = lines.setting(_NON_RENEWABLE, 0, MAX_RESOURCES)
    lines.setting(_DOUBLY, 0, 0)
    modes, links = _links(lines, jobs)
    activities = tuple(_activities(lines, modes, renewables, non_renewables))
    units = _availabilities(lines, renewables + non_renewables)
    try:
        return Problem(
            activities=activities,
            links=tuple(links),
            renewables=tuple(Renewable(((0, u),), f"R {k}") for k, u in enumerate(units[:renewables], 1)),
            non_renewables=tuple(NonRenewable(u, f"N {k}") for k, u in enumerate(units[renewables:], 1)),
        )
    except InvalidInputError as error:
        raise UnreadableFileError(error.rule, place=error.place.replace("activity", "job")) from error


@dataclass(slots=True)
class _Lines:
    """Read in order; `at` is the number of the line before the next, so the number of the last one read."""

    texts: list[str]
    at: int = 0

    def next(self) -> str:
        if self.at == len(self.texts):
            self.refuse("the file ends too early")
        self.at += 1
        return self.texts[self.at - 1]

    def find(self, heading: str) -> str:
        """The next line that begins with it, in capitals or not; the file must have one."""
        for at in range(self.at, len(self.texts)):
            text = self.texts[at].strip()
            if text.casefold().startswith(heading.casefold()):
                self.at = at + 1
                return text
        raise UnreadableFileError(f"a line must follow that begins with {heading!r}", place=self.place)

    def setting(self, heading: str, least: int, most: int) -> int:
        """The number behind a heading and its colon."""
        words = self.find(heading).partition(":")[2].split()
        if not words:
            self.refuse("a number must follow the colon")
        return self.number(words[0], least, most)

    def number(self, word: str, least: int, most: int) -> int:
        if not word.isascii() or not word.isdigit() or len(word) > 10 or not least <= int(word) <= most:
            self.refuse(f"{word[:20]!r} must be a whole number from {least} to {most}")
        return int(word)

    def numbers(self, most: int) -> list[int]:
        return [self.number(word, 0, most) for word in self.next().split()]

    @property
    def place(self) -> str:
        return f"line {max(1, self.at)}"

    def refuse(self, rule: str) -> NoReturn:
        raise UnreadableFileError(rule, place=self.place)


def _links(lines: _Lines, jobs: int) -> tuple[list[int], list[Link]]:
    """How many modes each job has; links from each to its successors."""
    lines.find(_LINKS)
    lines.next()
    modes, links = [], []
    for job in range(1, jobs + 1):
        row = lines.numbers(MAX_ACTIVITIES)
        if len(row) < 3 or row[0] != job or len(row) != 3 + row[2]:
            lines.refuse(f"job {job}, its number of modes, its number of successors and these must stand here")
        if not 1 <= row[1] <= MAX_MODES:
            lines.refuse(f"a job must have 1 to {MAX_MODES} modes")
        if not all(1 <= successor <= jobs and successor != job for successor in row[3:]):
            lines.refuse(f"a successor must be another job from 1 to {jobs}")
        modes.append(row[1])
        links += [Link(job - 1, successor - 1) for successor in row[3:]]
        if len(links) > MAX_LINKS:
            lines.refuse(f"there must be at most {MAX_LINKS} links")
    return modes, links


def _activities(lines: _Lines, modes: list[int], renewables: int, non_renewables: int) -> Iterator[Activity]:
    lines.find(_REQUESTS)
    lines.next()
    lines.next()
    for job, count in enumerate(modes, 1):
        yield Activity(
            tuple(_mode(lines, job, mode, renewables, non_renewables) for mode in range(1, count + 1)), name=str(job)
        )


def _mode(lines: _Lines, job: int, mode: int, renewables: int, non_renewables: int) -> Mode:
    row = lines.numbers(MAX_UNITS)
    expected = [job, mode] if mode == 1 else [mode]
    if row[: len(expected)] != expected or len(row) != len(expected) + 1 + renewables + non_renewables:
        lines.refuse(f"mode {mode} of job {job}, its duration and a demand of each resource must stand here")
    duration, *demands = row[len(expected) :]
    if duration > MAX_PERIODS:
        lines.refuse(f"a duration must be from 0 to {MAX_PERIODS} periods")
    return Mode(
        duration,
        {resource: units for resource, units in enumerate(demands[:renewables]) if units},
        {resource: units for resource, units in enumerate(demands[renewables:]) if units},
    )


def _availabilities(lines: _Lines, resources: int) -> list[int]:
    lines.find(_AVAILABILITIES)
    if resources == 0:
        return []
    lines.next()
    units = lines.numbers(MAX_UNITS)
    if len(units) != resources:
        lines.refuse(f"{resources} numbers must stand here, one of each resource")
    return units
