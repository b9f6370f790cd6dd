"""The work breakdown structure of Primavera P6 as summary tasks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nirman.interchange.p6_limits import MAX_LEVELS
from nirman.interchange.p6_report import Report
from nirman.interchange.p6_row import Row
from nirman.planning.findings import Severity
from nirman.planning.model import Task


@dataclass(frozen=True, slots=True)
class Node:
    """`order` among its siblings; `is_root`: it is the project itself."""

    uid: int
    project: int | None
    parent: int | None
    order: int
    is_root: bool
    code: str
    name: str
    line: int


@dataclass(slots=True)
class Tree:
    """What becomes of the nodes: `summaries` by task uid, `task_uids` of nodes, `top` of each project."""

    summaries: dict[int, Task]
    task_uids: dict[int, int]
    top: dict[int, int | None]

    def parent_of(self, project: int | None, wbs: int | None) -> int | None:
        """The summary that an activity of a node stands below."""
        if wbs is not None and wbs in self.task_uids:
            return self.task_uids[wbs]
        return next(iter(self.top.values()), None) if project is None else self.top.get(project)


def read_node(row: Row, uid: int) -> Node:
    return Node(
        uid=uid,
        project=row.reference("project"),
        parent=row.reference("parent"),
        order=row.integer("order", 0, low=-2_147_483_648),
        is_root=row.flag("is_root", default=False),
        code=row.text("code"),
        name=row.text("name"),
        line=row.line,
    )


def make_tree(
    nodes: Mapping[int, Node], roots: Mapping[int, Node], used: Iterable[int], *, taken: set[int], report: Report
) -> Tree:
    """Summaries for the nodes with activities somewhere below (`used`: those with activities of their own).

    `roots`: of each project the node that it is itself, one of `nodes` or made up (of a negative uid); it becomes a
    summary only when there are several projects. `taken`: uids that activities have. Nodes without activities are
    left out, and counted.
    """
    several = len(roots) > 1
    at_top = {root.uid for root in roots.values()}
    needed = _needed(nodes, used, at_top)
    empty = [node for node in nodes.values() if node.uid not in needed and node.uid not in at_top]
    for node in empty:
        report.count(Severity.INFO, "empty-wbs", "a WBS node without activities is left out", place=f"line {node.line}")
    for uid in needed:
        if _is_too_deep(nodes, uid, at_top):
            report.add(
                Severity.ERROR,
                "bad-wbs",
                f"a WBS node must not be below itself, nor more than {MAX_LEVELS} levels deep",
                place=f"line {nodes[uid].line}, WBS node {uid}",
            )
    tree = Tree({}, {}, {})
    following = max([*taken, *nodes, *at_top], default=0) + 1
    for position, (project, root) in enumerate(roots.items(), 1):
        if not several:
            tree.top[project] = None
            continue
        uid = root.uid if root.uid >= 0 and root.uid not in taken else following
        following += uid == following
        tree.top[project] = tree.task_uids[root.uid] = uid
        tree.summaries[uid] = _summary(root, uid, None, position)
    ordered = sorted((nodes[uid] for uid in needed - at_top), key=lambda node: (node.order, node.uid))
    for node in ordered:
        uid = node.uid if node.uid not in taken else following
        following += uid == following
        tree.task_uids[node.uid] = uid
    for position, node in enumerate(ordered, 1):
        uid = tree.task_uids[node.uid]
        tree.summaries[uid] = _summary(node, uid, tree.parent_of(node.project, node.parent), position)
    return tree


def _needed(nodes: Mapping[int, Node], used: Iterable[int], at_top: set[int]) -> set[int]:
    needed: set[int] = set()
    for uid in used:
        at: int | None = uid
        while at is not None and at in nodes and at not in needed:
            needed.add(at)
            at = None if at in at_top else nodes[at].parent
    return needed


def _is_too_deep(nodes: Mapping[int, Node], uid: int, at_top: set[int]) -> bool:
    at: int | None = uid
    for _ in range(MAX_LEVELS):
        if at is None or at not in nodes or at in at_top:
            return False
        at = nodes[at].parent
    return True


def _summary(node: Node, uid: int, parent: int | None, position: int) -> Task:
    # Activities of a node come before the nodes below it, as P6 shows them.
    return Task(
        uid=uid,
        name=node.name or node.code,
        code=node.code,
        parent_uid=parent,
        position=float(position + 1_000_000),
    )
