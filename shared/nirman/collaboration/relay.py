"""What was committed, as frames for the rooms."""

from __future__ import annotations

from collections.abc import Iterable

from nirman.collaboration.frames import event_message, job_message
from nirman.collaboration.messages import encode
from nirman.jobs.job import Job
from nirman.planning.events import Event
from nirman.tenancy.identity import ProjectKey


def frames_by_room(events: Iterable[Event], jobs: Iterable[Job]) -> dict[ProjectKey, list[bytes]]:
    """Each event once, ascending by revision, however they came; then of each job only how it is now."""
    distinct = {(ProjectKey(event.tenant, event.project), event.revision): event for event in events}
    latest = {(job.tenant, job.id): job for job in sorted(jobs, key=lambda job: job.version)}
    frames: dict[ProjectKey, list[bytes]] = {}
    for (key, _), event in sorted(distinct.items(), key=lambda item: item[0][1]):
        frames.setdefault(key, []).append(encode(event_message(event)))
    for job in latest.values():
        frames.setdefault(job.key, []).append(encode(job_message(job)))
    return frames
