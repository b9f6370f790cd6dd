"""Feeds of several projects as one: newest first, each entry once, nothing that the reader may not see."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise
from random import Random

import pytest

from nirman.activity.entry import Entry
from nirman.activity.feed import ActivityFeed, FeedPage
from nirman.activity.ports import Position, position_of
from nirman.tenancy.directory import Page, ProjectCard
from nirman.tenancy.identity import Principal, ProjectKey, Role

OWNER = Principal("padma", "karim", "Karim", Role.OWNER)
PLANNER = Principal("padma", "salma", "Salma", Role.PLANNER)


class FakeFeeds:
    """`reads` counts pages of projects."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = sorted(entries, key=position_of, reverse=True)
        self.reads = 0

    def _below(self, entries: list[Entry], below: Position | None, limit: int) -> list[Entry]:
        return [entry for entry in entries if below is None or position_of(entry) < below][:limit]

    def of_project(self, key: ProjectKey, *, below: Position | None, limit: int) -> list[Entry]:
        self.reads += 1
        return self._below([entry for entry in self.entries if entry.project == key.project], below, limit)

    def of_person(self, tenant: str, user: str, *, below: Position | None, limit: int) -> list[Entry]:
        return self._below([entry for entry in self.entries if entry.user == user], below, limit)

    def of_tenant(self, tenant: str, *, below: Position | None, limit: int) -> list[Entry]:
        return self._below(self.entries, below, limit)

    def newest(self, keys: Collection[ProjectKey]) -> dict[ProjectKey, str]:
        first: dict[str, str] = {}
        for entry in self.entries:
            first.setdefault(entry.project, entry.ordered_at)
        return {key: first[key.project] for key in keys if key.project in first}


class FakeDirectory:
    """Two projects a page."""

    def __init__(self, *projects: str) -> None:
        self.projects_seen = projects

    def projects(self, principal: Principal, *, limit: int = 100, cursor: str | None = None) -> Page[ProjectCard]:
        start = int(cursor or 0)
        cards = tuple(ProjectCard(name, name, Role.PLANNER, 1, "") for name in self.projects_seen[start : start + 2])
        return Page(cards, str(start + 2) if start + 2 < len(self.projects_seen) else None)


def entry(project: str, revision: int, at: str, user: str = "karim") -> Entry:
    return Entry(
        project=project,
        revision=revision,
        at=at,
        ordered_at=at,
        user=user,
        user_name=user,
        type="plan.changed",
        project_name=project,
        minutes_per_day=480,
    )


def history(seed: int, projects: Sequence[str]) -> list[Entry]:
    """Several a second, some at the very same."""
    random = Random(seed)
    found = []
    revisions = dict.fromkeys(projects, 0)
    for second in range(300):
        for project in random.sample(projects, random.randint(0, min(3, len(projects)))):
            revisions[project] += 1
            at = f"2026-11-22T04:{second // 60:02d}:{second % 60:02d}.000+00:00"
            found.append(entry(project, revisions[project], at, random.choice(("karim", "salma"))))
    return found


def all_pages(read: object) -> list[Entry]:
    found: list[Entry] = []
    below = None
    while True:
        page: FeedPage = read(below)  # type: ignore[operator]
        found += page.entries
        if (below := page.below) is None:
            return found


@pytest.mark.parametrize("limit", [1, 7, 50, 100])
def test_pages_of_several_projects_are_the_whole_once_in_order(limit):
    projects = [f"p{number}" for number in range(9)]
    entries = history(limit, projects)
    mine = projects[::2]
    feed = ActivityFeed(FakeFeeds(entries), FakeDirectory(*mine))
    found = all_pages(lambda below: feed.of_tenant(PLANNER, below=below, limit=limit))
    assert found == sorted((one for one in entries if one.project in mine), key=position_of, reverse=True)
    assert all(position_of(one) > position_of(other) for one, other in pairwise(found))


def test_a_project_that_was_quiet_is_not_read_for_the_newest():
    entries = [entry("busy", revision, f"2026-11-22T04:30:{revision:02d}") for revision in range(1, 40)]
    entries += [entry(f"quiet-{number}", 1, "2026-01-01T00:00:00") for number in range(50)]
    feeds = FakeFeeds(entries)
    names = sorted({one.project for one in entries})
    page = ActivityFeed(feeds, FakeDirectory(*names)).of_tenant(PLANNER, below=None, limit=20)
    assert [one.project for one in page.entries] == ["busy"] * 20
    assert feeds.reads == 1


def test_an_owner_sees_all_projects_those_included_that_are_gone():
    entries = [entry("here", 1, "2026-11-22T04:30:01"), entry("gone", 1, "2026-11-22T04:30:02")]
    page = ActivityFeed(FakeFeeds(entries), FakeDirectory("here")).of_tenant(OWNER, below=None, limit=20)
    assert [one.project for one in page.entries] == ["gone", "here"]


@pytest.mark.parametrize("limit", [1, 20])
def test_of_a_person_others_see_what_was_done_in_their_own_projects(limit):
    entries = history(3, ["mine", "theirs"])
    feed = ActivityFeed(FakeFeeds(entries), FakeDirectory("mine"))
    seen = all_pages(lambda below: feed.of_person(PLANNER, "karim", below=below, limit=limit))
    by_karim = [one for one in sorted(entries, key=position_of, reverse=True) if one.user == "karim"]
    assert seen == [one for one in by_karim if one.project == "mine"]
    assert all_pages(lambda below: feed.of_person(OWNER, "karim", below=below, limit=limit)) == by_karim


def test_looking_for_what_one_may_see_ends_with_a_cursor():
    entries = [entry("theirs", revision, f"2026-11-22T{revision:08d}") for revision in range(1, 3_001)]
    entries.append(entry("mine", 1, "2026-01-01"))
    feed = ActivityFeed(FakeFeeds(entries), FakeDirectory("mine"))
    page = feed.of_person(PLANNER, "karim", below=None, limit=5)
    assert page.entries == ()
    assert page.below is not None
    assert [one.project for one in all_pages(lambda b: feed.of_person(PLANNER, "karim", below=b, limit=5))] == ["mine"]
