"""Search through the socket's messages: only what the seeker may see, whoever else's names are alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from nirman.aws import keys
from nirman.aws.names import DynamoNames
from nirman.collaboration.messages import MAX_FRAME_BYTES, Found, Search, encode
from nirman.collaboration.ports import Connection
from nirman.errors import NotFoundError
from nirman.planning.commands import Create, Delete, Update
from nirman.planning.model import Kind, Project
from nirman.search.answers import SearchAnswers
from nirman.search.service import SearchService
from nirman.tenancy.directory import Person
from nirman.tenancy.identity import Access, Principal, ProjectKey, Role
from tests.builders.plans import working_week
from tests.support.read_models import feed, record
from tests.unit.projection.conftest import KARIM, TOWER, Works, works

__all__ = ["works"]

NOW = datetime(2026, 11, 22, tzinfo=UTC)
BRIDGE = ProjectKey("padma", "bridge")
SALMA = Principal("padma", "salma", "Salma Begum", Role.PLANNER)
JAMAL = Principal("padma", "jamal", "Jamal", Role.VIEWER)
RIVAL = Principal("meghna", "karim", "Karim", Role.OWNER)


class Office:
    """Two projects and three people of one tenant, a project and an owner of another."""

    def __init__(self, works: Works, dynamodb: Any, table: str) -> None:
        self.works = works
        for who in (KARIM, SALMA, JAMAL, RIVAL):
            person = Person(who.user, who.name, f"{who.user}@{who.tenant}.example", who.role)
            works.directory.put_user(who.tenant, person)
        for who, project, name in ((KARIM, "bridge", "Pile bridge"), (RIVAL, "tower", "Pile tower of Meghna")):
            settings = Project(name=name, start=datetime(2026, 11, 22, 8, 0))
            works.plans.create(who, project, settings, [working_week()], command_id="made")
        works.commit(task(1, "Pile boring"), task(2, "ছাদ ঢালাই"))
        works.commit(task(1, "Pile driving"), key=BRIDGE)
        works.commit(task(1, "Pile secret"), key=ProjectKey("meghna", "tower"), who=RIVAL)
        self.let_in("salma", TOWER)
        self.follow()
        self.service = SearchService(DynamoNames(dynamodb, table), works.directory)

    def let_in(self, user: str, key: ProjectKey) -> None:
        self.works.memberships.put(key, user, Role.PLANNER, by="Karim", at=NOW)

    def follow(self) -> None:
        for key in (TOWER, BRIDGE, ProjectKey("meghna", "tower")):
            head = self.works.plans.head(key)
            pk = keys.project(key)
            feed(self.works.projector, [record(pk, keys.event(head)), record(pk, keys.member("anyone"))])
        feed(self.works.projector, [record(keys.tenant(name), keys.user_card("x")) for name in ("padma", "meghna")])

    def names(self, seeker: Principal, text: str, project: str | None = None) -> set[str]:
        kinds = ("task", "project", "person")
        return {hit.name for hit in self.service.find(seeker, text, kinds=kinds, project=project, limit=50)}


def task(uid: int, name: str, **values: Any) -> Create:
    return Create(Kind.TASK, {"name": name, **values}, uid)


@pytest.fixture
def office(works: Works, dynamodb: Any, read_models_table: str) -> Office:
    return Office(works, dynamodb, read_models_table)


def test_an_owner_finds_tasks_projects_and_people_of_the_tenant_alone(office):
    assert office.names(KARIM, "pile") == {"Pile boring", "Pile driving", "Pile bridge"}
    assert office.names(KARIM, "jamal") == {"Jamal"}
    assert office.names(RIVAL, "pile") == {"Pile secret", "Pile tower of Meghna"}
    assert office.names(RIVAL, "salma") == set()


def test_a_member_finds_what_is_in_their_projects_and_who(office):
    assert office.names(SALMA, "pile") == {"Pile boring"}
    assert office.names(SALMA, "করিম") == {"করিম"}  # the maker of the tower is a member of it
    assert office.names(SALMA, "jamal") == set()
    assert office.names(SALMA, "salma") == {"Salma Begum"}


def test_who_is_in_no_project_finds_only_themselves(office):
    assert office.names(JAMAL, "pile") == office.names(JAMAL, "tower") == set()
    assert office.names(JAMAL, "jamal") == {"Jamal"}


def test_being_let_in_and_shut_out_holds_at_once(office):
    office.let_in("jamal", BRIDGE)
    assert office.names(JAMAL, "pile") == {"Pile driving", "Pile bridge"}
    office.works.memberships.remove(BRIDGE, "jamal", by="Karim", at=NOW)
    assert office.names(JAMAL, "pile") == set()


def test_in_one_project_only_what_belongs_to_it_is_found(office):
    assert office.names(KARIM, "pile", "bridge") == {"Pile driving", "Pile bridge"}
    assert office.names(KARIM, "jamal", "bridge") == set()
    for project in ("bridge", "nowhere"):
        with pytest.raises(NotFoundError):
            office.names(SALMA, "pile", project)


def test_a_warm_service_finds_what_was_renamed_added_and_removed_since(office):
    assert office.names(KARIM, "boring") == {"Pile boring"}
    office.works.commit(Update(Kind.TASK, 1, {"name": "Piling", "code": "A1020"}), task(3, "Boring log"))
    office.works.commit(Delete(Kind.TASK, 2))
    office.follow()
    assert office.names(KARIM, "boring") == {"Boring log"}
    assert office.names(KARIM, "a1020") == {"Piling"}
    assert office.names(KARIM, "ঢালাই") == set()


def test_a_project_that_was_deleted_is_not_found(office):
    head = office.works.plans.head(BRIDGE)
    office.works.plans.delete(Access(BRIDGE, KARIM, KARIM.role), command_id="end", expected_revision=head)
    assert office.names(KARIM, "pile") == {"Pile boring"}


def said(office: Office, seeker: Principal, **message: Any) -> Found:
    answers = SearchAnswers(lambda: office.service).answers()
    decoded = msgspec.convert({"type": "search", "id": "7", **message}, Search)
    return answers[Search](Connection("c", seeker, NOW + timedelta(hours=1)), decoded)  # type: ignore[return-value]


def test_the_answer_on_a_socket_says_what_and_where(office):
    found = said(office, SALMA, text="boring", kinds=["task"])
    assert (found.id, found.text) == ("7", "boring")
    [hit] = found.hits
    assert (hit.kind, hit.name, hit.project, hit.project_name, hit.uid) == ("task", "Pile boring", "tower", "Tower", 1)


def test_the_answer_on_a_socket_fits_in_a_frame(office):
    office.works.commit(*(task(uid, "Pile " + "ভ" * 400, code="ভ" * 400) for uid in range(10, 70)))
    office.follow()
    found = said(office, KARIM, text="pile", limit=50)
    assert 20 < len(found.hits) < 50
    assert len(encode(found)) <= MAX_FRAME_BYTES
