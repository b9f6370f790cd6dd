"""An optimization that is over, with changes to apply, as the optimizer leaves it."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from nirman.aws import keys
from nirman.jobs.answers import Proposal
from nirman.jobs.job import Job, JobKind
from nirman.jobs.optimizations import WHOLE
from nirman.planning.commands import Operation, Update
from nirman.planning.model import Kind
from tests.support.world import PLANNER, World

NOW = datetime(2026, 1, 4, tzinfo=UTC)
DELAY: Operation = Update(Kind.TASK, 2, {"leveling_delay_minutes": 1440})


def proposed(
    world: World,
    *operations: Operation,
    job_id: str = "01J0000000000000000000LEVEL",
    kind: JobKind = JobKind.LEVEL,
    alternatives: dict[str, tuple[Operation, ...]] | None = None,
) -> str:
    """The id of a job that proposes the operations (a delay of task 2), computed on the plan as it is now."""
    key = keys.job_object("padma", job_id, "proposal.json")
    proposals = alternatives or {WHOLE: operations or (DELAY,)}
    data = msgspec.json.encode(Proposal(revision=world.revision, proposals=proposals))
    world.container.files.put(key, data, name="proposal.json", media_type="application/json")
    queued = Job(
        id=job_id,
        tenant="padma",
        project=world.project,
        kind=kind,
        created_by=PLANNER,
        created_at=NOW,
        updated_at=NOW,
    )
    world.container.job_store.add(queued, idempotency_key=None)
    running = queued.claimed(NOW, lease_s=60)
    world.container.job_store.save(running)
    world.container.job_store.save(running.succeeded({}, NOW, proposal=key))
    return job_id
