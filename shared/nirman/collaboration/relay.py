"""What was committed, as frames for the rooms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from nirman.collaboration.frames import event_frames, job_message
from nirman.collaboration.messages import NoteMessage, encode
from nirman.jobs.job import Job
from nirman.planning.events import Event
from nirman.tenancy.identity import ProjectKey

if TYPE_CHECKING:
    from nirman.collaboration.ports import NoteRoom


def frames_by_room(events: Iterable[Event], jobs: Iterable[Job]) -> dict[ProjectKey, list[bytes]]:
    """Each event once, ascending by revision, however they came, in few frames; then of each job how it is now."""
    distinct: dict[ProjectKey, dict[int, Event]] = {}
    for event in events:
        distinct.setdefault(ProjectKey(event.tenant, event.project), {})[event.revision] = event
    latest = {(job.tenant, job.id): job for job in sorted(jobs, key=lambda job: job.version)}
    frames: dict[ProjectKey, list[bytes]] = {
        key: [encode(message) for message in event_frames(revisions[number] for number in sorted(revisions))]
        for key, revisions in distinct.items()
    }
    for job in latest.values():
        frames.setdefault(job.key, []).append(encode(job_message(job)))
    return frames


def notes_by_room(notes: Iterable[tuple[NoteRoom, NoteMessage]]) -> dict[NoteRoom, list[bytes]]:
    """Each note once, ascending, however they came."""
    distinct = {(room, note.revision): note for room, note in notes}
    frames: dict[NoteRoom, list[bytes]] = {}
    for room, revision in sorted(distinct, key=lambda place: place[1]):
        frames.setdefault(room, []).append(encode(distinct[room, revision]))
    return frames
