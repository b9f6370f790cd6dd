"""JSON keeps everything, and refuses what it does not know."""

from __future__ import annotations

import json

import pytest

from nirman.errors import UnreadableFileError
from nirman.interchange.json_format import read_json, write_json
from nirman.planning.schedule import schedule_plan
from tests.builders.plans import make_link, make_plan
from tests.unit.interchange.examples import rich_plan, tracked_plan


def written(plan) -> dict:
    return json.loads(write_json(plan, schedule_plan(plan)))


def read(document: dict):
    return read_json(json.dumps(document).encode())


def test_a_plan_comes_back_equal():
    for plan in (rich_plan(), tracked_plan()):
        assert read(written(plan)).plan == plan


def test_computed_dates_are_there_for_other_programs():
    document = written(make_plan(2, [make_link(1, 1, 2)]))
    assert document["schedule"]["finish"] == "2026-01-05T17:00:00"
    assert [task["start"] for task in document["schedule"]["tasks"]] == ["2026-01-04T08:00:00", "2026-01-05T08:00:00"]


def test_names_stay_readable():
    assert "ভিত্তি খনন / Foundation excavation" in write_json(rich_plan(), schedule_plan(rich_plan())).decode()


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda d: d.update(version=2), r"\$\.version"),
        (lambda d: d.update(format="other"), r"\$\.format"),
        (lambda d: d.update(extra=1), "extra"),
        (lambda d: d["plan"]["tasks"][1].update(colour="red"), r"plan\.tasks\[1\]\.colour"),
        (lambda d: d["plan"]["tasks"][1].update(duration_minutes=-1), r"tasks\[.*\]\.duration_minutes"),
        (lambda d: d["plan"]["tasks"][1].update(uid=1), r"plan\.tasks\[1\]\.uid.*twice"),
        (lambda d: d["plan"]["tasks"][0].update(deadline="2026-01-01T08:00:00+06:00"), "timezone.*deadline"),
        (lambda d: d["plan"]["tasks"][0].update(fixed_cost="NaN"), "fixed_cost.*number"),
        (lambda d: d["plan"]["project"].update(start="yesterday"), "start"),
        (lambda d: d.pop("plan"), "plan"),
    ],
)
def test_what_breaks_a_rule_is_refused_with_its_place(change, place):
    document = written(make_plan(2))
    change(document)
    with pytest.raises(UnreadableFileError, match=place):
        read(document)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"plan": ' + b"[" * 200_000])
def test_what_is_no_such_document_is_refused(data):
    with pytest.raises(UnreadableFileError):
        read_json(data)


def test_a_circle_of_links_is_a_finding_and_no_plan():
    document = written(make_plan(2, [make_link(1, 1, 2)]))
    document["plan"]["links"].append({"uid": 2, "predecessor_uid": 2, "successor_uid": 1})
    result = read(document)
    assert result.plan is None
    assert result.errors[0].rule == "impossible-plan"


def test_a_link_to_nowhere_is_a_finding_and_no_plan():
    document = written(make_plan(2))
    document["plan"]["links"].append({"uid": 1, "predecessor_uid": 1, "successor_uid": 99})
    result = read(document)
    assert result.plan is None
    assert result.errors[0].place == "link 1.successor_uid"
