"""People, projects and memberships in the plan table. Every read is consistent: a grant or its end holds at once."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeGuard, TypeVar

from nirman.aws import keys
from nirman.errors import InvalidInputError, NotFoundError
from nirman.tenancy.directory import MAX_LIMIT, Member, Page, Person, ProjectCard, as_listed
from nirman.tenancy.identity import Access, Permission, Principal, ProjectKey, Role, checked_id, lesser

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import QueryInputTypeDef

Item = Mapping[str, Any]
T = TypeVar("T")
_MANAGERS = (Role.OWNER, Role.ADMIN)
_WITH_PREFIX = "pk = :pk AND begins_with(sk, :prefix)"
_BATCH = 100
"""Items a BatchGetItem reads at most."""


class DynamoDirectory:
    """Port: `tenancy.directory.Directory`."""

    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def open(self, principal: Principal, project_id: str, permission: Permission = Permission.VIEW) -> Access:
        unknown = NotFoundError(f"there is no project {project_id!r}")
        try:
            key = ProjectKey(principal.tenant, checked_id(project_id, place="project"))
        except InvalidInputError:
            raise unknown from None
        wanted = [
            _key(keys.project(key), keys.HEAD),
            _key(keys.project(key), keys.member(principal.user)),
            _key(keys.tenant(key.tenant), keys.user_card(principal.user)),
        ]
        found = {item["sk"]["S"]: item for item in self._batch_get(wanted)}
        if not _exists(found.get(keys.HEAD)):
            raise unknown
        principal = _listed(principal, found)
        role = principal.role
        if role not in _MANAGERS:
            granted = found.get(keys.member(principal.user))
            if granted is None:
                raise unknown
            role = lesser(role, Role(granted["role"]["S"]))
        access = Access(key=key, principal=principal, role=role)
        access.require(permission)
        return access

    def projects(self, principal: Principal, *, limit: int = MAX_LIMIT, cursor: str | None = None) -> Page[ProjectCard]:
        manages = principal.role in _MANAGERS
        pk = keys.tenant(principal.tenant) if manages else keys.user(principal.tenant, principal.user)
        page = self._page(pk, keys.PROJECT_PREFIX, _identity, limit=limit, cursor=cursor)
        roles = {
            item["sk"]["S"].removeprefix(keys.PROJECT_PREFIX): principal.role
            if manages
            else lesser(principal.role, Role(item["role"]["S"]))
            for item in page.items
        }
        projects = [ProjectKey(principal.tenant, project) for project in roles]
        heads = {
            item["pk"]["S"]: item for item in self._batch_get([_key(keys.project(p), keys.HEAD) for p in projects])
        }
        cards = [
            _card(key.project, roles[key.project], head)
            for key in projects
            if _exists(head := heads.get(keys.project(key)))
        ]
        return Page(tuple(cards), page.cursor)

    def visible_among(self, principal: Principal, projects: Collection[ProjectKey]) -> frozenset[ProjectKey]:
        card = _key(keys.tenant(principal.tenant), keys.user_card(principal.user))
        wanted = [_membership(key, principal.user) for key in projects]
        found = {(item["pk"]["S"], item["sk"]["S"]): item for item in self._batch_get([card, *wanted])}
        listed = found.get((keys.tenant(principal.tenant), keys.user_card(principal.user)))
        manages = as_listed(principal, _person(listed) if listed else None).role in _MANAGERS
        member = keys.member(principal.user)
        return frozenset(
            key
            for key in projects
            if key.tenant == principal.tenant and (manages or (keys.project(key), member) in found)
        )

    def names(self, projects: Collection[ProjectKey]) -> Mapping[ProjectKey, str]:
        heads = {
            item["pk"]["S"]: item for item in self._batch_get([_key(keys.project(key), keys.HEAD) for key in projects])
        }
        return {key: heads[pk].get("name", {}).get("S", "") for key in projects if (pk := keys.project(key)) in heads}

    def members(self, key: ProjectKey) -> tuple[Member, ...]:
        granted = {
            item["sk"]["S"].removeprefix(keys.MEMBER_PREFIX): Role(item["role"]["S"])
            for item in self._query(keys.project(key), keys.MEMBER_PREFIX)
        }
        people = self._batch_get([_key(keys.tenant(key.tenant), keys.user_card(user)) for user in granted])
        names = {item["sk"]["S"].removeprefix(keys.USER_PREFIX): item["name"]["S"] for item in people}
        return tuple(Member(user, names.get(user, ""), role) for user, role in granted.items())

    def viewers_among(self, key: ProjectKey, people: Collection[Principal]) -> frozenset[Principal]:
        managers = {person.user for person in people if person.role in _MANAGERS}
        wanted = [_key(keys.project(key), keys.member(user)) for user in {person.user for person in people}]
        wanted += [_key(keys.tenant(key.tenant), keys.user_card(user)) for user in managers]
        found = {item["sk"]["S"]: item for item in self._batch_get(wanted)}

        def may_see(person: Principal) -> bool:
            manages = person.role in _MANAGERS and _listed(person, found).role in _MANAGERS
            return manages or keys.member(person.user) in found

        return frozenset(person for person in people if may_see(person))

    def users(self, tenant: str, *, limit: int = MAX_LIMIT, cursor: str | None = None) -> Page[Person]:
        return self._page(keys.tenant(tenant), keys.USER_PREFIX, _person, limit=limit, cursor=cursor)

    def person(self, tenant: str, user: str) -> Person | None:
        found = self._batch_get([_key(keys.tenant(tenant), keys.user_card(user))])
        return _person(found[0]) if found else None

    def put_user(self, tenant: str, person: Person) -> None:
        self._dynamodb.put_item(
            TableName=self._table,
            Item=_key(
                keys.tenant(checked_id(tenant, place="tenant")), keys.user_card(checked_id(person.user, place="user"))
            )
            | {"name": {"S": person.name}, "email": {"S": person.email}, "role": {"S": person.role.value}},
        )

    def _query(self, pk: str, prefix: str) -> Iterator[Item]:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            ConsistentRead=True,
            KeyConditionExpression=_WITH_PREFIX,
            ExpressionAttributeValues={":pk": {"S": pk}, ":prefix": {"S": prefix}},
        )
        for page in pages:
            yield from page["Items"]

    def _page(self, pk: str, prefix: str, read: Callable[[Item], T], *, limit: int, cursor: str | None) -> Page[T]:
        if not 1 <= limit <= MAX_LIMIT:
            raise InvalidInputError(f"must be 1 to {MAX_LIMIT}", place="limit")
        query: QueryInputTypeDef = {
            "TableName": self._table,
            "ConsistentRead": True,
            "Limit": limit,
            "KeyConditionExpression": _WITH_PREFIX,
            "ExpressionAttributeValues": {":pk": {"S": pk}, ":prefix": {"S": prefix}},
        }
        if cursor:
            # A cursor holds the sort key only, so one made up cannot leave the partition.
            query["ExclusiveStartKey"] = _key(pk, _sort_key(cursor, prefix))
        answer = self._dynamodb.query(**query)
        last = answer.get("LastEvaluatedKey")
        return Page(tuple(read(item) for item in answer["Items"]), _cursor(last["sk"]["S"]) if last else None)

    def _batch_get(self, wanted: list[dict[str, Any]]) -> list[Item]:
        """Those of the items that exist, in no order."""
        found: list[Item] = []
        for start in range(0, len(wanted), _BATCH):
            pending: Any = {self._table: {"Keys": wanted[start : start + _BATCH], "ConsistentRead": True}}
            while pending:
                answer = self._dynamodb.batch_get_item(RequestItems=pending)
                found += answer["Responses"].get(self._table, [])
                pending = answer.get("UnprocessedKeys")
        return found


def _key(pk: str, sk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def _membership(key: ProjectKey, user: str) -> dict[str, Any]:
    return _key(keys.project(key), keys.member(user))


def _listed(principal: Principal, found: Mapping[str, Item]) -> Principal:
    """With no more than the person's card, if it is among what was found, grants now."""
    card = found.get(keys.user_card(principal.user))
    return as_listed(principal, _person(card) if card else None)


def _exists(head: Item | None) -> TypeGuard[Item]:
    return head is not None and not head.get("deleted", {}).get("BOOL", False)


def _identity(item: Item) -> Item:
    return item


def _card(project: str, role: Role, head: Item) -> ProjectCard:
    return ProjectCard(
        project=project,
        name=head.get("name", {}).get("S", ""),
        role=role,
        revision=int(head["revision"]["N"]),
        updated_at=head["updated_at"]["S"],
    )


def _person(item: Item) -> Person:
    return Person(
        user=item["sk"]["S"].removeprefix(keys.USER_PREFIX),
        name=item["name"]["S"],
        email=item["email"]["S"],
        role=Role(item["role"]["S"]),
    )


def _cursor(sort_key: str) -> str:
    return base64.urlsafe_b64encode(sort_key.encode()).decode().rstrip("=")


def _sort_key(cursor: str, prefix: str) -> str:
    try:
        sort_key = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeError, ValueError):
        sort_key = ""
    if not sort_key.startswith(prefix):
        raise InvalidInputError("not a cursor that this list gave", place="cursor")
    return sort_key
