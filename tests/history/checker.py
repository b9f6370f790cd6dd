"""Finds, in a history, whatever breaks a promise of the rooms. It knows nothing of how the service is made.

Promises: docs/realtime.md. The manner is that of Jepsen's tests of logs: everything that was acknowledged, received and
applied is held against the log as it is in the end.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from nirman.collaboration.messages import (
    Burst,
    Edit,
    Error,
    EventMessage,
    Join,
    Joined,
    Ping,
    Pong,
    Reload,
    decode_server,
)
from nirman.collaboration.messages import decode_client as decode_said
from nirman.planlog.state import digest_of
from nirman.planning.change import apply_changes
from nirman.planning.events import Event
from nirman.planning.model import Plan, Project
from nirman.tenancy.identity import ProjectKey
from tests.history.history import Applied, Asked, History, Loaded, Reading, Received, Said, Violation
from tests.history.simulation import START

KINDS = {
    "lost": "acknowledged and not in the log, or in the log and not with a reader who stayed",
    "divergent": "two have different contents for one revision, or a plan is not what the log makes of it",
    "out of order": "applied, or said to be in order, in another order than the log's",
    "gap": "a revision left out of what was applied, of a page, of several events in one frame, or of the log",
    "phantom": "received or applied though the log has no such event, or in the log though it was refused",
    "duplicate": "applied twice",
    "wrong ack": "acknowledged with a revision that is another command's, or with two revisions",
    "carried out twice": "one command in the log at two revisions",
    "foreign": "another tenant's, another project's, or of a time when the person was shut out",
    "overwritten": "a field that others had changed since the base revision was changed without a word",
    "stale": "an answer named a head older than what had been acknowledged before it was asked",
    "dropped": "a connection that was open was forgotten by the service",
}
WHOLE = frozenset({"name", "duration_minutes", "notes"})
"""Fields of which one value holds; two who change one of them at once are in conflict."""


def check(history: History) -> list[Violation]:
    """Everything that is wrong; empty if nothing is."""
    found = [violation for key in history.log for violation in _log(history, key)]
    known = _known(history.readings)
    found += [violation for asked in history.asked for violation in _command(history, asked, known)]
    folded = {key: _Folded(events) for key, events in history.log.items()}
    acknowledged = _Acknowledged(history.asked)
    for reading in history.readings:
        found += _Reader(history, reading, folded[reading.key], acknowledged).violations()
    return found


def summary(violations: Sequence[Violation]) -> dict[str, int]:
    """How many of each kind, of all kinds."""
    counted = Counter(violation.kind for violation in violations)
    return {kind: counted[kind] for kind in KINDS}


class _Folded:
    """The plan as of each revision, made of the log's events alone."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._events = events
        self._plans = [Plan(project=Project(start=datetime(1970, 1, 1)))]

    def at(self, revision: int) -> Plan | None:
        if not 0 <= revision <= len(self._events):
            return None
        while len(self._plans) <= revision:
            self._plans.append(apply_changes(self._plans[-1], self._events[len(self._plans) - 1].changes))
        return self._plans[revision]


class _Acknowledged:
    """The greatest revision of a project that had been acknowledged by a moment."""

    def __init__(self, everything: Sequence[Asked]) -> None:
        self._by_project: dict[ProjectKey, list[tuple[float, int]]] = defaultdict(list)
        for asked in sorted(everything, key=lambda one: one.answered_at):
            if asked.outcome == "acked":
                so_far = self._by_project[asked.key]
                greatest = max(so_far[-1][1] if so_far else 0, *asked.revisions)
                so_far.append((asked.answered_at, greatest))

    def by(self, key: ProjectKey, at: float) -> int:
        return max((revision for when, revision in self._by_project[key] if when < at), default=0)


def _log(history: History, key: ProjectKey) -> Iterator[Violation]:
    events = history.log[key]
    revisions = [event.revision for event in events]
    if revisions != list(range(1, len(events) + 1)):
        yield Violation("gap", f"the log of {key} has the revisions {revisions}")
    if events and history.heads[key] != events[-1].revision:
        yield Violation(
            "divergent", f"the head of {key} is {history.heads[key]}, its log ends at {events[-1].revision}"
        )
    previous = ""
    for event in events:
        if event.previous_digest != previous or digest_of(event) != event.digest:
            yield Violation("divergent", f"revision {event.revision} of {key} does not follow from the one before it")
        if (event.tenant, event.project) != (key.tenant, key.project):
            yield Violation("foreign", f"the log of {key} has an event of {event.tenant}/{event.project}")
        previous = event.digest
    for command, times in Counter(event.command_id for event in events).items():
        if times > 1:
            yield Violation("carried out twice", f"command {command} is {times} times in the log of {key}")


def _command(history: History, asked: Asked, known: Mapping[str, frozenset[int]]) -> Iterator[Violation]:
    events = history.log[asked.key]
    command = asked.command.command_id
    there = [event for event in events if event.command_id == command]
    if asked.outcome == "refused" and there:
        yield Violation("phantom", f"{command} was refused ({asked.code}) and is revision {there[0].revision}")
    if asked.outcome == "acked":
        if not there:
            yield Violation("lost", f"{command} was acknowledged as {asked.revisions} and is not in the log")
        elif {event.revision for event in there} != set(asked.revisions):
            at = [event.revision for event in there]
            yield Violation("wrong ack", f"{command} was acknowledged as {asked.revisions} and is revision {at}")
    for event in there:
        for uid, field in _overwritten(events, event, asked.command.base_revision, known.get(command, frozenset())):
            yield Violation("overwritten", f"{command} changed {field} of {uid}, which others had changed meanwhile")


def _overwritten(events: Sequence[Event], event: Event, base: int, known: frozenset[int]) -> Iterator[tuple[int, str]]:
    """Fields that are not as they were at the base revision, by what the author had not seen."""
    was: dict[tuple[str, int, str], Any] = {}
    for other in events[base : event.revision - 1]:
        if other.revision not in known:
            for field, (before, _) in _fields(other):
                was.setdefault(field, before)
    for field, (before, _) in _fields(event):
        if field in was and was[field] != before:
            yield field[1:]


def _fields(event: Event) -> Iterator[tuple[tuple[str, int, str], tuple[Any, Any]]]:
    for change in event.changes:
        if change.op == "updated":
            yield from (
                ((change.kind, change.uid, name), values) for name, values in change.fields.items() if name in WHOLE
            )


def _known(readings: Sequence[Reading]) -> dict[str, frozenset[int]]:
    """By command, the later revisions that its author said to have seen."""
    said = (decode_said(step.text) for one in readings for step in one.steps if isinstance(step, Said))
    edits = [message.command for message in said if isinstance(message, Edit)]
    known: dict[str, frozenset[int]] = {}
    for command in edits:
        known[command.command_id] = known.get(command.command_id, frozenset()) | frozenset(command.known)
    return known


class _Reader:
    """Follows one reading step by step."""

    def __init__(self, history: History, reading: Reading, folded: _Folded, acknowledged: _Acknowledged) -> None:
        self._reading = reading
        self._key = reading.key
        self._log = history.log[reading.key]
        self._folded = folded
        self._acknowledged = acknowledged
        self._shut_out = [one for one in history.shut_out if (one.user, one.key) == (reading.who, reading.key)]
        self._at: int | None = None
        self._asked: dict[tuple[str, str], tuple[Join | Ping, float]] = {}
        self._first_applied = True

    def violations(self) -> Iterator[Violation]:
        for step in self._reading.steps:
            match step:
                case Said():
                    self._say(step)
                case Received():
                    yield from self._receive(step)
                case Loaded():
                    yield from self._load(step)
                case Applied():
                    yield from self._apply(step.event)
        yield from self._end()

    def _wrong(self, kind: str, what: str) -> Violation:
        return Violation(kind, f"{self._reading.who} in {self._key.tenant}/{self._key.project}: {what}")

    def _say(self, said: Said) -> None:
        message = decode_said(said.text)
        if isinstance(message, Join | Ping):
            self._asked[said.connection, message.id] = message, said.at

    def _receive(self, received: Received) -> Iterator[Violation]:
        message = decode_server(received.data)
        match message:
            case EventMessage():
                yield from self._event(message)
                yield from self._pushed(message.revision, received.at)
            case Burst():
                if message.project != self._key.project:
                    yield self._wrong("foreign", f"events of {message.project}")
                yield from self._in_a_row(message.previous, message.events, "several events in one frame")
                if message.events and message.events[-1].revision != message.revision:
                    yield self._wrong("gap", f"a frame up to {message.revision} ends at {message.events[-1].revision}")
                for one in message.events:
                    yield from self._event(one)
                    yield from self._pushed(one.revision, received.at)
            case Joined() | Reload() | Pong():
                yield from self._answer(message, received)
            case Error(code="unauthenticated") if received.at < received.open_until:
                yield self._wrong("dropped", "the service did not know a connection that was open")

    def _answer(self, message: Joined | Reload | Pong, received: Received) -> Iterator[Violation]:
        asked = self._asked.pop((received.connection, message.id), None)
        if asked is None:
            return
        question, at = asked
        if isinstance(message.head, int):
            if message.head < (before := self._acknowledged.by(self._key, at)):
                yield self._wrong("stale", f"head {message.head} was told after {before} had been acknowledged")
            if message.head > len(self._log):
                yield self._wrong("phantom", f"head {message.head} was told, the log ends at {len(self._log)}")
        if isinstance(message, Joined) and isinstance(question, Join):
            if message.events and question.revision is None:
                yield self._wrong("phantom", "events came though none were asked for")
            if question.revision is not None:
                yield from self._in_a_row(question.revision, message.events, "a page of what was missed")
                last = message.events[-1].revision if message.events else question.revision
                if not message.more and last < message.head:
                    yield self._wrong("gap", f"a page said to be the last ends at {last} of {message.head}")
            for one in message.events:
                yield from self._event(one)

    def _in_a_row(self, previous: int, events: Sequence[EventMessage], where: str) -> Iterator[Violation]:
        revisions = [one.revision for one in events]
        if revisions != sorted(revisions):
            yield self._wrong("out of order", f"{where} came as {revisions}")
        elif revisions and revisions != list(range(previous + 1, previous + 1 + len(revisions))):
            yield self._wrong("gap", f"{where} after {previous} came as {revisions}")

    def _event(self, message: EventMessage) -> Iterator[Violation]:
        if message.project != self._key.project:
            yield self._wrong("foreign", f"an event of {message.project}")
            return
        if message.previous != message.revision - 1:
            yield self._wrong("gap", f"{message.revision} was said to follow {message.previous}")
        if not 1 <= message.revision <= len(self._log):
            yield self._wrong("phantom", f"an event of revision {message.revision}, the log ends at {len(self._log)}")
            return
        if isinstance(message.event, Event):
            yield from self._content(message.event)

    def _pushed(self, revision: int, at: float) -> Iterator[Violation]:
        """What is sent by itself goes to nobody who had been shut out when it was committed."""
        if not 1 <= revision <= len(self._log):
            return
        committed = (datetime.fromisoformat(self._log[revision - 1].at) - START).total_seconds()
        for shut_out in self._shut_out:
            if committed > shut_out.since and (shut_out.until is None or at < shut_out.until):
                yield self._wrong("foreign", f"revision {revision} came to somebody who was shut out before")

    def _content(self, event: Event) -> Iterator[Violation]:
        if (event.tenant, event.project) != (self._key.tenant, self._key.project):
            yield self._wrong("foreign", f"an event of {event.tenant}/{event.project}")
            return
        theirs = self._log[event.revision - 1]
        if event.command_id not in {theirs.command_id} | {one.command_id for one in self._log}:
            yield self._wrong("phantom", f"command {event.command_id} as revision {event.revision}")
        elif digest_of(event) != theirs.digest:
            yield self._wrong("divergent", f"revision {event.revision} is another than the log's")

    def _load(self, loaded: Loaded) -> Iterator[Violation]:
        if loaded.plan != self._folded.at(loaded.revision):
            yield self._wrong("divergent", f"the plan loaded as {loaded.revision} is not what the log makes of it")
        self._at = loaded.revision

    def _apply(self, event: Event) -> Iterator[Violation]:
        revision, at = event.revision, self._at or 0
        if not 1 <= revision <= len(self._log):
            yield self._wrong("phantom", f"applied {revision}, the log ends at {len(self._log)}")
            return
        yield from self._content(event)
        if revision == at:
            yield self._wrong("duplicate", f"applied {revision} twice")
        elif revision < at:
            yield self._wrong("out of order", f"applied {revision} after {at}")
        elif revision > at + 1:
            yield self._wrong("gap", f"applied {revision} after {at}")
        self._at = max(at, revision)

    def _end(self) -> Iterator[Violation]:
        at = self._at or 0
        if self._reading.plan is not None and self._reading.plan != self._folded.at(at):
            yield self._wrong("divergent", f"the plan it had as {at} is not what the log makes of it")
        if self._reading.stays and at < len(self._log):
            yield self._wrong("lost", f"never applied {at + 1} to {len(self._log)}")
        if self._reading.revision != self._at:
            yield self._wrong("gap", f"it says it is at {self._reading.revision}, it applied up to {self._at}")
