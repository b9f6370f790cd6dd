"""Who may enter which project, on a table as the template declares it."""

import pytest

from nirman.aws import keys
from nirman.aws.directory import DynamoDirectory
from nirman.errors import ForbiddenError, InvalidInputError, NotFoundError
from nirman.tenancy.directory import Member, Person
from nirman.tenancy.identity import Permission, Principal, ProjectKey, Role

TOWER = ProjectKey("dhaka", "tower")


def person(role, user="rahima", tenant="dhaka"):
    return Principal(tenant=tenant, user=user, name=user.title(), role=role)


@pytest.fixture
def directory(dynamodb, plan_table):
    return DynamoDirectory(dynamodb, plan_table)


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
def member(directory):
    """Makes a person of the tenant a member of the project."""

    def make(role, user="rahima", key=TOWER):
        directory.put_user(key.tenant, Person(user, user.title(), f"{user}@example.com", Role.PLANNER))
        directory.put_member(key, user, role)

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


def test_a_person_shut_out_is_out_at_once(directory, project, member):
    project()
    member(Role.PLANNER)
    directory.remove_member(TOWER, "rahima")
    with pytest.raises(NotFoundError):
        directory.open(person(Role.PLANNER), "tower")
    assert directory.projects(person(Role.PLANNER)).items == ()
    directory.remove_member(TOWER, "rahima")


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


def test_only_people_of_the_tenant_can_become_members(directory, project):
    project()
    directory.put_user("khulna", Person("karim", "Karim", "karim@example.com", Role.OWNER))
    with pytest.raises(NotFoundError):
        directory.put_member(TOWER, "karim", Role.VIEWER)
    assert directory.members(TOWER) == ()


def test_a_project_that_is_not_there_has_no_members(directory, project):
    directory.put_user("dhaka", Person("karim", "Karim", "karim@example.com", Role.OWNER))
    for key in (TOWER, project(deleted=True)):
        with pytest.raises(NotFoundError):
            directory.put_member(key, "karim", Role.VIEWER)


def test_people_of_a_tenant_are_listed_and_changed(directory):
    directory.put_user("dhaka", Person("karim", "Karim", "karim@example.com", Role.VIEWER))
    directory.put_user("dhaka", Person("karim", "করিম", "karim@example.com", Role.PLANNER))
    directory.put_user("khulna", Person("rahima", "Rahima", "rahima@example.com", Role.OWNER))
    assert directory.users("dhaka").items == (Person("karim", "করিম", "karim@example.com", Role.PLANNER),)


@pytest.mark.parametrize("user", ["a#b", "", "HEAD#", "x" * 65])
def test_a_user_id_that_could_reach_another_key_is_refused(directory, user):
    with pytest.raises(InvalidInputError):
        directory.put_user("dhaka", Person(user, "Name", "a@example.com", Role.VIEWER))
    with pytest.raises(InvalidInputError):
        directory.put_member(TOWER, user, Role.VIEWER)
    with pytest.raises(InvalidInputError):
        directory.remove_member(TOWER, user)
