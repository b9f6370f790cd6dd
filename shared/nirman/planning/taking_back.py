"""Taking a change back later: its facts inverted, and applied to the plan as it is now.

What others made of it since is a conflict, and then nothing changes. Of a set only the members that the change added
or removed go back, so what others did to the rest of it stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nirman.errors import ConflictError, FieldConflict
from nirman.planning import records
from nirman.planning.change import Draft
from nirman.planning.events import Change, inverted, same
from nirman.planning.merge import REFERENCES, Since
from nirman.planning.model import Kind, Plan, Record
from nirman.planning.relative import SETS
from nirman.planning.rules import check_links, check_record

Key = tuple[Kind, int]


def taken_back(plan: Plan, changes: Sequence[Change], since: Since, *, head: int) -> tuple[Plan, tuple[Change, ...]]:
    """The plan at `head` without the changes of an earlier revision, and the facts that lead to it.

    `since` is what was committed after that revision. Raises ConflictError, and InvalidPlanError where the plan without
    the changes cannot be.
    """
    if conflicts := tuple(_conflicts(plan, changes, since)):
        raise ConflictError(conflicts, head=head)
    draft = Draft(plan)
    for change in map(inverted, changes):
        record = draft.records(change.kind).get(change.uid)
        values = {name: after for name, (_, after) in change.fields.items()}
        if change.op == "created":
            draft.put(change.kind, records.make(change.kind, change.uid, values))
        elif record is not None and change.op == "updated":
            draft.put(change.kind, records.change(change.kind, record, _merged(change, record, values)))
        elif record is not None:
            draft.remove(change.kind, change.uid)
    after = draft.plan()
    places = {(kind, uid): f"{kind} {uid}" for kind, uid in draft.places if uid in after.records(kind)}
    for (kind, uid), place in places.items():
        check_record(after, kind, uid, place=place)
    check_links(after, {uid: place for (kind, uid), place in places.items() if kind is Kind.LINK})
    return after, tuple(draft.changes())


def _merged(change: Change, record: Record, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of an inverted change; sets lose and get only the members that differ."""
    merged = dict(values)
    for name in SETS.get(change.kind, frozenset()) & change.fields.keys():
        now, then = (set(value or ()) for value in change.fields[name])
        merged[name] = [*(set(getattr(record, name)) - (now - then) | (then - now))]
    return merged


def _conflicts(plan: Plan, changes: Sequence[Change], since: Since) -> Iterator[FieldConflict]:
    made = {(change.kind, change.uid) for change in changes if change.op == "created"}
    deleted = {(change.kind, change.uid) for change in changes if change.op == "deleted"}
    for change in changes:
        kind, uid = change.kind, change.uid
        record = plan.records(kind).get(uid)
        if change.op == "created":
            if record is not None:
                yield from _changed_since(change, record, since)
            continue
        if change.op == "deleted" and record is not None:
            yield since.whole(kind, uid, "created", "created")
        elif change.op == "updated" and record is None:
            yield since.whole(kind, uid, {name: before for name, (before, _) in change.fields.items()}, None)
        elif record is not None and change.op == "updated":
            yield from _changed_since(change, record, since)
        yield from _without_what_it_names(plan, change, deleted, since)
    yield from _hanging_on(plan, made, since)


def _changed_since(change: Change, record: Record, since: Since) -> Iterator[FieldConflict]:
    """Fields that are neither as the change left them nor as it found them."""
    usual, now = records.defaults(change.kind), records.plain_fields(change.kind, record)
    made = change.op == "created"
    names = change.fields.keys() | (now.keys() if made else ())
    for name in sorted(names):
        before, after = change.fields.get(name, (None, None))
        there = now.get(name, None if made else usual.get(name))
        merges = not made and name in SETS.get(change.kind, ())
        if not (merges or same(there, after) or (not made and same(there, before))):
            yield since.field(change.kind, change.uid, name, base=after, yours=before, theirs=there)


def _without_what_it_names(plan: Plan, change: Change, deleted: set[Key], since: Since) -> Iterator[FieldConflict]:
    """Records that the change would refer to again, deleted since."""
    for name, (before, _) in change.fields.items():
        kind = REFERENCES.get(name)
        if kind is None or before is None or (kind, before) in deleted or before in plan.records(kind):
            continue
        if since.touched(kind, before):
            yield since.whole(kind, before, f"named by {change.kind} {change.uid}", None)


def _hanging_on(plan: Plan, made: set[Key], since: Since) -> Iterator[FieldConflict]:
    """Records that refer to what the change made, and that it did not make itself."""
    if not made:
        return
    for kind in Kind:
        names = REFERENCES.keys() & records.field_types(kind).keys()
        for uid, record in plan.records(kind).items() if names else ():
            if (kind, uid) in made:
                continue
            for name in names:
                named = (REFERENCES[name], getattr(record, name))
                if named in made and (op := since.touched(kind, uid)):
                    yield since.whole(kind, uid, f"without {named[0]} {named[1]}", op)
