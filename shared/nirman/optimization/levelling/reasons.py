"""Why a conflict remains after levelling."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from nirman.optimization.conflicts import Conflict
from nirman.optimization.levelling.jobs import Shop
from nirman.optimization.levelling.result import Reason, Unresolved

NOT_LEVELLED = "the resource is not to be levelled"
BEYOND = "asks for more than there ever is"
OUT_OF_SLACK = "would have to be delayed by more than its slack"
HELD = "would have to be delayed beyond a date of its own, or of what follows it"
NOT_FOUND = "no better place was found for it"


def unresolved(
    shop: Shop, found: Sequence[Conflict], homeless: Collection[int], levelled: Collection[int], *, within_slack: bool
) -> Iterator[Unresolved]:
    """`homeless`: uids of tasks for which levelling found no place."""
    for conflict in found:
        (resource,) = conflict.resource_uids
        if resource not in levelled:
            yield Unresolved(conflict, (Reason(None, conflict.name, NOT_LEVELLED),))
            continue
        reasons = tuple(_reasons(shop, conflict, homeless, within_slack=within_slack))
        if not reasons:
            reasons = tuple(Reason(task.uid, task.name, NOT_FOUND) for task in conflict.tasks)
        yield Unresolved(conflict, reasons)


def _reasons(shop: Shop, conflict: Conflict, homeless: Collection[int], *, within_slack: bool) -> Iterator[Reason]:
    (resource,) = conflict.resource_uids
    for task in conflict.tasks:
        if task.uid in shop.beyond.get(resource, ()):
            yield Reason(task.uid, task.name, BEYOND)
        elif task.uid in shop.locks:
            yield Reason(task.uid, task.name, shop.locks[task.uid].value)
        elif task.uid in homeless:
            yield Reason(task.uid, task.name, OUT_OF_SLACK if within_slack else HELD)
