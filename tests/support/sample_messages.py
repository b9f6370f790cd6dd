"""One of each message that a client can send, about a project with tasks 1 and 2."""

from __future__ import annotations

from typing import Any

from nirman.collaboration.messages import CLIENT_MESSAGES


def about(project: str, revision: int) -> dict[str, dict[str, Any]]:
    """By type, each without `id`; a message without a sample fails the tests that use this, so that none is forgotten.

    `revision` is one that the project has: the edit is a good one.
    """
    rename = {"op": "update", "kind": "task", "uid": 1, "values": {"name": "stolen"}}
    edit = {"command_id": "not-allowed", "base_revision": revision, "operations": [rename]}
    task = {"kind": "task", "uid": 1}
    fields: dict[str, dict[str, Any]] = {
        "join": {"revision": 0},
        "leave": {},
        "edit": {"command": edit},
        "undo": {"command_id": "undone"},
        "redo": {"command_id": "redone"},
        "ping": {},
        "look": {"looking": {"area": "gantt"}},
        "signal": {"selection": [1]},
        "search": {"text": "task"},
        "lock": task,
        "unlock": task,
        "take_over": {**task, "reason": "want it"},
        "beat": {},
    }
    missing = {str(kind.__struct_config__.tag) for kind in CLIENT_MESSAGES} ^ fields.keys()
    assert not missing, f"samples and messages differ by {missing}"
    return {kind: {"project": project, **more} for kind, more in fields.items()}
