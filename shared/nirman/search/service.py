"""Finding tasks, projects and people by name, among what the seeker may see."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from nirman.collaboration.messages.search import FoundKind, Hit
from nirman.search.index import Index, best
from nirman.search.ports import Directory, Kept, Names
from nirman.tenancy.directory import ProjectCard
from nirman.tenancy.identity import Permission, Principal, ProjectKey, allows
from nirman.tenancy.visible import visible_projects

MOST_WARM = 400_000
"""Tasks whose names are kept in memory: some 200 MB."""


@dataclass(frozen=True, slots=True)
class _Tasks:
    """The tasks of a project as of the revision that last changed a name."""

    revision: int
    index: Index
    uids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Source:
    """Something to search; `hit` makes what was found of a row and its score."""

    index: Index
    hit: Callable[[int, float], Hit]


class SearchService:
    """Keeps the names of the projects it searched, and reads those that changed since."""

    def __init__(self, names: Names, directory: Directory) -> None:
        self._names = names
        self._directory = directory
        self._warm: OrderedDict[ProjectKey, _Tasks] = OrderedDict()

    def find(
        self, seeker: Principal, text: str, *, kinds: Collection[FoundKind], project: str | None = None, limit: int
    ) -> tuple[Hit, ...]:
        """Best first; with a project only what belongs to it. NotFoundError if the seeker may not enter that."""
        if project is not None:
            self._directory.open(seeker, project)
        cards = {
            ProjectKey(seeker.tenant, card.project): card
            for card in visible_projects(self._directory, seeker)
            if project in (None, card.project)
        }
        kept = self._names.kept(cards) if {"task", "person"} & set(kinds) else {}
        sources: list[_Source] = []
        if "project" in kinds:
            sources.append(_projects(list(cards.values())))
        if "task" in kinds:
            sources += (_in_project(cards[key], tasks) for key, tasks in self._tasks(kept))
        if "person" in kinds:
            everybody = allows(seeker.role, Permission.MANAGE) and project is None
            members = {seeker.user}.union(*(of.members for of in kept.values()))
            names = self._names.people(seeker.tenant)
            sources.append(_people({user: name for user, name in names.items() if everybody or user in members}))
        matches = best(text, [source.index for source in sources], limit=limit)
        return tuple(sources[match.source].hit(match.row, round(match.score, 3)) for match in matches)

    def _tasks(self, kept: Mapping[ProjectKey, Kept]) -> Iterator[tuple[ProjectKey, _Tasks]]:
        stale = {
            key: now
            for key, now in kept.items()
            if now.tasks_parts and (key not in self._warm or self._warm[key].revision != now.tasks_revision)
        }
        read = self._names.tasks(stale) if stale else {}
        for key, now in kept.items():
            if key in read:
                tasks = read[key]
                index = Index([(task.name, task.code, *task.labels) for task in tasks.values()])
                self._warm[key] = _Tasks(now.tasks_revision, index, tuple(tasks))
            if now.tasks_parts and key in self._warm:  # just overtaken: what it was a moment ago
                self._warm.move_to_end(key)
                yield key, self._warm[key]
        self._cool()

    def _cool(self) -> None:
        size = sum(len(tasks.uids) for tasks in self._warm.values())
        while size > MOST_WARM:
            _, tasks = self._warm.popitem(last=False)
            size -= len(tasks.uids)


def _in_project(card: ProjectCard, tasks: _Tasks) -> _Source:
    def hit(row: int, score: float) -> Hit:
        name, code, *_ = tasks.index.names[row]
        return Hit(
            kind="task",
            name=name,
            score=score,
            project=card.project,
            project_name=card.name,
            uid=tasks.uids[row],
            code=code or None,
        )

    return _Source(tasks.index, hit)


def _projects(cards: list[ProjectCard]) -> _Source:
    def hit(row: int, score: float) -> Hit:
        card = cards[row]
        return Hit(kind="project", name=card.name, score=score, project=card.project, project_name=card.name)

    return _Source(Index([(card.name,) for card in cards]), hit)


def _people(names: Mapping[str, str]) -> _Source:
    users = list(names)

    def hit(row: int, score: float) -> Hit:
        return Hit(kind="person", name=names[users[row]], score=score, user=users[row])

    return _Source(Index([(name,) for name in names.values()]), hit)
