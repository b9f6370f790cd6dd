"""What people ask for: a command is a list of operations that become one revision, or none."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Any

from msgspec import Meta, Struct

from nirman.planning.fields import BaselineUid, Label, Name, Uid, WallTime
from nirman.planning.model import Kind, Plan

MAX_OPERATIONS = 5_000
MAX_KNOWN = 200
ASSIGNEES = "assignees"
"""The resources of a task's assignments, as a set to add to and remove from."""

FieldName = Annotated[str, Meta(min_length=1, max_length=64)]
Members = Annotated[tuple[Label | Uid, ...], Meta(min_length=1, max_length=100)]
Amount = int | float | Decimal
"""Money as a string of decimals, as everywhere."""


class Create(Struct, frozen=True, forbid_unknown_fields=True, tag_field="op", tag="create"):
    """A new record. Without a `uid` the next free one is given; `values` are the fields of `planning.model`."""

    kind: Kind
    values: dict[str, Any]
    uid: Uid | None = None


# Defaults are left out so that a command without the newer fields keeps its fingerprint.
class Update(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="op", tag="update"):
    """Only the fields named change: to `values`, or from what they are when the command is carried out.

    `add` and `remove`: members of set fields (`labels`; of a task `assignees`, by uid of the resource). `increase`:
    by how much a number grows (negative: shrinks); a number that is not set has nothing to grow from. These never
    conflict with what others did to the field meanwhile.
    """

    kind: Kind
    uid: Uid
    values: dict[str, Any] = {}
    add: dict[FieldName, Members] = {}
    remove: dict[FieldName, Members] = {}
    increase: dict[FieldName, Amount] = {}

    @property
    def relative(self) -> frozenset[str]:
        """The fields that change from what they are."""
        return frozenset((*self.add, *self.remove, *self.increase))

    @property
    def fields(self) -> frozenset[str]:
        """All the fields that it names."""
        return self.relative | self.values.keys()


class Delete(Struct, frozen=True, forbid_unknown_fields=True, tag_field="op", tag="delete"):
    """What hangs on the record goes with it: a task's children, links and assignments; a resource's assignments."""

    kind: Kind
    uid: Uid


class TakeBaseline(Struct, frozen=True, forbid_unknown_fields=True, tag_field="op", tag="take_baseline"):
    """The plan as the whole command leaves it becomes baseline `uid`, whatever that was before; `delete` clears one.

    `taken_at` is for people: the log says when it was.
    """

    uid: BaselineUid = 0
    name: Name = ""
    taken_at: WallTime | None = None


Operation = Create | Update | Delete | TakeBaseline
# The lookahead is for Python, where `$` also matches before a last line break.
CommandId = Annotated[str, Meta(min_length=1, max_length=128, pattern=r"^[\x21-\x7e]+$(?!\n)")]


class LockClaim(Struct, frozen=True, forbid_unknown_fields=True):
    """The author has the lock of this record, or of this field of it, with this token."""

    kind: Kind
    uid: Uid
    token: Annotated[int, Meta(ge=1, le=999_999_999_999_999)]
    field: FieldName | None = None


LockClaims = Annotated[tuple[LockClaim, ...], Meta(max_length=100)]


class Command(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`base_revision` is the revision the author saw; `command_id` is the author's, unique in the project: sent twice,
    it is carried out once. It is refused unless the locks it claims are the author's when it is written.

    `known` are revisions after `base_revision` that the author knows all the same: of their own commands, acknowledged
    before the events came. What these changed is nobody else's change, and no conflict.
    """

    command_id: CommandId
    base_revision: Annotated[int, Meta(ge=0)]
    operations: Annotated[tuple[Operation, ...], Meta(min_length=1, max_length=MAX_OPERATIONS)]
    locks: LockClaims = ()
    known: Annotated[tuple[Annotated[int, Meta(ge=1)], ...], Meta(max_length=MAX_KNOWN)] = ()


@dataclass(frozen=True, slots=True)
class Replacement:
    """A whole new plan (an import); conflicts with any commit since `base_revision`."""

    command_id: str
    base_revision: int
    plan: Plan = field(repr=False)
    source: str = ""
    """What it came from, for people: a file's name."""
    unsaid: frozenset[str] = frozenset()
    """Fields and kinds of records that the file's format has no place for: records that stay keep theirs."""
