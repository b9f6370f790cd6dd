"""Every key of the tables and every name in the buckets.

Plan table (facts and read models; stream: new image)

| what                       | pk                      | sk                  |
|----------------------------|-------------------------|---------------------|
| head of a project's log    | T#tenant#P#project      | HEAD                |
| event of a revision        | T#tenant#P#project      | EVENT#000000000012  |
| command already done       | T#tenant#P#project      | COMMAND#id          |
| newest snapshot            | T#tenant#P#project      | SNAPSHOT            |
| members of a project       | T#tenant#P#project      | MEMBER#user         |
| projects of a tenant       | T#tenant                | PROJECT#project     |
| people of a tenant         | T#tenant                | USER#user           |
| projects of a person       | T#tenant#U#user         | PROJECT#project     |
| jobs of a tenant           | T#tenant#J              | JOB#job             |
| job asked for with a key   | T#tenant#J              | JOBKEY#sha256       |

Connections table (nothing in it outlives a day; TTL `expires`, checked on reading too)

| what                       | pk                      | sk                  |
|----------------------------|-------------------------|---------------------|
| one connection             | C#connection            | CONNECTION          |
| rooms of a connection      | C#connection            | ROOM#tenant#project |
| connections in a room      | T#tenant#R#project      | C#connection        |
| one-time ticket            | K#sha256 of the ticket  | TICKET              |

Tenants, projects and users have ids without `#` (`tenancy.identity.checked_id`), so no key of one can reach another's.
"""

from __future__ import annotations

from nirman.tenancy.identity import ProjectKey

HEAD = "HEAD"
SNAPSHOT = "SNAPSHOT"
CONNECTION = "CONNECTION"
TICKET = "TICKET"
EVENT_PREFIX = "EVENT#"
MEMBER_PREFIX = "MEMBER#"
PROJECT_PREFIX = "PROJECT#"
USER_PREFIX = "USER#"
JOB_PREFIX = "JOB#"
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


def connection(connection_id: str) -> str:
    return f"{CONNECTION_PREFIX}{connection_id}"


def room(key: ProjectKey) -> str:
    return f"T#{key.tenant}#R#{key.project}"


def joined_room(key: ProjectKey) -> str:
    return f"{ROOM_PREFIX}{key.tenant}#{key.project}"


def ticket(digest: str) -> str:
    return f"K#{digest}"


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
