"""The events, jobs and notes in records of a DynamoDB stream."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nirman.aws import keys
from nirman.aws.jobs import job_from_image
from nirman.aws.notes import note_from_image
from nirman.aws.plan_log import event_from_image
from nirman.collaboration.messages import NoteMessage
from nirman.collaboration.ports import NoteRoom
from nirman.jobs.job import Job
from nirman.planning.events import Event


@dataclass
class Records:
    """`unreadable` has the sequence numbers of those that cannot be decoded; the others are not held up by them."""

    events: list[Event] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    notes: list[tuple[NoteRoom, NoteMessage]] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)


def read(records: Iterable[Mapping[str, Any]]) -> Records:
    """What concerns a room; other items and removals are passed over."""
    found = Records()
    for record in records:
        change = record["dynamodb"]
        image = change.get("NewImage")
        if image is None:
            continue
        kind = change["Keys"]["sk"]["S"]
        try:
            if kind.startswith(keys.EVENT_PREFIX):
                found.events.append(event_from_image(image))
            elif kind.startswith(keys.JOB_PREFIX):
                found.jobs.append(job_from_image(image))
            elif kind.startswith(keys.NOTE_PREFIX):
                found.notes.append(note_from_image(image))
        except (KeyError, ValueError):
            found.unreadable.append(change["SequenceNumber"])
    return found
