"""Imports and exports from the call that asks for them to the file, on tables, bucket and queue in memory."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import msgspec
import pytest
import requests

from functions.documents import handler as documents
from nirman.aws.container import Container
from nirman.interchange import FORMATS, read_plan, write_plan
from nirman.interchange.result import ImportResult
from nirman.jobs.service import MAX_RECEIVES
from nirman.planning.model import Plan, Resource
from nirman.planning.schedule import schedule_plan
from tests.builders.plans import make_link, make_plan, make_task
from tests.support.faults import Calls, CountedClient, Killed
from tests.support.http import LambdaContext
from tests.support.template import ROOT
from tests.support.world import PLANNER, World

BRIDGE = make_plan([make_task(1, name="পাইল"), make_task(2, name="Deck")], [make_link(1, 1, 2)], name="Bridge")


def sqs_event(*bodies: str, receives: int = 1) -> dict[str, Any]:
    return {
        "Records": [
            {
                "messageId": f"m{number}",
                "receiptHandle": "r",
                "body": body,
                "attributes": {"ApproximateReceiveCount": str(receives)},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:jobs",
                "awsRegion": "us-east-1",
            }
            for number, body in enumerate(bodies)
        ]
    }


@dataclass
class Desk:
    """A planner's calls, and the worker that gets the messages."""

    world: World
    monkeypatch: pytest.MonkeyPatch

    def __post_init__(self) -> None:
        self.api = self.world.api.as_(PLANNER)
        self.use(self.world.container)

    def use(self, container: Container) -> None:
        self.monkeypatch.setattr(documents, "container", lambda: container)

    def messages(self) -> list[str]:
        sqs, url = self.world.container.sqs, self.world.container.settings.jobs_queue_url
        answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        return [message["Body"] for message in answer.get("Messages", [])]

    def work(self, *bodies: str, receives: int = 1) -> Any:
        """The messages that did not succeed."""
        answer = documents.handler(sqs_event(*bodies, receives=receives), LambdaContext())
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def upload(self, data: bytes, name: str) -> str:
        made = self.api.post(f"{self.world.path}/imports", {"name": name})
        assert made.status == 201, made.body
        form = made.json["upload"]
        assert requests.post(form["url"], form["fields"], files={"file": data}, timeout=5).status_code == 204
        return str(made.json["id"])

    def run(self, import_id: str, **body: Any) -> dict[str, Any]:
        """The job as it is when the worker has had its message."""
        asked = self.api.post(f"{self.world.path}/imports/{import_id}/run", body)
        assert asked.status == 202, asked.body
        assert self.work(*self.messages()) == []
        return self.job(asked.json["id"])

    def job(self, job_id: str) -> dict[str, Any]:
        job: dict[str, Any] = self.api.get(f"/v1/jobs/{job_id}").json
        return job

    @property
    def plan(self) -> Plan:
        return self.world.container.plans.read(self.world.key).plan


@pytest.fixture
def desk(world: World, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(world, monkeypatch)


def as_json(plan: Plan) -> bytes:
    return write_plan(plan, schedule_plan(plan), "json")


def test_a_dry_run_reports_and_changes_nothing_and_the_same_upload_is_then_imported(desk: Desk) -> None:
    before, revision = desk.plan, desk.world.revision
    upload = desk.upload(as_json(BRIDGE), "সেতু.json")

    dry = desk.run(upload)
    assert (dry["state"], dry["progress"], dry["error"]) == ("succeeded", 100, None)
    assert dry["result"]["importable"] is True
    assert dry["result"]["counts"]["tasks"] == 2
    assert dry["result"]["finish"] == schedule_plan(BRIDGE).project_finish.isoformat()
    assert (desk.plan, desk.world.revision) == (before, revision)

    real = desk.run(upload, dry_run=False, base_revision=revision)
    assert (real["state"], real["result"]["revision"]) == ("succeeded", revision + 1)
    assert desk.plan == BRIDGE
    [event] = desk.api.get(f"{desk.world.path}/events", after=revision).json["events"]
    assert (event["type"], event["source"], event["user"]) == ("plan.replaced", "সেতু.json", "rahim")


@pytest.mark.parametrize(("format_", "kept"), [("mspdi", True), ("json", False)])
def test_labels_stay_where_the_file_has_no_place_for_them(desk: Desk, format_: str, kept: bool) -> None:
    world = desk.world
    labelled = {"op": "update", "kind": "task", "uid": 1, "add": {"labels": ["wet"]}}
    done = desk.api.post(f"{world.path}/commands", {"operations": [labelled]}, base_revision=world.revision)
    assert done.status == 200, done.body
    import_id = desk.upload(write_plan(BRIDGE, schedule_plan(BRIDGE), format_), f"bridge.{FORMATS[format_].extension}")
    told = [
        desk.run(import_id, **body)["result"]["findings"]
        for body in ({"dry_run": True}, {"dry_run": False, "base_revision": done.json["revision"]})
    ]
    assert [any("keep theirs" in finding["text"] for finding in findings) for findings in told] == [kept, kept]
    assert desk.api.get(f"{world.path}/tasks/1").json["labels"] == (["wet"] if kept else [])


def test_a_real_run_must_say_which_plan_it_replaces(desk: Desk) -> None:
    upload = desk.upload(as_json(BRIDGE), "plan.json")
    answer = desk.api.post(f"{desk.world.path}/imports/{upload}/run", {"dry_run": False})
    assert (answer.status, desk.messages()) == (428, [])


def test_an_import_over_somebody_elses_newer_edit_fails_and_says_so(desk: Desk) -> None:
    upload, revision = desk.upload(as_json(BRIDGE), "plan.json"), desk.world.revision
    desk.api.patch(f"{desk.world.path}/tasks/1", {"name": "Boring"}, base_revision=revision)
    before = desk.plan
    job = desk.run(upload, dry_run=False, base_revision=revision)
    assert (job["state"], job["error"]["code"]) == ("failed", "conflict")
    assert job["error"]["details"]["head"] == revision + 1
    assert desk.plan == before


def test_an_import_stops_where_its_author_lost_the_right_to_it(desk: Desk) -> None:
    upload, revision = desk.upload(as_json(BRIDGE), "plan.json"), desk.world.revision
    asked = desk.api.post(f"{desk.world.path}/imports/{upload}/run", {"dry_run": False, "base_revision": revision})
    desk.world.api.put(f"{desk.world.path}/members/rahim", {"role": "viewer"})
    desk.work(*desk.messages())
    assert desk.job(asked.json["id"])["error"]["code"] == "forbidden"
    assert desk.world.revision == revision


def test_a_file_that_is_no_plan_fails_with_place_and_rule(desk: Desk) -> None:
    job = desk.run(desk.upload(b"\x00\x01not a plan", "picture.png"))
    assert (job["state"], job["error"]["code"]) == ("failed", "unreadable-file")
    assert job["error"]["details"]["place"] == "picture.png"
    assert job["error"]["details"]["rule"]


def cyclic() -> bytes:
    return as_json(make_plan(2, [make_link(1, 1, 2)])).replace(
        b'"links":[', b'"links":[{"uid":2,"predecessor_uid":2,"successor_uid":1},', 1
    )


def test_a_plan_that_cannot_be_is_reported_by_the_dry_run_and_refused_by_the_real_one(desk: Desk) -> None:
    upload, revision = desk.upload(cyclic(), "cycle.json"), desk.world.revision
    dry = desk.run(upload)
    assert (dry["state"], dry["result"]["importable"]) == ("succeeded", False)
    assert dry["result"]["finding_counts"]["error"] == 1
    real = desk.run(upload, dry_run=False, base_revision=revision)
    assert (real["state"], real["error"]["code"]) == ("failed", "invalid-plan")
    assert real["result"]["findings"] == dry["result"]["findings"]
    assert desk.world.revision == revision


def test_a_dry_run_holds_a_plan_against_the_same_rules_as_the_real_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    dangling = make_plan(1, resources=[Resource(uid=1, calendar_uid=99)])
    monkeypatch.setattr("functions.documents.work.read_plan", lambda *_: ImportResult(dangling))
    job = desk.run(desk.upload(b"{}", "plan.json"))
    assert job["result"]["importable"] is False
    assert "99" in job["result"]["findings"][0]["text"]


@pytest.mark.parametrize("when", ["read_plan", "replace"])
def test_an_import_is_cancelled_before_it_replaces_the_plan_or_not_at_all(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    upload, revision = desk.upload(as_json(BRIDGE), "plan.json"), desk.world.revision
    plans = desk.world.container.plans
    job_id = ""

    def cancelling(call: Callable[..., Any]) -> Callable[..., Any]:
        def cancel_then(*arguments: Any) -> Any:
            desk.api.post(f"/v1/jobs/{job_id}/cancel")
            return call(*arguments)

        return cancel_then

    if when == "replace":
        monkeypatch.setattr(plans, "replace", cancelling(plans.replace))
    else:
        monkeypatch.setattr("functions.documents.work.read_plan", cancelling(read_plan))
    asked = desk.api.post(f"{desk.world.path}/imports/{upload}/run", {"dry_run": False, "base_revision": revision})
    job_id = asked.json["id"]
    assert desk.work(*desk.messages()) == []
    ended = {"read_plan": ("cancelled", revision), "replace": ("succeeded", revision + 1)}
    assert (desk.job(job_id)["state"], desk.world.revision) == ended[when]


def test_nothing_uploaded_is_said_to_be_so(desk: Desk) -> None:
    made = desk.api.post(f"{desk.world.path}/imports", {"name": "plan.xml"})
    assert desk.run(made.json["id"])["error"]["code"] == "not-found"


def test_a_file_above_the_limit_is_not_read(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = desk.upload(as_json(BRIDGE), "plan.json")
    monkeypatch.setattr("functions.documents.work.MAX_FILE_BYTES", 100)
    assert desk.run(upload)["error"]["code"] == "limit-exceeded"


def test_an_upload_of_one_project_cannot_be_run_in_another(desk: Desk) -> None:
    upload = desk.upload(as_json(BRIDGE), "plan.json")
    other = desk.world.api.post("/v1/projects", {"name": "Other", "start": "2026-01-04T08:00:00"}).headers["location"]
    asked = desk.world.api.post(f"{other}/imports/{upload}/run", {})
    desk.work(*desk.messages())
    assert desk.world.api.get(f"/v1/jobs/{asked.json['id']}").json["error"]["code"] == "not-found"


def test_a_long_report_is_cut_in_the_job_and_whole_in_a_file(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.documents.work.MAX_FINDINGS", 0)
    job = desk.run(desk.upload(cyclic(), "cycle.json"))
    assert (job["result"]["findings"], job["result"]["findings_left_out"]) == ([], 1)
    whole = requests.get(job["download"]["url"], timeout=5).json()
    assert [finding["severity"] for finding in whole["findings"]] == ["error"]


@pytest.mark.parametrize("format_", [name for name, known in FORMATS.items() if known.writer])
def test_an_export_is_a_file_to_download_under_the_projects_name(desk: Desk, format_: str) -> None:
    desk.world.api.patch(f"{desk.world.path}", {"name": "সেতু / Bridge"}, base_revision=desk.world.revision)
    asked = desk.api.post(f"{desk.world.path}/exports", {"format": format_})
    assert desk.work(*desk.messages()) == []
    job = desk.job(asked.json["id"])
    assert (job["state"], job["error"]) == ("succeeded", None)
    assert job["result"] == {"revision": desk.world.revision}
    name = f"সেতু Bridge.{FORMATS[format_].extension}"
    assert job["download"]["name"] == name
    answer = requests.get(job["download"]["url"], timeout=5)
    assert answer.headers["content-type"] == FORMATS[format_].media_type
    assert unquote(answer.headers["content-disposition"]) == f"attachment; filename*=UTF-8''{name}"
    if FORMATS[format_].reader:
        assert len(read_plan(answer.content, name).plan.tasks) == 3  # type: ignore[union-attr]


def test_an_export_that_is_cancelled_while_it_is_written_leaves_no_file(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = desk.api.post(f"{desk.world.path}/exports", {"format": "json"})

    def cancelling(*arguments: Any) -> bytes:
        desk.api.post(f"/v1/jobs/{asked.json['id']}/cancel")
        return write_plan(*arguments)

    monkeypatch.setattr("functions.documents.work.write_plan", cancelling)
    assert desk.work(*desk.messages()) == []
    assert desk.job(asked.json["id"])["state"] == "cancelled"
    assert desk.job(asked.json["id"])["download"] is None
    assert desk.world.container.s3.list_objects_v2(Bucket="files-bucket")["KeyCount"] == 0


def test_one_bad_message_fails_alone(desk: Desk) -> None:
    asked = desk.api.post(f"{desk.world.path}/exports", {"format": "json"})
    assert desk.work("not a message", *desk.messages()) == ["m0"]
    assert desk.job(asked.json["id"])["state"] == "succeeded"


def test_a_message_about_a_job_that_is_not_there_is_dropped(desk: Desk) -> None:
    assert desk.work(msgspec.json.encode({"tenant": "padma", "job": "none"}).decode()) == []


def test_the_sample_event_is_accepted(desk: Desk) -> None:
    event = json.loads((ROOT / "events/documents/job.json").read_text())
    assert documents.handler(event, LambdaContext()) == {"batchItemFailures": []}


def test_what_was_not_foreseen_comes_again_and_on_the_last_delivery_the_job_fails(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = desk.api.post(f"{desk.world.path}/exports", {"format": "json"})
    message = desk.messages()

    def broken(*_: Any) -> bytes:
        raise RuntimeError("secret of the house")

    monkeypatch.setattr("functions.documents.work.write_plan", broken)
    assert desk.work(*message, receives=MAX_RECEIVES) == ["m0"]
    job = desk.job(asked.json["id"])
    assert (job["state"], job["error"]["code"]) == ("failed", "internal")
    assert "secret" not in str(job)


class Doomed(Container):
    """Its worker is killed at one call to the table or the bucket."""

    def __init__(self, whole: Container, calls: Calls) -> None:
        super().__init__(whole.settings)
        self.dynamodb = CountedClient(whole.dynamodb, calls)  # type: ignore[assignment]
        self.s3 = CountedClient(whole.s3, calls)  # type: ignore[assignment]


def start_import(desk: Desk) -> str:
    upload = desk.upload(as_json(BRIDGE), "plan.json")
    body = {"dry_run": False, "base_revision": desk.world.revision}
    return str(desk.api.post(f"{desk.world.path}/imports/{upload}/run", body).json["id"])


def start_export(desk: Desk) -> str:
    return str(desk.api.post(f"{desk.world.path}/exports", {"format": "json"}).json["id"])


@pytest.mark.slow
@pytest.mark.parametrize("start", [start_import, start_export])
@pytest.mark.parametrize("after_effect", [False, True], ids=["before", "after"])
def test_a_worker_killed_at_any_call_is_followed_by_one_that_finishes_the_job_once(
    desk: Desk, start: Callable[[Desk], str], after_effect: bool
) -> None:
    struck, at = True, 0
    while struck:
        revision = desk.world.revision
        job_id = start(desk)
        message = desk.messages()
        calls = Calls(at, after_effect=after_effect)
        desk.use(Doomed(desk.world.container, calls))
        killed = False
        try:
            # The lease ends with the worker: the message comes back later than that.
            documents.handler(sqs_event(*message), LambdaContext(remaining_s=0))
        except Killed:
            killed = True
        struck = calls.struck
        assert killed == struck
        desk.use(desk.world.container)
        assert desk.work(*message, receives=2) == []
        job = desk.job(job_id)
        assert job["state"] == "succeeded", (at, calls.made, job)
        assert desk.world.revision - revision == (1 if start is start_import else 0), (at, calls.made)
        at += 1
    assert at > 8
    assert at == len(calls.made) + 1
