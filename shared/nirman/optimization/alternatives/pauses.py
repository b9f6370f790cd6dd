"""A pause put into a task's work beside those that it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from nirman.planning.model import Split


def with_pause(splits: Sequence[Split], at: int, pause: int) -> tuple[Split, ...] | None:
    """One pause more, `at` working minutes after the start, those of earlier pauses counted; None where it cannot be.

    It cannot be before any work, be of no length, or begin within a pause.
    """
    if pause <= 0:
        return None
    done, found = 0, list(splits)
    for place, split in enumerate(found):
        begins = split.after_minutes + done
        if at < begins:
            break
        if at <= begins + split.pause_minutes:
            if at < begins + split.pause_minutes:
                return None
            found[place] = replace(split, pause_minutes=split.pause_minutes + pause)
            return tuple(found)
        done += split.pause_minutes
    after = at - done
    if after <= 0:
        return None
    found.append(Split(after_minutes=after, pause_minutes=pause))
    return tuple(sorted(found, key=lambda split: split.after_minutes))
