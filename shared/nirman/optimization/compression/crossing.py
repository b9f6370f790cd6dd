"""Where one calendar's time meets another's: what an instant after so much work is, in another's work.

A position is the work of a calendar done until an instant (`WorkingTime.worked`). Tasks of one calendar stand to one
another by differences of positions. Between calendars, and over lags in elapsed time, the successor's position is a
function of the predecessor's that never falls, and is made of pieces on which it either stands or rises alike.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field

from nirman.scheduling.working_time import ShiftTime, WorkingTime

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
    """`value(position)`, and its pieces from `low` to `high`, laid out when first asked for.

    `last_alike`: until which position the instant of work moves on with it, so that the value has no leap there.
    """

    value: Callable[[int], int]
    last_alike: Callable[[int], int]
    low: int
    high: int
    _pieces: list[Piece] = field(default_factory=list)

    @property
    def pieces(self) -> list[Piece]:
        if not self._pieces:
            at = self.low
            while at <= self.high:
                piece = self._piece(at)
                self._pieces.append(piece)
                at = piece.last + 1
        return self._pieces

    def place(self, position: int) -> int:
        """Of the piece that the position is in; those outside have the first or the last."""
        return max(0, bisect_right(self.pieces, position, key=lambda piece: piece.first) - 1)

    def least_gain(self, first: int, last: int) -> int:
        """The least of value - position from one position to another."""
        low, high = self.place(first), self.place(last)
        return min(
            piece.value - piece.first if piece.rises else piece.value - min(piece.last, max(first, last))
            for piece in self.pieces[low : high + 1]
        )

    def _piece(self, first: int) -> Piece:
        """Until the end of a shift at most; there the value only stands or rises, so halving finds where it bends."""
        value = self.value(first)
        slope = 1 if self.value(first + 1) == value + 1 else 0
        known, beyond = first, max(first, min(self.last_alike(first), self.high)) + 1
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
    reach: tuple[int, int],
    *,
    evening: bool,
    delay: Callable[[int], int] | None = None,
    steady_until: Callable[[int], int] | None = None,
    floor: int | None = None,
) -> Crossing:
    """The position in the target's work of what happens at a position in the source's, from `reach[0]` to `reach[1]`.

    `evening`: at the earliest instant of that position, else the latest; never before the instant `floor`, and put off
    by `delay`, which does not leap between an instant and the one that `steady_until` gives for it.
    """
    instant_at = source.finish_at if evening else source.start_at

    def value(position: int) -> int:
        instant = instant_at(position)
        if floor is not None and instant < floor:
            instant = floor
        return target.worked(instant if delay is None else delay(instant))

    def last_alike(position: int) -> int:
        last = reach[1]
        if isinstance(source, ShiftTime):
            totals = source.layout.totals
            place = bisect_left(totals, position) if evening else bisect_right(totals, position)
            last = position if place == len(totals) else totals[place] - (not evening)
        if steady_until is not None:
            instant = instant_at(position)
            last = min(last, position + max(0, steady_until(instant) - instant))
        return last

    return Crossing(value, last_alike, *reach)


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
            return _shift_end(time, instant)
        return instant if time.previous_finish(instant) == instant else time.next_start(instant)

    return stands, steady_until


def _shift_end(time: WorkingTime, instant: int) -> int:
    """When the work that goes on at an instant stops."""
    if not isinstance(time, ShiftTime):
        return instant + _FAR
    layout = time.layout
    place = bisect_right(layout.starts, instant) - 1
    return layout.finishes[place] if place >= 0 else instant
