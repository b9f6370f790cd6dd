"""How long a task takes: from a start to its finish and back, and where it may start."""

from __future__ import annotations

from nirman.scheduling.network import Network


def finish_from(net: Network, row: int, start: int) -> int:
    """In the evening rather than the next morning; the start itself for a task of no duration."""
    parts = net.parts.get(row)
    if parts is None:
        return net.calendar[row].add(start, net.duration[row])
    return max(part.calendar.add(start, part.delay + part.minutes) for part in parts)


def start_from(net: Network, row: int, finish: int) -> int:
    """The latest start that makes the finish; in the morning rather than the evening before."""
    parts = net.parts.get(row)
    if parts is None:
        return net.calendar[row].subtract(finish, net.duration[row])
    return min(part.calendar.subtract(finish, part.delay + part.minutes) for part in parts)


def next_start(net: Network, row: int, instant: int) -> int:
    """When work on the task can begin; a task of no duration may also stand at the end of a working period."""
    parts = net.parts.get(row)
    if parts is not None:
        return min(part.calendar.next_start(instant) for part in parts)
    calendar = net.calendar[row]
    if net.duration[row] == 0 and calendar.previous_finish(instant) == instant:
        return instant
    return calendar.next_start(instant)


def previous_finish(net: Network, row: int, instant: int) -> int:
    """When work on the task can end; a task of no duration stands where it is put."""
    parts = net.parts.get(row)
    if parts is not None:
        return max(part.calendar.previous_finish(instant) for part in parts)
    return instant if net.duration[row] == 0 else net.calendar[row].previous_finish(instant)
