"""Which change an undo or a redo takes back. There is no store for it: the log says what was done, and undone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nirman.errors import ForbiddenError, InvalidInputError
from nirman.planlog.permissions import PROGRESS_FIELDS
from nirman.planning.events import Change, Event
from nirman.planning.model import Kind
from nirman.tenancy.identity import Access, Permission, allows

LOOK_BACK = 1_000
"""Revisions, whoever made them: what is older is not taken back any more."""
_FOLLOWS = {
    Kind.TASK: PROGRESS_FIELDS | {"duration_minutes", "work_minutes"},
    Kind.ASSIGNMENT: frozenset({"units", "work_minutes", "actual_work_minutes", "remaining_work_minutes"}),
}
"""Fields that change when progress is reported, and of what."""


class Stacks:
    """A person's own changes that can be taken back, and made again; the newest is the last of each."""

    def __init__(self, events: Iterable[Event], user: str) -> None:
        self.edits: list[Event] = []
        self.undos: list[Event] = []
        self.edited = False
        """Whether an edit is among the events: undos before it cannot be made again."""
        for event in events:
            if event.user == user and event.type in ("plan.changed", "plan.replaced"):
                self._note(event)

    def _note(self, event: Event) -> None:
        if event.undoes is not None:
            self.edits = [edit for edit in self.edits if edit.revision != event.undoes]
            self.undos.append(event)
            return
        if event.redoes is not None:
            self.undos = [undo for undo in self.undos if undo.revision != event.redoes]
        else:
            self.undos.clear()
            self.edited = True
        self.edits.append(event)


def named_edit(events: Sequence[Event], user: str, revision: int) -> Event:
    """The edit of that revision, the first of the events, if it is the person's and in effect."""
    event = events[0]
    if event.user != user:
        raise ForbiddenError(f"revision {revision} is {event.user_name}'s: people take back their own changes")
    if event.undoes is not None:
        raise InvalidInputError(f"revision {revision} is an undo itself: redo it", place="revision")
    if event.type not in ("plan.changed", "plan.replaced"):
        raise InvalidInputError("a project is not made or deleted by undo", place="revision")
    if event not in Stacks(events, user).edits:
        raise InvalidInputError(f"revision {revision} is taken back already", place="revision")
    return event


def check_taking_back(access: Access, changes: Iterable[Change]) -> None:
    """ForbiddenError unless the role would allow an edit with such changes."""
    access.require(Permission.PROGRESS)
    if not allows(access.role, Permission.EDIT) and not all(map(_reports, changes)):
        raise ForbiddenError(f"a {access.role} may only take back reports of progress")


def _reports(change: Change) -> bool:
    """Whether it can come of a report of progress."""
    if change.op != "updated" or not change.fields.keys() <= _FOLLOWS.get(change.kind, frozenset()):
        return False
    return change.kind is not Kind.TASK or not PROGRESS_FIELDS.isdisjoint(change.fields)
