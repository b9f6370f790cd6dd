"""`nirman rebuild` on tables in memory."""

from __future__ import annotations

from typing import Any

import pytest

from nirman.aws import keys
from nirman.cli.main import main
from nirman.local import rebuild as command
from tests.builders.plans import working_week
from tests.support.read_models import event_record, feed, record
from tests.unit.projection.conftest import KARIM, TOWER, Works, works

__all__ = ["works"]


@pytest.fixture
def kept(works: Works, dynamodb: Any, s3: Any, read_models_table: str, plan_table: str, monkeypatch: Any) -> Works:
    """A tenant with two projects, and the read models of one; the command finds them."""
    works.plans.create(KARIM, "bridge", works.plans.read(TOWER).plan.project, [working_week()], command_id="made")
    batch = [event_record(TOWER, 1), record(keys.project(TOWER), keys.member("karim"))]
    feed(works.projector, [*batch, record("T#padma", keys.user_card("karim"))])
    outputs = {"PlanTable": plan_table, "PlanBucket": "plan-bucket", "ReadModelsTable": read_models_table}
    monkeypatch.setattr(command, "_here", lambda: (outputs, dynamodb, s3))
    return works


def spoil(works: Works, dynamodb: Any, table: str) -> None:
    for pk, sk in works.kept():
        dynamodb.delete_item(TableName=table, Key={"pk": {"S": pk}, "sk": {"S": sk}})
    assert works.kept() == {}


def test_all_is_made_again_from_the_logs(kept, dynamodb, read_models_table, capsys):
    before = kept.kept()
    spoil(kept, dynamodb, read_models_table)
    assert main(["rebuild"]) == 0
    after = kept.kept()
    assert {place: after[place] for place in before} == before
    assert capsys.readouterr().out.splitlines() == [
        "padma bridge: 1 revisions",
        "padma tower: 1 revisions",
        "padma: people",
    ]


def test_of_one_project_nothing_else_is_touched(kept, capsys):
    assert main(["rebuild", "--tenant", "padma", "--project", "bridge"]) == 0
    assert capsys.readouterr().out == "padma bridge: 1 revisions\n"


def test_of_another_tenant_nothing_is_touched(kept, capsys):
    before = kept.kept()
    assert main(["rebuild", "--tenant", "meghna"]) == 0
    assert (kept.kept(), capsys.readouterr().out) == (before, "")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--project", "tower"], "--project needs --tenant"),
        (["--tenant", "padma", "--project", "nowhere"], "tenant padma has no project nowhere"),
    ],
)
def test_what_cannot_be_is_one_line(kept, arguments, told, capsys):
    assert main(["rebuild", *arguments]) == 2
    assert told in capsys.readouterr().err
