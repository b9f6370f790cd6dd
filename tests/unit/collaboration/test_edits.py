"""Undo and redo over a socket."""

from __future__ import annotations

from nirman.collaboration.messages import Ack, Error
from nirman.errors import ConflictError, FieldConflict
from nirman.tenancy.identity import ProjectKey
from tests.fakes.rooms import KEY, Stage


def test_an_undo_and_a_redo_are_acknowledged_with_what_they_take_back(stage: Stage) -> None:
    stage.connect("a", "amina")
    stage.plans.append(KEY, 3)
    undone = stage.say("a", type="undo", project="tower", command_id="u1", revision=2)
    assert isinstance(undone, Ack)
    assert (undone.command_id, undone.revision, undone.undoes, undone.redoes) == ("u1", 4, 2, None)
    again = stage.say("a", type="redo", project="tower", command_id="r1")
    assert isinstance(again, Ack)
    assert (again.revision, again.undoes, again.redoes) == (5, None, 4)


def test_a_refused_undo_says_both_values(stage: Stage) -> None:
    stage.connect("a", "amina")
    conflict = FieldConflict("task", 1, "name", "mine", "before", "theirs", "Karim", "2026-11-01T09:00:00Z", 3)
    stage.plans.refuse = ConflictError((conflict,), head=3)
    answer = stage.say("a", type="undo", project="tower", command_id="u1")
    assert isinstance(answer, Error)
    assert answer.details["conflicts"][0]["theirs"] == "theirs"


def test_nobody_undoes_in_a_project_they_are_not_in(stage: Stage) -> None:
    stage.connect("a", "amina")
    stage.directory.grant(ProjectKey("dhaka", "bridge"), "bashir")
    for type_ in ("undo", "redo"):
        answer = stage.say("a", type=type_, project="bridge", command_id="u1")
        assert isinstance(answer, Error)
        assert answer.code == "not-found"
