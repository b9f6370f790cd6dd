"""Which tests run in one process of xdist, and which are given out first.

pytest 9.2 does not read xdist's own mark for groups, for it keeps the names of tests elsewhere; the scheduler is told.
"""

from __future__ import annotations

from collections import Counter

import pytest
from xdist.scheduler import LoadScopeScheduling

STACK = "tests/stack/"
"""All of it needs the one deployed stack, which takes half a minute to make."""


class Groups(LoadScopeScheduling):
    """The tests of a file stay together, for its fixtures; so does all that needs the deployed stack."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def group_of(nodeid: str) -> str:
    return STACK if nodeid.startswith(STACK) else nodeid.partition("::")[0]


def sort_longest_first(items: list[pytest.Item]) -> None:
    """The stack's group before all others, then those with most slow tests.

    A process that took a long group last would still be at it when the others have nothing left to do.
    """
    slow = Counter(group_of(item.nodeid) for item in items if item.get_closest_marker("slow"))
    items.sort(key=lambda item: (group_of(item.nodeid) != STACK, -slow[group_of(item.nodeid)]))
