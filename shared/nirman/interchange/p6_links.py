"""Links of a Primavera P6 file: between activities of the file, one of each kind between two of them."""

from __future__ import annotations

from collections.abc import Mapping

from nirman.interchange.p6_gathering import Gathering, Relation
from nirman.planning.findings import Severity
from nirman.planning.model import Link, LinkKind

Ends = tuple[int, int, LinkKind]


def tied_links(gathered: Gathering) -> dict[int, Link]:
    """By uid. Links to activities that are not in the file are left out; of two alike the larger lag counts."""
    links: dict[Ends, Relation] = {}
    for relation in gathered.relations:
        if relation.predecessor not in gathered.activities or relation.successor not in gathered.activities:
            gathered.report.count(
                Severity.WARNING,
                "link-to-other-project",
                "a link to an activity that is not in the file is left out; "
                "what it asked for stays in the activity's external dates",
                place=f"line {relation.line}",
            )
            continue
        ends = relation.predecessor, relation.successor, relation.kind
        known = links.get(ends)
        if known is not None:
            gathered.report.count(
                Severity.WARNING,
                "double-link",
                "two links of one kind between the same activities: the larger lag counts",
                place=f"line {relation.line}",
            )
        if known is None or relation.lag_minutes > known.lag_minutes:
            links[ends] = relation
    return _with_uids(links)


def _with_uids(links: Mapping[Ends, Relation]) -> dict[int, Link]:
    """The file's own uid where it is the only one of it, else one above all."""
    following = max((relation.uid or 0 for relation in links.values()), default=0) + 1
    found: dict[int, Link] = {}
    for (predecessor, successor, kind), relation in links.items():
        uid = relation.uid
        if uid is None or uid in found:
            uid, following = following, following + 1
        found[uid] = Link(
            uid=uid,
            predecessor_uid=predecessor,
            successor_uid=successor,
            kind=kind,
            lag_minutes=relation.lag_minutes,
        )
    return found
