"""What the server says, cut to fit a frame. What is left out is always said to be: nothing partial looks whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec.structs import replace

from nirman.collaboration.messages import (
    MAX_FRAME_BYTES,
    Ack,
    Burst,
    Created,
    Error,
    EventMessage,
    JobMessage,
    Joined,
    NoteMessage,
    Person,
    Presence,
    Presences,
    encode,
)
from nirman.errors import NirmanError
from nirman.jobs.job import Job
from nirman.planning.events import Event

if TYPE_CHECKING:  # the broadcaster plans nothing and need not load what does
    from nirman.planlog.commits import CommitResult

One = TypeVar("One")
Several = TypeVar("Several")
_PRESENCE_BYTES = 8_000
_TEXT_LENGTH = 1_000


def event_message(event: Event, *, limit: int = MAX_FRAME_BYTES) -> EventMessage:
    """The event, or the word to fetch it when it would take more than `limit` bytes."""
    if event.body is None:
        message = EventMessage(project=event.project, revision=event.revision, previous=event.revision - 1, event=event)
        if len(encode(message)) <= limit:
            return message
    return EventMessage(project=event.project, revision=event.revision, previous=event.revision - 1, fetch=True)


def event_frames(events: Iterable[Event]) -> Iterator[EventMessage | Burst]:
    """Events of one project, ascending, in as few messages as they fit in; one alone is an `event`.

    A burst leaves no revision out: where one is missing here, another message begins.
    """
    messages = (event_message(event) for event in events)
    return _packed(messages, _burst, follows=lambda before, message: before.revision == message.previous)


def presence_frames(changes: Iterable[Presence]) -> Iterator[Presence | Presences]:
    """Changes in one room in as few messages as they fit in; one alone is a `presence`."""
    return _packed(changes, _presences, follows=lambda *_: True)


def event_page(answer: Joined, events: Sequence[Event]) -> tuple[EventMessage, ...]:
    """As many of the first events as fit in the answer: at least one, if there are any."""
    left = MAX_FRAME_BYTES - len(encode(answer))
    page: list[EventMessage] = []
    for event in events:
        message = event_message(event)
        if _size(message) > left:
            if page:
                break
            message = event_message(event, limit=0)
        page.append(message)
        left -= _size(message)
    return tuple(page)


def note_page(answer: Joined, notes: Sequence[NoteMessage]) -> tuple[NoteMessage, ...]:
    """As many of the first notes as fit in the answer: at least one, if there are any; one always fits."""
    left = MAX_FRAME_BYTES - len(encode(answer))
    page: list[NoteMessage] = []
    for note in notes:
        left -= _size(note)
        if page and left < 0:
            break
        page.append(note)
    return tuple(page)


def some(people: Sequence[Person]) -> tuple[Person, ...]:
    """As many people as a frame has room for beside the rest, and what they look at where room is left over."""
    left = _PRESENCE_BYTES
    named: list[Person] = []
    for person in people:
        bare = replace(person, looking=())
        left -= _size(bare)
        if left < 0:
            return tuple(named)
        named.append(bare)
    for place, person in enumerate(people):
        left -= _size(person) - _size(named[place])
        if left < 0:
            break
        named[place] = person
    return tuple(named)


def ack(message_id: str, result: CommitResult) -> Ack:
    event = result.event
    brief = Ack(
        id=message_id,
        project=event.project,
        command_id=event.command_id,
        revision=event.revision,
        merged=result.merged,
        repeated=result.repeated,
        moved_count=event.moved_count,
        project_finish=event.project_finish,
        undoes=event.undoes,
        redoes=event.redoes,
    )
    created = tuple(Created(change.kind, change.uid) for change in event.changes if change.op == "created")
    whole = replace(brief, created=created, moved=event.moved)
    return whole if len(encode(whole)) <= MAX_FRAME_BYTES else replace(brief, fetch=True)


def error(message_id: str | None, exc: NirmanError) -> Error:
    details = exc.details()
    answer = Error(id=message_id, code=exc.code, text=str(exc)[:_TEXT_LENGTH], details=details)
    if len(encode(answer)) <= MAX_FRAME_BYTES:
        return answer
    return Error(id=message_id, code=answer.code, text=answer.text, details=_first_of(details))


def job_message(job: Job) -> JobMessage:
    return JobMessage(
        project=job.project,
        job=job.id,
        kind=job.kind,
        state=job.state,
        progress=job.progress,
        created_by=job.created_by.user,
        updated_at=job.updated_at,
        headway=job.headway,
    )


def _packed(
    messages: Iterable[One], several: Callable[[Sequence[One]], Several], *, follows: Callable[[One, One], bool]
) -> Iterator[One | Several]:
    together: list[One] = []
    left = 0
    for message in messages:
        size = _size(message)
        if together and (size > left or not follows(together[-1], message)):
            yield several(together) if len(together) > 1 else together[0]
            together = []
        if not together:
            left = MAX_FRAME_BYTES - len(encode(several((message,)))) + size
        together.append(message)
        left -= size
    if together:
        yield several(together) if len(together) > 1 else together[0]


def _burst(messages: Sequence[EventMessage]) -> Burst:
    first, last = messages[0], messages[-1]
    return Burst(project=last.project, revision=last.revision, previous=first.previous, events=tuple(messages))


def _presences(changes: Sequence[Presence]) -> Presences:
    return Presences(project=changes[0].project, changes=tuple(changes))


def _first_of(details: dict[str, Any]) -> dict[str, Any]:
    """Numbers as they are, of lists the first few; `left_out` says how many entries of each are not there."""
    short: dict[str, Any] = {}
    left_out: dict[str, int] = {}
    share = MAX_FRAME_BYTES // 2
    for name, value in details.items():
        if isinstance(value, list):
            kept: list[Any] = []
            size = 0
            for entry in value:
                size += _size(entry)
                if size > share:
                    break
                kept.append(entry)
            short[name] = kept
            left_out[name] = len(value) - len(kept)
        elif isinstance(value, str):
            short[name] = value[:_TEXT_LENGTH]
        else:
            short[name] = value
    return {**short, "left_out": left_out}


def _size(entry: Any) -> int:
    """Bytes in a list, comma included."""
    return len(encode(entry)) + 1
