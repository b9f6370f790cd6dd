"""Finding tasks, projects and people while typing."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from nirman.collaboration.messages.base import FromClient, Message, ProjectId

FoundKind = Literal["task", "project", "person"]


class Search(FromClient, frozen=True, tag="search"):
    """In all that one may see, or in one project: names that have every word of the text, or one that begins so."""

    text: Annotated[str, Meta(min_length=1, max_length=200)]
    kinds: Annotated[tuple[FoundKind, ...], Meta(min_length=1, max_length=3)] = ("task", "project", "person")
    project: ProjectId | None = None
    limit: Annotated[int, Meta(ge=1, le=50)] = 20


class Hit(Struct, frozen=True, omit_defaults=True):
    """`score` from 0 to 1, 1 is an exact match. A task has its `project`, its `uid` and the builder's own `code`, a
    person has `user`.
    """

    kind: FoundKind
    name: str
    score: float
    project: str | None = None
    project_name: str | None = None
    uid: int | None = None
    code: str | None = None
    user: str | None = None


class Found(Message, frozen=True, tag="found"):
    """Best first, as many as fit in a frame; `text` is what was looked for, so that a late answer is known."""

    id: str
    text: str
    hits: tuple[Hit, ...]
