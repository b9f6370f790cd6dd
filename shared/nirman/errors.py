"""Every error the product raises on purpose.

    NirmanError
    ├── InvalidInputError          what was sent breaks a rule; names the place and the rule
    │   ├── InvalidPlanError       the plan that would result cannot be (a cycle, a link to nowhere)
    │   └── UnreadableFileError    an imported file is refused as a whole
    ├── UnauthenticatedError       who is calling is not known
    ├── ForbiddenError             who is calling may not do this
    ├── NotFoundError              there is no such thing, or not for this caller
    ├── ConflictError              the same fields were changed by others since the revision the caller saw
    │   └── OutdatedError          what a proposal was computed on was changed since
    ├── PreconditionFailedError    If-Match names another revision
    ├── PreconditionRequiredError  the call must say which revision it saw
    ├── CommandReusedError         the same command id came before with other content
    ├── LimitExceededError         too large or too many; says the limit
    │   └── TooManyAtOnceError     so many are going on already; goes through when one of them is over
    ├── RateLimitedError           too much in too short a time; says when to go on
    ├── LockedError                somebody else has a lock on what was to be changed
    ├── LockLostError              the lock that the edit claims is not the caller's any more
    └── BusyError                  lost too many races; nothing was written, try again

Errors carry data, not only text; `functions/api/errors.py` and the message registry map each to its face.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar


class NirmanError(Exception):
    """Base of all: `code` is stable and for programs, the text is for people."""

    code: ClassVar[str] = "error"

    def details(self) -> dict[str, Any]:
        """What a client needs beyond the text; JSON-ready."""
        return {}


class InvalidInputError(NirmanError):
    """What was sent breaks a rule.

    `place` says where (`operations[2].values.duration_minutes`, `line 14`), `rule` says what must hold.
    """

    code = "invalid"

    def __init__(self, rule: str, *, place: str = "") -> None:
        super().__init__(f"{place}: {rule}" if place else rule)
        self.rule = rule
        self.place = place

    def details(self) -> dict[str, Any]:
        return {"rule": self.rule, "place": self.place}


class InvalidPlanError(InvalidInputError):
    """The plan that would result cannot be; `uids` are the tasks concerned, in order (of a cycle: its order)."""

    code = "invalid-plan"

    def __init__(self, rule: str, *, place: str = "", uids: tuple[int, ...] = ()) -> None:
        super().__init__(rule, place=place)
        self.uids = uids

    def details(self) -> dict[str, Any]:
        return {**super().details(), "uids": list(self.uids)}


class UnreadableFileError(InvalidInputError):
    """An imported file is refused as a whole."""

    code = "unreadable-file"


class UnauthenticatedError(NirmanError):
    """Who is calling is not known."""

    code = "unauthenticated"


class ForbiddenError(NirmanError):
    """Who is calling may not do this."""

    code = "forbidden"


class NotFoundError(NirmanError):
    """There is no such thing, or not for this caller (the two are not told apart)."""

    code = "not-found"


@dataclass(frozen=True, slots=True)
class FieldConflict:
    """One field that both the caller and somebody else changed."""

    kind: str
    uid: int
    field: str
    base: Any
    yours: Any
    theirs: Any
    by: str
    at: str
    revision: int


class ConflictError(NirmanError):
    """The same fields were changed by others since the revision the caller saw."""

    code = "conflict"
    told: ClassVar[str] = "changed by others since the revision you saw"

    def __init__(self, conflicts: tuple[FieldConflict, ...], *, head: int) -> None:
        fields = ", ".join(f"{c.kind} {c.uid} {c.field}" for c in conflicts[:5])
        super().__init__(f"{self.told}: {fields}")
        self.conflicts = conflicts
        self.head = head

    def details(self) -> dict[str, Any]:
        return {"head": self.head, "conflicts": [asdict(c) for c in self.conflicts]}


class OutdatedError(ConflictError):
    """What a proposal was computed on was changed since: it can be applied all the same, but may be wrong now."""

    code = "outdated"
    told = "what this was computed on was changed since"


class PreconditionFailedError(NirmanError):
    """If-Match names another revision than the head."""

    code = "precondition-failed"

    def __init__(self, *, expected: int, head: int) -> None:
        super().__init__(f"If-Match names revision {expected}, the project is at {head}")
        self.expected = expected
        self.head = head

    def details(self) -> dict[str, Any]:
        return {"expected": self.expected, "head": self.head}


class PreconditionRequiredError(NirmanError):
    """The call must say which revision it saw, by If-Match or base_revision."""

    code = "precondition-required"


class CommandReusedError(NirmanError):
    """The same command id came before with other content."""

    code = "command-reused"


class LimitExceededError(NirmanError):
    """Too large or too many; the text says the limit, and where a client can go by it `limit` of `what` does."""

    code = "limit-exceeded"

    def __init__(self, text: str, *, what: str = "", limit: int | None = None) -> None:
        super().__init__(text)
        self.what = what
        self.limit = limit

    def details(self) -> dict[str, Any]:
        return {} if self.limit is None else {"what": self.what, "limit": self.limit}


class TooManyAtOnceError(LimitExceededError):
    """As many as may be are going on already: it goes through when one of them is over, or ended."""


class RateLimitedError(NirmanError):
    """Too much in too short a time: `limit` of `what` within `window_s` seconds; go on after `retry_after_s`."""

    code = "rate-limited"

    def __init__(self, what: str, *, limit: int, window_s: int, retry_after_s: float) -> None:
        super().__init__(f"at most {limit} {what} in {window_s} seconds; go on after {retry_after_s:.1f}")
        self.what = what
        self.limit = limit
        self.window_s = window_s
        self.retry_after_s = retry_after_s

    def details(self) -> dict[str, Any]:
        return {
            "what": self.what,
            "limit": self.limit,
            "window_s": self.window_s,
            "retry_after_s": round(self.retry_after_s, 3),
        }


@dataclass(frozen=True, slots=True)
class LockHeld:
    """A lock that is in the way: of a record, or of one of its fields."""

    kind: str
    uid: int
    field: str | None
    user: str
    name: str
    until: str


class LockedError(NirmanError):
    """Somebody else has a lock on what was to be changed."""

    code = "locked"

    def __init__(self, locks: tuple[LockHeld, ...]) -> None:
        places = ", ".join(f"{lock.kind} {lock.uid} {lock.field or ''}".strip() for lock in locks[:5])
        super().__init__(f"locked by {locks[0].name}: {places}")
        self.locks = locks

    def details(self) -> dict[str, Any]:
        return {"locks": [asdict(lock) for lock in self.locks]}


class LockLostError(NirmanError):
    """A lock that the edit claims is not the caller's any more: it ran out, or was taken over."""

    code = "lock-lost"

    def __init__(self, *, kind: str, uid: int, field: str | None) -> None:
        super().__init__(f"the lock on {kind} {uid} {field or ''}".rstrip() + " is not yours any more")
        self.kind = kind
        self.uid = uid
        self.field = field

    def details(self) -> dict[str, Any]:
        return {"kind": self.kind, "uid": self.uid, "field": self.field}


class BusyError(NirmanError):
    """Lost too many races or the store throttled; nothing was written, the same command may be sent again."""

    code = "busy"
