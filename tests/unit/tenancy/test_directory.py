"""Who may enter which project, on a table as the template declares it."""

from datetime import UTC, datetime

import pytest

from nirman.aws import keys
from nirman.aws.directory import DynamoDirectory
from nirman.aws.memberships import DynamoMemberships
from nirman.aws.notes import DynamoNotes
from nirman.collaboration.messages import Note
from nirman.errors import BusyError, ForbiddenError, InvalidInputError, NotFoundError
from nirman.tenancy.directory import Member, Person
from nirman.tenancy.identity import Permission, PersonKey, Principal, ProjectKey, Role

TOWER = ProjectKey("dhaka", "tower")
SAID = {"by": "Amina", "at": datetime(2026, 11, 22, 4, 30, tzinfo=UTC)}


def person(role, user="rahima", tenant="dhaka"):
    return Principal(tenant=tenant, user=user, name=user.title(), role=role)


@pytest.fixture
def directory(dynamodb, plan_table):
    return DynamoDirectory(dynamodb, plan_table)


@pytest.fixture
def memberships(dynamodb, plan_table):
    return DynamoMemberships(dynamodb, plan_table)


@pytest.fixture
def project(dynamodb, plan_table):
    """Makes a project's head and card, as its first commit does."""

    def make(key=TOWER, *, deleted=False, name="দশতলা ভবন"):
        head = {"revision": {"N": "7"}, "updated_at": {"S": "2026-11-22T04:30:00Z"}, "deleted": {"BOOL": deleted}}
        for pk, sk, values in (
            (keys.project(key), keys.HEAD, head | {"name": {"S": name}}),
            (keys.tenant(key.tenant), keys.project_card(key.project), {}),
        ):
            dynamodb.put_item(TableName=plan_table, Item={"pk": {"S": pk}, "sk": {"S": sk}, **values})
        return key

    return make


@pytest.fixture
def member(directory, memberships):
    """Makes a person of the tenant a member of the project."""

    def make(role, user="rahima", key=TOWER):
        directory.put_user(key.tenant, Person(user, user.title(), f"{user}@example.com", Role.PLANNER))
        memberships.put(key, user, role, **SAID)

    return make


@pytest.mark.parametrize("role", [Role.OWNER, Role.ADMIN])
def test_owners_and_admins_enter_every_project_of_their_tenant(directory, project, role):
    project()
    access = directory.open(person(role), "tower", Permission.MANAGE)
    assert (access.key, access.role) == (TOWER, role)


@pytest.mark.parametrize("role", [Role.PLANNER, Role.MEMBER, Role.VIEWER])
def test_others_enter_only_where_they_are_members(directory, project, member, role):
    project()
    member(Role.PLANNER, user="karim")
    with pytest.raises(NotFoundError):
        directory.open(person(role), "tower")


def test_a_member_has_the_lesser_of_both_roles(directory, project, member):
    project()
    member(Role.PLANNER)
    assert directory.open(person(Role.VIEWER), "tower").role is Role.VIEWER
    assert directory.open(person(Role.PLANNER), "tower").role is Role.PLANNER
    member(Role.VIEWER)
    assert directory.open(person(Role.PLANNER), "tower").role is Role.VIEWER


def test_a_member_whose_role_is_too_low_is_told_so(directory, project, member):
    project()
    member(Role.VIEWER)
    with pytest.raises(ForbiddenError):
        directory.open(person(Role.PLANNER), "tower", Permission.EDIT)


@pytest.mark.parametrize("project_id", ["tower", "absent", "", "tower#x", "../tower", "x" * 65])
def test_a_project_of_another_tenant_cannot_be_told_from_none(directory, project, project_id):
    project()
    for role in Role:
        with pytest.raises(NotFoundError):
            directory.open(person(role, tenant="khulna"), project_id)


def test_a_deleted_project_cannot_be_entered_or_seen(directory, project, member):
    project()
    member(Role.PLANNER)
    project(deleted=True)
    for role in Role:
        with pytest.raises(NotFoundError):
            directory.open(person(role), "tower")
        assert directory.projects(person(role)).items == ()


def test_a_person_shut_out_is_out_at_once(directory, memberships, project, member):
    project()
    member(Role.PLANNER)
    memberships.remove(TOWER, "rahima", **SAID)
    with pytest.raises(NotFoundError):
        directory.open(person(Role.PLANNER), "tower")
    assert directory.projects(person(Role.PLANNER)).items == ()
    memberships.remove(TOWER, "rahima", **SAID)


def test_everyone_lists_only_the_projects_they_may_enter(directory, project, member):
    project()
    project(ProjectKey("dhaka", "bridge"), name="সেতু")
    project(ProjectKey("khulna", "jetty"))
    member(Role.PLANNER)
    assert [card.project for card in directory.projects(person(Role.ADMIN)).items] == ["bridge", "tower"]
    (card,) = directory.projects(person(Role.MEMBER)).items
    assert (card.project, card.name, card.role, card.revision) == ("tower", "দশতলা ভবন", Role.MEMBER, 7)
    assert directory.projects(person(Role.VIEWER, user="nobody")).items == ()


@pytest.mark.parametrize("role", [Role.OWNER, Role.MEMBER])
def test_pages_follow_one_another_without_gap_or_repetition(directory, project, member, role):
    names = [f"p-{number:02d}" for number in range(7)]
    for name in names:
        member(Role.VIEWER, key=project(ProjectKey("dhaka", name)))
    seen, cursor = [], None
    while True:
        page = directory.projects(person(role), limit=3, cursor=cursor)
        assert len(page.items) <= 3
        seen += [card.project for card in page.items]
        cursor = page.cursor
        if cursor is None:
            break
    assert seen == names


@pytest.mark.parametrize("cursor", ["!", "VVNFUiNyYWhpbWE", "ÿ", "a" * 5])
def test_a_made_up_cursor_is_refused(directory, cursor):
    with pytest.raises(InvalidInputError, match="cursor"):
        directory.projects(person(Role.OWNER), cursor=cursor)


@pytest.mark.parametrize("limit", [0, -1, 101])
def test_a_page_has_1_to_100_entries(directory, limit):
    with pytest.raises(InvalidInputError, match="limit"):
        directory.users("dhaka", limit=limit)


def test_members_are_listed_with_their_names(directory, project, member):
    project()
    member(Role.PLANNER)
    member(Role.VIEWER, user="karim")
    assert directory.members(TOWER) == (
        Member("karim", "Karim", Role.VIEWER),
        Member("rahima", "Rahima", Role.PLANNER),
    )


def test_of_many_people_those_who_may_see_the_project_are_told_apart(directory, project, member):
    project()
    member(Role.VIEWER)
    crowd = {person(Role.PLANNER, user=f"stranger-{number}") for number in range(150)}
    admins = {person(Role.ADMIN, user=f"admin-{number}") for number in range(60)}
    rahima = person(Role.MEMBER)
    assert directory.viewers_among(TOWER, crowd | admins | {rahima}) == admins | {rahima}
    assert directory.viewers_among(TOWER, crowd) == frozenset()
    assert directory.viewers_among(TOWER, ()) == frozenset()


def test_an_admin_whom_the_list_calls_less_now_sees_only_projects_of_which_they_are_a_member(
    directory, project, member
):
    project()
    admin = person(Role.ADMIN, user="karim")
    directory.put_user("dhaka", Person("karim", "Karim", "karim@example.com", Role.PLANNER))
    assert directory.viewers_among(TOWER, {admin}) == frozenset()
    with pytest.raises(NotFoundError):
        directory.open(admin, "tower")
    member(Role.PLANNER, user="karim")
    assert directory.viewers_among(TOWER, {admin}) == {admin}
    assert directory.open(admin, "tower").role is Role.PLANNER


@pytest.fixture
def told(dynamodb, plan_table):
    """What a person was told so far."""
    notes = DynamoNotes(dynamodb, plan_table, pauses=lambda: iter([None]))
    return lambda user="rahima": [
        one.note for one in notes.after(PersonKey("dhaka", user), 0, limit=99, now=SAID["at"]).notes
    ]


def test_every_change_of_a_membership_is_told_to_the_person_once(directory, memberships, project, member, told):
    project()
    for role in (Role.PLANNER, Role.PLANNER, Role.VIEWER):
        member(role)
    memberships.remove(TOWER, "rahima", **SAID)
    memberships.remove(TOWER, "rahima", **SAID)
    at = "2026-11-22T04:30:00.000+00:00"
    assert told() == [
        Note("membership", at, by="Amina", project="tower", role=role) for role in ("planner", "viewer", "")
    ]
    assert told("amina") == []


def test_a_membership_that_is_refused_is_told_to_nobody(directory, memberships, project, told):
    directory.put_user("dhaka", Person("rahima", "Rahima", "rahima@example.com", Role.PLANNER))
    with pytest.raises(NotFoundError):
        memberships.put(TOWER, "rahima", Role.VIEWER, **SAID)
    assert told() == []


def test_a_membership_changed_by_somebody_else_meanwhile_is_busy_and_told_once(
    directory, memberships, project, member, told, dynamodb, monkeypatch
):
    project()
    member(Role.PLANNER)
    transact = dynamodb.transact_write_items

    def late(**arguments):
        monkeypatch.setattr(dynamodb, "transact_write_items", transact)
        memberships.remove(TOWER, "rahima", **SAID)
        return transact(**arguments)

    monkeypatch.setattr(dynamodb, "transact_write_items", late)
    with pytest.raises(BusyError):
        memberships.put(TOWER, "rahima", Role.VIEWER, **SAID)
    assert [note.role for note in told()] == ["planner", ""]
    assert directory.members(TOWER) == ()


def test_a_person_told_two_things_at_once_hears_both(
    directory, memberships, project, member, told, dynamodb, monkeypatch
):
    project()
    bridge = project(ProjectKey("dhaka", "bridge"))
    directory.put_user("dhaka", Person("rahima", "Rahima", "rahima@example.com", Role.PLANNER))
    transact = dynamodb.transact_write_items

    def late(**arguments):
        monkeypatch.setattr(dynamodb, "transact_write_items", transact)
        memberships.put(bridge, "rahima", Role.VIEWER, **SAID)
        return transact(**arguments)

    monkeypatch.setattr(dynamodb, "transact_write_items", late)
    memberships.put(TOWER, "rahima", Role.VIEWER, **SAID)
    assert [note.project for note in told()] == ["bridge", "tower"]


def test_of_many_projects_those_that_a_person_may_see_are_told_apart(directory, project, member):
    projects = {project(ProjectKey("dhaka", f"p-{number}")) for number in range(120)}
    jetty = project(ProjectKey("khulna", "p-1"))
    member(Role.VIEWER, key=ProjectKey("dhaka", "p-7"))
    everything = projects | {jetty}
    assert directory.visible_among(person(Role.PLANNER), everything) == {ProjectKey("dhaka", "p-7")}
    assert directory.visible_among(person(Role.OWNER, user="karim"), everything) == projects
    assert directory.visible_among(person(Role.OWNER), everything) == {ProjectKey("dhaka", "p-7")}  # listed as less
    assert directory.visible_among(person(Role.OWNER, user="karim"), ()) == frozenset()


def test_projects_are_named_deleted_ones_too(directory, project):
    project()
    bridge = project(ProjectKey("dhaka", "bridge"), deleted=True, name="সেতু")
    assert directory.names([TOWER, bridge, ProjectKey("dhaka", "absent")]) == {TOWER: "দশতলা ভবন", bridge: "সেতু"}


def test_only_people_of_the_tenant_can_become_members(directory, memberships, project):
    project()
    directory.put_user("khulna", Person("karim", "Karim", "karim@example.com", Role.OWNER))
    with pytest.raises(NotFoundError):
        memberships.put(TOWER, "karim", Role.VIEWER, **SAID)
    assert directory.members(TOWER) == ()


def test_a_project_that_is_not_there_has_no_members(directory, memberships, project):
    directory.put_user("dhaka", Person("karim", "Karim", "karim@example.com", Role.OWNER))
    for key in (TOWER, project(deleted=True)):
        with pytest.raises(NotFoundError):
            memberships.put(key, "karim", Role.VIEWER, **SAID)


def test_people_of_a_tenant_are_listed_and_changed(directory):
    directory.put_user("dhaka", Person("karim", "Karim", "karim@example.com", Role.VIEWER))
    directory.put_user("dhaka", Person("karim", "করিম", "karim@example.com", Role.PLANNER))
    directory.put_user("khulna", Person("rahima", "Rahima", "rahima@example.com", Role.OWNER))
    assert directory.users("dhaka").items == (Person("karim", "করিম", "karim@example.com", Role.PLANNER),)


@pytest.mark.parametrize("user", ["a#b", "", "HEAD#", "x" * 65])
def test_a_user_id_that_could_reach_another_key_is_refused(directory, memberships, user):
    with pytest.raises(InvalidInputError):
        directory.put_user("dhaka", Person(user, "Name", "a@example.com", Role.VIEWER))
    with pytest.raises(InvalidInputError):
        memberships.put(TOWER, user, Role.VIEWER, **SAID)
    with pytest.raises(InvalidInputError):
        memberships.remove(TOWER, user, **SAID)
