"""The newest states of projects, as far as the log is read: those that were asked for last stay in memory."""

from __future__ import annotations

from collections import OrderedDict

from nirman.errors import NotFoundError
from nirman.planlog.ports import PlanLog
from nirman.planlog.state import NOTHING, PlanState, from_snapshot
from nirman.planning.events import Event
from nirman.tenancy.identity import ProjectKey

_WARM = 16
"""Projects kept in memory."""
_PAGE = 500


class States:
    def __init__(self, log: PlanLog) -> None:
        self._log = log
        self._warm: OrderedDict[ProjectKey, PlanState] = OrderedDict()

    def head(self, key: ProjectKey) -> int:
        """The newest revision; NotFoundError where there is no project."""
        return self._log.head(key) or no_project()

    def read(self, key: ProjectKey) -> PlanState:
        """The project at its head; NotFoundError where there is none, or none any more."""
        state = self.current(key)
        if state.revision == 0 or state.deleted:
            no_project()
        return state

    def current(self, key: ProjectKey) -> PlanState:
        """What the log has: the warm state, or the snapshot, and what was committed since; else nothing, revision 0."""
        state = self._warm.get(key)
        if state is None:
            snapshot = self._log.snapshot(key)
            state = from_snapshot(snapshot) if snapshot else NOTHING
        while events := self._log.after(key, state.revision, limit=_PAGE):
            state = state.after(events)
            if len(events) < _PAGE:
                break
        if state.revision:
            self.remember(key, state)
        return state

    def since(self, key: ProjectKey, state: PlanState, revision: int) -> tuple[Event, ...]:
        """The events after `revision` up to the state, whether it still has them or they are read again."""
        events = state.since(revision)
        if events is not None:
            return events
        found: list[Event] = []
        while page := self._log.after(key, revision, limit=_PAGE):
            found += [event for event in page if event.revision <= state.revision]
            revision = page[-1].revision
        return tuple(found)

    def remember(self, key: ProjectKey, state: PlanState) -> None:
        self._warm[key] = state
        self._warm.move_to_end(key)
        while len(self._warm) > _WARM:
            self._warm.popitem(last=False)


def no_project() -> int:
    """Returns never: NotFoundError."""
    raise NotFoundError("there is no such project")
