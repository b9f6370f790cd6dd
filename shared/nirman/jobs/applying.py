"""A proposal becomes a revision: one commit, merged with what people did since and checked like any other."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

from nirman.errors import InvalidInputError, OutdatedError
from nirman.jobs.answers import Proposal
from nirman.jobs.job import Job
from nirman.jobs.optimizations import OPTIMIZERS, WHOLE
from nirman.planlog.commits import CommitResult
from nirman.planlog.edits import Edits
from nirman.planlog.state import PlanState
from nirman.planning.commands import Command, Operation
from nirman.planning.events import Event
from nirman.planning.grounds import changed_grounds
from nirman.tenancy.identity import Access


def source_of(job: Job, revision: int) -> str:
    """What the event of an applied proposal says of where it came from; `activity.sentences` reads it again."""
    return f"{OPTIMIZERS[job.kind].noun} of revision {revision}"


def apply(
    edits: Edits, access: Access, job: Job, proposal: Proposal, alternative: str, *, although_outdated: bool
) -> CommitResult:
    """Applied again it is the same revision. `alternative` chooses one of several. However many operations there are,
    they are one command: `MAX_OPERATIONS` bounds what is decoded from a request.

    OutdatedError where somebody changed since what the operations rest on, unless they shall be applied all the same;
    else raises what any commit does.
    """
    operations = _chosen(proposal, alternative)
    command = Command(
        command_id=_command_id(job, alternative),
        base_revision=proposal.revision,
        operations=operations,
    )
    holds = _anyhow if although_outdated else _standing(operations)
    return edits.apply(access, command, source=source_of(job, proposal.revision), holds=holds)


def _command_id(job: Job, alternative: str) -> str:
    """The same whenever the same is applied, so that it is done once."""
    digest = hashlib.sha256(alternative.encode()).hexdigest()[:16]
    return f"apply:{job.id}:{digest}" if alternative else f"apply:{job.id}"


def _chosen(proposal: Proposal, alternative: str) -> tuple[Operation, ...]:
    operations = proposal.proposals.get(alternative)
    if operations is None:
        names = ", ".join(name for name in list(proposal.proposals)[:20] if name != WHOLE)
        rule = f"must be one of the result's alternatives: {names}" if names else "the result has no alternatives"
        raise InvalidInputError(rule, place="alternative")
    return operations


def _anyhow(_state: PlanState, _since: Sequence[Event]) -> None:
    return


def _standing(operations: Sequence[Operation]) -> Callable[[PlanState, Sequence[Event]], None]:
    def holds(state: PlanState, since: Sequence[Event]) -> None:
        if changed := changed_grounds(state.plan, operations, since):
            raise OutdatedError(changed, head=state.revision)

    return holds
