"""Operations change a plan: what people ask for becomes facts, or is refused with the place and the rule."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NoReturn

from nirman.errors import InvalidInputError, InvalidPlanError, LimitExceededError
from nirman.planning import records, relative
from nirman.planning.baselines import take_baseline
from nirman.planning.commands import ASSIGNEES, Create, Delete, Operation, TakeBaseline, Update
from nirman.planning.effort import following
from nirman.planning.events import Change
from nirman.planning.model import COLLECTIONS, Kind, Plan, Record
from nirman.planning.rules import check_links, check_record
from nirman.planning.schedule import schedule_plan

MAX_RECORDS = 100_000
"""Of one kind in one plan."""


def apply(
    plan: Plan, operations: Sequence[Operation], *, deleted: Container[tuple[Kind, int]] = ()
) -> tuple[Plan, tuple[Change, ...]]:
    """The plan after the operations, all of them or none, and the facts that lead to it.

    To delete what is `deleted` already is nothing; to delete what was never there is an error.
    Raises InvalidInputError (place `operations[i]…`) and LimitExceededError.
    """
    draft = Draft(plan)
    taken: dict[str, TakeBaseline] = {}
    for index, operation in enumerate(operations):
        place = f"operations[{index}]"
        if isinstance(operation, TakeBaseline):
            taken[place] = operation
        elif not (isinstance(operation, Delete) and (operation.kind, operation.uid) in deleted):
            draft.carry_out(operation, place)
    changed = draft.plan()
    for (kind, uid), place in draft.places.items():
        if uid in changed.records(kind):
            check_record(changed, kind, uid, place=place)
    check_links(changed, {uid: place for (kind, uid), place in draft.places.items() if kind is Kind.LINK})
    for kind, record, place in following(plan, changed, draft.said, draft.places):
        draft.put(kind, record, place)
    if taken:
        _take_baselines(draft, draft.plan(), taken)
    return draft.plan(), tuple(draft.changes())


def apply_changes(plan: Plan, changes: Iterable[Change]) -> Plan:
    """The plan after facts that were committed before: nothing is checked again."""
    draft = Draft(plan)
    for fact in changes:
        after = {name: values[1] for name, values in fact.fields.items()}
        if fact.op == "created":
            draft.put(fact.kind, records.make(fact.kind, fact.uid, after))
        elif fact.op == "updated":
            draft.put(fact.kind, records.change(fact.kind, draft.records(fact.kind)[fact.uid], after))
        else:
            draft.remove(fact.kind, fact.uid)
    return draft.plan()


def _take_baselines(draft: Draft, plan: Plan, taken: Mapping[str, TakeBaseline]) -> None:
    schedule = schedule_plan(plan)
    for place, operation in taken.items():
        if (Kind.BASELINE, operation.uid) in draft.places:
            rule = f"the command says something else of baseline {operation.uid} already"
            raise InvalidInputError(rule, place=f"{place}.uid")
        baseline = take_baseline(plan, schedule, operation.uid, operation.name, operation.taken_at)
        draft.put(Kind.BASELINE, baseline, place)


class Draft:
    """A plan being changed: copies a collection when it is first written to."""

    def __init__(self, plan: Plan) -> None:
        self._before = plan
        self._written: dict[Kind, dict[int, Any]] = {}
        self._next_uids = dict(plan.next_uids)
        self.places: dict[tuple[Kind, int], str] = {}
        self.said: dict[tuple[Kind, int], dict[str, str]] = {}
        """The fields that operations name of each record, and where they last do."""

    def records(self, kind: Kind) -> dict[int, Any]:
        written = self._written.get(kind)
        return self._before.records(kind) if written is None else written  # type: ignore[return-value]

    def put(self, kind: Kind, record: Record, place: str = "") -> None:
        self._writable(kind)[record.uid] = record
        self.places.setdefault((kind, record.uid), place)
        self._next_uids[kind] = max(self._next_uids.get(kind) or self._before.next_uid(kind), record.uid + 1)

    def say(self, kind: Kind, uid: int, values: Mapping[str, Any], place: str) -> None:
        self.said.setdefault((kind, uid), {}).update({name: f"{place}.{name}" for name in values})

    def remove(self, kind: Kind, uid: int, place: str = "") -> None:
        if kind not in self._next_uids:  # to look for it takes all records
            self._next_uids[kind] = self._before.next_uid(kind)
        del self._writable(kind)[uid]
        self.places.setdefault((kind, uid), place)

    def carry_out(self, operation: Create | Update | Delete, place: str) -> None:
        """`InvalidInputError` names the place in the command; `LimitExceededError` where a plan holds no more."""
        match operation:
            case Create():
                self.create(operation, place)
            case Update():
                self.update(operation, place)
            case Delete():
                self.delete(operation, place)

    def create(self, operation: Create, place: str) -> None:
        kind = operation.kind
        if kind is Kind.PROJECT:
            raise InvalidInputError("a plan has one project, made with it", place=f"{place}.kind")
        if kind is Kind.BASELINE:
            raise InvalidInputError("a baseline is taken of the plan: take_baseline", place=f"{place}.kind")
        existing = self.records(kind)
        if len(existing) >= MAX_RECORDS:
            raise LimitExceededError(f"a plan holds at most {MAX_RECORDS} {kind}s")
        uid = operation.uid
        if uid is None:
            uid = max(self._next_uids.get(kind) or 0, self._before.next_uid(kind))
        if uid == 0:
            raise InvalidInputError("uids begin with 1", place=f"{place}.uid")
        if uid in existing:
            raise InvalidInputError(f"there is a {kind} {uid} already", place=f"{place}.uid")
        values = operation.values
        if kind is Kind.TASK and "position" not in values:
            values = {**values, "position": self._end_of_siblings(values.get("parent_uid"))}
        self.put(kind, records.make(kind, uid, values, place=f"{place}.values"), place)
        self.say(kind, uid, operation.values, f"{place}.values")

    def update(self, operation: Update, place: str) -> None:
        """Whole or relative values; what a record has no field for, or cannot be, is refused."""
        relative.check_update(operation, place)
        record = self.records(operation.kind).get(operation.uid) or _missing(operation, place)
        if operation.kind is Kind.BASELINE and operation.values.keys() - {"name"}:
            raise InvalidInputError("of a baseline only the name changes; take it again", place=f"{place}.values")
        changed = records.change(operation.kind, record, operation.values, place=f"{place}.values")
        self.put(operation.kind, relative.changed(changed, operation, place), place)
        self.say(operation.kind, operation.uid, operation.values, f"{place}.values")
        self.say(operation.kind, operation.uid, operation.increase, f"{place}.increase")
        if ASSIGNEES in operation.relative:
            self._assign(operation, place)

    def _assign(self, operation: Update, place: str) -> None:
        """A resource is on the task or it is not: adding one that is there, or removing one that is not, is nothing."""
        there: dict[object, list[int]] = {}
        for assignment in self.records(Kind.ASSIGNMENT).values():
            if assignment.task_uid == operation.uid:
                there.setdefault(assignment.resource_uid, []).append(assignment.uid)
        for index, resource in enumerate(operation.add.get(ASSIGNEES, ())):
            where = f"{place}.add.{ASSIGNEES}[{index}]"
            if resource not in self.records(Kind.RESOURCE):
                raise InvalidPlanError(f"there is no resource {resource}", place=where)
            if resource not in there:
                there[resource] = []
                values = {"task_uid": operation.uid, "resource_uid": resource}
                self.create(Create(Kind.ASSIGNMENT, values), where)
        for resource in operation.remove.get(ASSIGNEES, ()):
            for uid in there.get(resource, ()):
                self.remove(Kind.ASSIGNMENT, uid, place)

    def delete(self, operation: Delete, place: str) -> None:
        """With what hangs on it: links, assignments, tasks below; a calendar that is used is not deleted."""
        kind, uid = operation.kind, operation.uid
        if kind is Kind.PROJECT:
            raise InvalidInputError("a project is deleted whole, not by an operation", place=f"{place}.kind")
        if uid not in self.records(kind):
            _missing(operation, place)
        if kind is Kind.CALENDAR:
            self._refuse_used_calendar(uid, place)
        gone = [*self._hanging_on(kind, uid), (kind, uid)]
        for gone_kind, gone_uid in gone:
            self.remove(gone_kind, gone_uid, place)
        if kind is Kind.TASK:
            self._forget({gone_uid for gone_kind, gone_uid in gone if gone_kind is Kind.TASK}, place)

    def plan(self) -> Plan:
        written: dict[str, Any] = {
            COLLECTIONS[kind]: rows for kind, rows in self._written.items() if kind in COLLECTIONS
        }
        if Kind.PROJECT in self._written:
            written["project"] = self._written[Kind.PROJECT][0]
        return replace(self._before, next_uids=self._next_uids, **written)

    def changes(self) -> Iterable[Change]:
        """What differs from the plan as it was, record by record in the order they were touched."""
        for kind, uid in self.places:
            before, after = self._before.records(kind).get(uid), self.records(kind).get(uid)
            was = records.plain_fields(kind, before) if before else {}
            now = records.plain_fields(kind, after) if after else {}
            if before and after:
                usual = records.defaults(kind)
                was = {name: was.get(name, usual.get(name)) for name in was | now}
                now = {name: now.get(name, usual.get(name)) for name in was}
            fields = {name: (was.get(name), now.get(name)) for name in was | now if was.get(name) != now.get(name)}
            if before is None and after is not None:
                yield Change(kind=kind, uid=uid, op="created", fields=fields)
            elif before is not None and after is None:
                yield Change(kind=kind, uid=uid, op="deleted", fields=fields)
            elif fields:
                yield Change(kind=kind, uid=uid, op="updated", fields=fields)

    def _writable(self, kind: Kind) -> dict[int, Any]:
        if kind not in self._written:
            self._written[kind] = dict(self._before.records(kind))
        return self._written[kind]

    def _end_of_siblings(self, parent_uid: int | None) -> float:
        siblings = (task.position for task in self.records(Kind.TASK).values() if task.parent_uid == parent_uid)
        return float(max(siblings, default=0.0)) + 1.0

    def _hanging_on(self, kind: Kind, uid: int) -> list[tuple[Kind, int]]:
        """Leaves first, so that no step leaves a link or child without its end."""
        assignments = self.records(Kind.ASSIGNMENT).values()
        if kind is Kind.RESOURCE:
            return [(Kind.ASSIGNMENT, a.uid) for a in assignments if a.resource_uid == uid]
        if kind is not Kind.TASK:
            return []
        family = self._descendants(uid)
        gone = {uid, *family}
        links = self.records(Kind.LINK).values()
        return [
            *((Kind.ASSIGNMENT, a.uid) for a in assignments if a.task_uid in gone),
            *((Kind.LINK, x.uid) for x in links if x.predecessor_uid in gone or x.successor_uid in gone),
            *((Kind.TASK, child) for child in reversed(family)),
        ]

    def keep_risks(self, before: Plan) -> None:
        for risk in before.risks.values():
            self.put(Kind.RISK, risk)
        self._forget({uid for risk in before.risks.values() for uid in risk.task_uids} - self.records(Kind.TASK).keys())

    def _forget(self, tasks: set[int], place: str = "") -> None:
        """Risks stay when tasks go that they bear upon."""
        for risk in tuple(self.records(Kind.RISK).values()):
            if not tasks.isdisjoint(risk.task_uids):
                left = tuple(uid for uid in risk.task_uids if uid not in tasks)
                self.put(Kind.RISK, replace(risk, task_uids=left), place)

    def _descendants(self, uid: int) -> list[int]:
        children: dict[int | None, list[int]] = {}
        for task in self.records(Kind.TASK).values():
            children.setdefault(task.parent_uid, []).append(task.uid)
        found: list[int] = []
        queue = [uid]
        while queue:
            below = children.get(queue.pop(), [])
            found += below
            queue += below
        return found

    def _refuse_used_calendar(self, uid: int, place: str) -> None:
        users: list[Any] = [self.records(Kind.PROJECT)[0]]
        users += self.records(Kind.TASK).values()
        users += self.records(Kind.RESOURCE).values()
        if any(user.calendar_uid == uid for user in users):
            raise InvalidInputError(f"calendar {uid} is in use", place=place)
        if any(calendar.base_uid == uid for calendar in self.records(Kind.CALENDAR).values()):
            raise InvalidInputError(f"calendar {uid} is the base of another", place=place)


def _missing(operation: Update | Delete, place: str) -> NoReturn:
    raise InvalidInputError(f"there is no {operation.kind} {operation.uid}", place=f"{place}.uid")


def keeping(before: Plan, after: Plan, fields: Collection[str]) -> Plan:
    """The plan `after` with these fields of its records as those of the same uid have them in `before`.

    Of a kind that is named (`risks`), all of `before`; risks forget the tasks that are not there.
    """
    draft = Draft(after)
    for kind in Kind:
        for name in records.field_types(kind).keys() & set(fields):
            there = before.records(kind)
            for uid, record in after.records(kind).items():
                if uid in there and getattr(there[uid], name) != getattr(record, name):
                    value = records.to_plain(getattr(there[uid], name))
                    draft.put(kind, records.change(kind, draft.records(kind)[uid], {name: value}))
    if COLLECTIONS[Kind.RISK] in fields:
        draft.keep_risks(before)
    return draft.plan()


def differences(before: Plan, after: Plan) -> tuple[Change, ...]:
    """The facts that lead from one plan to the other: `apply_changes` of them gives the other."""
    draft = Draft(before)
    for kind in Kind:
        old, new = before.records(kind), after.records(kind)
        for uid in old.keys() - new.keys():
            draft.remove(kind, uid)
        for uid, record in new.items():
            if old.get(uid) != record:
                draft.put(kind, record)
    return tuple(draft.changes())
