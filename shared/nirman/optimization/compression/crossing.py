"""Where one calendar's time meets another's: what an instant after so much work is, in another's work.

A position is the work of a calendar done until an instant (`WorkingTime.worked`). Tasks of one calendar stand to one
another by differences of positions. Between calendars, and over lags in elapsed time, the successor's position is a
function of the predecessor's that never falls, and is made of pieces on which it either stands or rises alike.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from nirman.scheduling.instants import DAY
from nirman.scheduling.working_time import ShiftTime, WorkingTime

_STRIDES = 256
_FAR = 2**31
"""Minutes: no plan is so long."""


@dataclass(frozen=True, slots=True)
class Piece:
    """From `first` to `last` (included) the value is `value`, or `value` + position - `first` where it `rises`."""

    first: int
    last: int
    value: int
    rises: bool


@dataclass(eq=False)
class Crossing:
    """`value(position)` and its pieces, laid out where they are asked for.

    `cell(position)`: from where until where, around it, the instant of work moves on with the position, so that the
    value has no leap there; None of one that may leap at any minute: each position is a piece.
    """

    value: Callable[[int], int]
    cell: Callable[[int], tuple[int, int]] | None
    last_alike: Callable[[int], int]
    _cells: dict[int, list[Piece]] = field(default_factory=dict)

    def piece(self, position: int) -> Piece:
        """The piece that a position is in."""
        if self.cell is None:
            return Piece(position, position, self.value(position), rises=False)
        first, last = self.cell(position)
        laid = self._cells.setdefault(first, [])
        while not laid or laid[-1].last < position:
            laid.append(self._piece(laid[-1].last + 1 if laid else first, last))
        return laid[bisect_right(laid, position, key=lambda piece: piece.first) - 1]

    def pieces(self, first: int, last: int) -> Iterator[Piece]:
        """Those from one position to another."""
        at = first
        while at <= last:
            piece = self.piece(at)
            yield piece
            at = piece.last + 1

    def least_gain(self, first: int, last: int) -> int:
        """Value - position is no less from one position to another: reckoned in strides, for years have many shifts."""
        stride = (last - first) // _STRIDES + 1
        return min(self.value(at) - min(at + stride - 1, last) for at in range(first, last + 1, stride))

    def _piece(self, first: int, last: int) -> Piece:
        """There the value only stands or rises, so halving finds where it bends."""
        value = self.value(first)
        slope = 1 if self.value(first + 1) == value + 1 else 0
        known, beyond = first, max(first, min(self.last_alike(first), last)) + 1
        while beyond - known > 1:
            middle = (known + beyond) // 2
            if self.value(middle) == value + slope * (middle - first):
                known = middle
            else:
                beyond = middle
        return Piece(first, known, value, slope == 1 and known > first)


def crossing(
    source: WorkingTime,
    target: WorkingTime,
    *,
    evening: bool,
    delay: Callable[[int], int] | None = None,
    steady_until: Callable[[int], int] | None = None,
    floor: int | None = None,
) -> Crossing:
    """The position in the target's work of what happens at a position in the source's.

    `evening`: at the earliest instant of that position, else the latest; never before the instant `floor`, and put off
    by `delay`, which does not leap between an instant and the one that `steady_until` gives for it.
    """
    instant_at = source.finish_at if evening else source.start_at

    def value(position: int) -> int:
        instant = instant_at(position)
        if floor is not None and instant < floor:
            instant = floor
        return target.worked(instant if delay is None else delay(instant))

    def cell(position: int) -> tuple[int, int]:
        """A shift; where every minute counts, a day."""
        if not isinstance(source, ShiftTime):
            return position // DAY * DAY, position // DAY * DAY + DAY - 1
        totals = source.layout.totals
        place = bisect_left(totals, position) if evening else bisect_right(totals, position)
        if not 0 < place < len(totals):
            return position, position
        return totals[place - 1] + evening, totals[place] - (not evening)

    def last_alike(position: int) -> int:
        if steady_until is None:
            return _FAR
        instant = instant_at(position)
        return position + max(0, steady_until(instant) - instant)

    return Crossing(value, None if steady_until is at_once else cell, last_alike)


def at_once(_: int) -> int:
    """Of a delay that may leap at any minute."""
    return -1


def standing(time: WorkingTime) -> tuple[Callable[[int], int], Callable[[int], int]]:
    """Where what takes no time stands: at the instant or, if nobody works then, the next morning. And how long that
    goes on alike.
    """

    def stands(instant: int) -> int:
        return instant if time.previous_finish(instant) == instant else time.next_start(instant)

    def steady_until(instant: int) -> int:
        if time.next_start(instant) == instant:
            return shift_end(time, instant)
        return instant if time.previous_finish(instant) == instant else time.next_start(instant)

    return stands, steady_until


def evening_before(time: WorkingTime) -> tuple[Callable[[int], int], Callable[[int], int]]:
    """The instant or, if nobody works then, the evening before: no instant that is the same to the work is earlier. And
    how long that goes on alike.
    """

    def steady_until(instant: int) -> int:
        if time.previous_finish(instant) == instant:
            return shift_end(time, instant)
        return time.next_start(instant)

    return time.previous_finish, steady_until


def lagging(
    time: WorkingTime, lag: int, then: tuple[Callable[[int], int], Callable[[int], int]] | None = None
) -> tuple[Callable[[int], int], Callable[[int], int]]:
    """A lag run in some working time, and what is done with the instant `then`; and how long that goes on alike."""

    def delay(instant: int) -> int:
        later = time.add(instant, lag) if lag > 0 else time.subtract(instant, -lag)
        return later if then is None else then[0](later)

    def steady_until(instant: int) -> int:
        last = instant + until_leap(time, time.worked(instant) + lag, evening=lag > 0)
        if then is not None:
            later = time.add(instant, lag) if lag > 0 else time.subtract(instant, -lag)
            last = min(last, instant + max(0, then[1](later) - later))
        return last

    return delay, steady_until


def until_leap(time: WorkingTime, work: int, *, evening: bool) -> int:
    """How much more work is done before the instant at which so much is done leaps over a pause."""
    if not isinstance(time, ShiftTime):
        return _FAR
    totals = time.layout.totals
    place = bisect_left(totals, work) if evening else bisect_right(totals, work)
    return 0 if not 0 < place < len(totals) else totals[place] - (not evening) - work


def shift_end(time: WorkingTime, instant: int) -> int:
    """When the work that goes on at an instant stops."""
    if not isinstance(time, ShiftTime):
        return instant + _FAR
    layout = time.layout
    place = bisect_right(layout.starts, instant) - 1
    return layout.finishes[place] if place >= 0 else instant
