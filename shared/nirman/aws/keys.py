"""Every key of the tables and every name in the buckets.

Plan table (facts and read models; stream: new image)

| what                       | pk                      | sk                  |
|----------------------------|-------------------------|---------------------|
| head of a project's log    | T#tenant#P#project      | HEAD                |
| event of a revision        | T#tenant#P#project      | EVENT#000000000012  |
| command already done       | T#tenant#P#project      | COMMAND#id          |
| newest snapshot            | T#tenant#P#project      | SNAPSHOT            |
| locks that were taken over | T#tenant#P#project      | TAKEOVER#000000000000012 |
| members of a project       | T#tenant#P#project      | MEMBER#user         |
| projects of a tenant       | T#tenant                | PROJECT#project     |
| people of a tenant         | T#tenant                | USER#user           |
| limits of a tenant         | T#tenant                | PLAN                |
| projects of a person       | T#tenant#U#user         | PROJECT#project     |
| jobs of a tenant           | T#tenant#J              | JOB#job             |
| job asked for with a key   | T#tenant#J              | JOBKEY#sha256       |
| optimizations not over     | T#tenant#J              | UNFINISHED          |
| head of a log of notes     | T#tenant#N, T#tenant#U#user#N | NOTES         |
| note of a revision         | the same; TTL `expires` | NOTE#000000000012   |
| note already written       | the same; TTL `expires` | NOTEID#id           |

Connections table (nothing in it outlives a day; TTL `expires`, checked on reading too)

| what                       | pk                      | sk                  |
|----------------------------|-------------------------|---------------------|
| one connection             | C#connection            | CONNECTION          |
| rooms of a connection      | C#connection            | ROOM#tenant#P#project, ROOM#tenant#U#user, ROOM#tenant#T |
| connections in a room      | T#tenant#R#project, T#tenant#U#user#R, T#tenant#R | C#crc32#connection |
| what a room was told last  | T#tenant#B#project      | PRESENCE            |
| who sends its signals next | T#tenant#B#project      | TURN                |
| what a socket shows there  | T#tenant#B#project      | C#connection        |
| who came there, who left   | T#tenant#B#project      | CAME#0001793512800000#000000000012 |
| connections of a tenant    | T#tenant#C              | user#connection     |
| what may still be said     | T#tenant#U#user#edits, T#tenant#C#connection#messages or #refused | ALLOWANCE |
| one-time ticket            | K#sha256 of the ticket  | TICKET              |
| locks of a project         | T#tenant#R#project#L    | LOCKS               |

Read models table (made from the plan table and no source of anything: `nirman rebuild` makes it again)

| what                       | pk                      | sk                  |
|----------------------------|-------------------------|---------------------|
| how far a project's are    | T#tenant#P#project      | STANDING            |
| names of its tasks, rest   | T#tenant#P#project      | TASKS#000, REST#000 |
| its members' ids           | T#tenant#P#project      | MEMBERS             |
| what happened in it        | T#tenant#P#project      | ACTIVITY#time#project#000000000012 |
| what happened in a tenant  | T#tenant                | the same            |
| what a person did          | T#tenant#U#user         | the same            |
| names of a tenant's people | T#tenant                | PEOPLE              |

Tenants, projects and users have ids without `#` (`tenancy.identity.checked_id`), so no key of one can reach another's.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from nirman.tenancy.identity import PersonKey, ProjectKey, TenantKey

if TYPE_CHECKING:  # the authorizer needs keys, but nothing of rooms
    from nirman.collaboration.ports import NoteRoom, Room, Span

HEAD = "HEAD"
SNAPSHOT = "SNAPSHOT"
CONNECTION = "CONNECTION"
TICKET = "TICKET"
PRESENCE = "PRESENCE"
TURN = "TURN"
ANNOUNCED_PREFIX = "CAME#"
LOCKS = "LOCKS"
PLAN = "PLAN"
ALLOWANCE = "ALLOWANCE"
TAKE_OVER_PREFIX = "TAKEOVER#"
EVENT_PREFIX = "EVENT#"
MEMBER_PREFIX = "MEMBER#"
PROJECT_PREFIX = "PROJECT#"
USER_PREFIX = "USER#"
JOB_PREFIX = "JOB#"
UNFINISHED = "UNFINISHED"
NOTES_HEAD = "NOTES"
NOTE_PREFIX = "NOTE#"
STANDING = "STANDING"
MEMBERS = "MEMBERS"
PEOPLE = "PEOPLE"
TASKS_PREFIX = "TASKS#"
REST_PREFIX = "REST#"
ACTIVITY_PREFIX = "ACTIVITY#"
ROOM_PREFIX = "ROOM#"
CONNECTION_PREFIX = "C#"


def tenant(tenant_id: str) -> str:
    return f"T#{tenant_id}"


def project(key: ProjectKey) -> str:
    return f"T#{key.tenant}#P#{key.project}"


def user(tenant_id: str, user_id: str) -> str:
    return f"T#{tenant_id}#U#{user_id}"


def jobs(tenant_id: str) -> str:
    return f"T#{tenant_id}#J"


def event(revision: int) -> str:
    return f"{EVENT_PREFIX}{revision:012d}"


def command(command_id: str) -> str:
    return f"COMMAND#{command_id}"


def member(user_id: str) -> str:
    return f"{MEMBER_PREFIX}{user_id}"


def project_card(project_id: str) -> str:
    return f"{PROJECT_PREFIX}{project_id}"


def user_card(user_id: str) -> str:
    return f"{USER_PREFIX}{user_id}"


def job(job_id: str) -> str:
    return f"{JOB_PREFIX}{job_id}"


def job_key(digest: str) -> str:
    """Of the project and the idempotency key; leads to the job made then."""
    return f"JOBKEY#{digest}"


def notes(place: NoteRoom) -> str:
    match place:
        case PersonKey(tenant, user):
            return f"T#{tenant}#U#{user}#N"
        case TenantKey(tenant):
            return f"T#{tenant}#N"


def notes_of(pk: str) -> NoteRoom:
    """The room that `notes` made this of."""
    match pk.split("#"):
        case ["T", tenant, "U", user, "N"]:
            return PersonKey(tenant, user)
        case ["T", tenant, "N"]:
            return TenantKey(tenant)
    raise ValueError(f"no notes are kept at {pk}")


def note(revision: int) -> str:
    return f"{NOTE_PREFIX}{revision:012d}"


def note_revision(sort_key: str) -> int:
    """The revision that `note` made this of."""
    return int(sort_key.removeprefix(NOTE_PREFIX))


def note_id(given: str) -> str:
    return f"NOTEID#{given}"


def connection(connection_id: str) -> str:
    return f"{CONNECTION_PREFIX}{connection_id}"


def occupant(connection_id: str) -> str:
    """In a room: in the order of a hash of the connections, so that a big room can be read in parts of equal size."""
    return f"{CONNECTION_PREFIX}{zlib.crc32(connection_id.encode()):08x}#{connection_id}"


def occupants(span: Span) -> tuple[str, str]:
    """Bounds of the sort keys of those in a span, both inclusive; the last sign is above all those of ids."""
    return f"{CONNECTION_PREFIX}{span.first:08x}#", f"{CONNECTION_PREFIX}{span.end - 1:08x}#~"


def occupant_hash(sort_key: str) -> int:
    return int(sort_key.split("#", 2)[1], 16)


def occupant_id(sort_key: str) -> str:
    return sort_key.split("#", 2)[2]


def tenant_connections(tenant_id: str) -> str:
    return f"T#{tenant_id}#C"


def connection_of(user_id: str, connection_id: str) -> str:
    """Sorts by person."""
    return f"{user_id}#{connection_id}"


def connections_after(user_id: str) -> str:
    """Behind all connections of a person, before those of the next."""
    return f"{user_id}$"


def listed_connection(sort_key: str) -> str:
    """The connection that `connection_of` made this of."""
    return sort_key.partition("#")[2]


def room(place: Room) -> str:
    match place:
        case ProjectKey(tenant, project):
            return f"T#{tenant}#R#{project}"
        case PersonKey(tenant, user):
            return f"T#{tenant}#U#{user}#R"
        case TenantKey(tenant):
            return f"T#{tenant}#R"


def board(key: ProjectKey) -> str:
    """Beside the room, whose items are read at each broadcast."""
    return f"T#{key.tenant}#B#{key.project}"


def announced(at_ms: int, number: int = 0) -> str:
    """In the order of the milliseconds at which they were written."""
    return f"{ANNOUNCED_PREFIX}{at_ms:016}#{number:012}"


def joined_room(place: Room) -> str:
    match place:
        case ProjectKey(tenant, project):
            return f"{ROOM_PREFIX}{tenant}#P#{project}"
        case PersonKey(tenant, user):
            return f"{ROOM_PREFIX}{tenant}#U#{user}"
        case TenantKey(tenant):
            return f"{ROOM_PREFIX}{tenant}#T"


def room_joined(sort_key: str) -> Room:
    """The room that `joined_room` made this of."""
    match sort_key.removeprefix(ROOM_PREFIX).split("#"):
        case [tenant, "P", project]:
            return ProjectKey(tenant, project)
        case [tenant, "U", user]:
            return PersonKey(tenant, user)
        case [tenant, "T"]:
            return TenantKey(tenant)
    raise ValueError(f"no room: {sort_key}")


def locks(key: ProjectKey) -> str:
    return f"T#{key.tenant}#R#{key.project}#L"


def take_over(token: int) -> str:
    return f"{TAKE_OVER_PREFIX}{token:015d}"


def allowance(bucket: str) -> str:
    """Of a token bucket; its name begins with the tenant."""
    return f"T#{bucket}"


def ticket(digest: str) -> str:
    return f"K#{digest}"


def part(prefix: str, number: int) -> str:
    """One of the items that hold a project's names."""
    return f"{prefix}{number:03d}"


def activity(ordered_at: str, project_id: str = "", revision: int | None = None) -> str:
    """Of an entry of a feed; without a revision what comes before all entries of that time (and project)."""
    below = "" if not project_id else f"#{project_id}" if revision is None else f"#{project_id}#{revision:012d}"
    return f"{ACTIVITY_PREFIX}{ordered_at}{below}"


def project_key(pk: str) -> ProjectKey | None:
    """The project of a partition; None for other partitions."""
    match pk.split("#"):
        case ["T", tenant_id, "P", project_id]:
            return ProjectKey(tenant_id, project_id)
    return None


def tenant_id(pk: str) -> str | None:
    """The tenant of its own partition; None for other partitions."""
    match pk.split("#"):
        case ["T", tenant_id]:
            return tenant_id
    return None


def body_object(key: ProjectKey, name: str) -> str:
    """Plan bucket: the body of an event too large for an item."""
    return f"tenants/{key.tenant}/projects/{key.project}/bodies/{name}"


def snapshot_object(key: ProjectKey, revision: int) -> str:
    """Plan bucket: the plan as of a revision."""
    return f"tenants/{key.tenant}/projects/{key.project}/snapshots/{revision:012d}"


def import_object(key: ProjectKey, import_id: str) -> str:
    """Files bucket: an uploaded file; only its own project reaches it."""
    return f"tenants/{key.tenant}/imports/{key.project}/{import_id}"


def export_object(tenant_id: str, job_id: str, name: str) -> str:
    """Files bucket: a file made for download."""
    return f"tenants/{tenant_id}/exports/{job_id}/{name}"


def job_object(tenant_id: str, job_id: str, name: str) -> str:
    """Files bucket: what an optimization made, to be fetched, applied or put together."""
    return f"tenants/{tenant_id}/jobs/{job_id}/{name}"
