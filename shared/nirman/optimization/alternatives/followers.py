"""Which tasks go along when a task moves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from nirman.planning.model import Plan
from nirman.planning.outline import Outline


class Followers:
    """Leaf tasks that links lead to from a task, through other tasks and their summaries."""

    def __init__(self, plan: Plan, tree: Outline) -> None:
        self._plan = plan
        self._tree = tree
        self._found: dict[int, frozenset[int]] = {}

    def of(self, uid: int) -> frozenset[int]:
        if uid not in self._found:
            seen: set[int] = set()
            ahead = [uid]
            while ahead:
                new = {leaf for one in self._with_summaries(ahead.pop()) for leaf in self._next.get(one, ())} - seen
                seen |= new
                ahead += new
            self._found[uid] = frozenset(seen)
        return self._found[uid]

    @cached_property
    def _next(self) -> Mapping[int, frozenset[int]]:
        """The leaf tasks that the links of each task or summary lead to."""
        found: dict[int, set[int]] = {}
        for link in self._plan.links.values():
            found.setdefault(link.predecessor_uid, set()).update(self._leaves(link.successor_uid))
        return {uid: frozenset(leaves) for uid, leaves in found.items()}

    def _leaves(self, uid: int) -> Iterator[int]:
        ahead = [uid]
        while ahead:
            one = ahead.pop()
            children = self._tree.children.get(one, ())
            ahead += children
            if not children:
                yield one

    def _with_summaries(self, uid: int) -> Iterator[int]:
        above: int | None = uid
        while above is not None:
            yield above
            above = self._plan.tasks[above].parent_uid
