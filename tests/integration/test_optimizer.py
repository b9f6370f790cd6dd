"""Optimizations from the call that asks for them to the revision they become, on tables, bucket and queue in memory."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, fields
from typing import Any, Self

import msgspec
import pytest
import requests

from functions.optimizer import handler as optimizer
from functions.optimizer import sharing, work
from nirman.aws import keys
from nirman.aws.container import Container
from nirman.aws.plan_log import event_from_image
from nirman.collaboration.relay import frames_by_room
from nirman.jobs.job import Job, JobKind
from nirman.jobs.optimizations import OPTIMIZERS
from nirman.jobs.service import MAX_RECEIVES
from nirman.jobs.watch import Watch
from nirman.optimization.conflicts import conflicts
from nirman.optimization.levelling import level
from nirman.optimization.simulation import levelled
from nirman.planning.commands import MAX_OPERATIONS, Replacement
from nirman.planning.model import Assignment, Resource
from nirman.planning.schedule import schedule_plan
from nirman.tenancy.identity import Access
from nirman.tenancy.limits import Limits
from tests.builders.plans import make_plan
from tests.support.faults import Calls, CountedClient, Killed
from tests.support.http import Answer, LambdaContext
from tests.support.template import ROOT
from tests.support.world import OWNER, PLANNER, VIEWER, World

LEVEL: dict[str, Any] = {"kind": "level", "options": {"time_limit_s": 60, "workers": 1}}
QUEUE = "arn:aws:sqs:us-east-1:123456789012:optimizations"


def sqs_event(*messages: dict[str, str], receives: int = 1) -> dict[str, Any]:
    return {
        "Records": [
            {
                "messageId": f"m{number}",
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": {"ApproximateReceiveCount": str(receives)},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": QUEUE,
                "awsRegion": "us-east-1",
            }
            for number, message in enumerate(messages)
        ]
    }


@dataclass
class Bench:
    """A planner's calls, and the worker that gets the messages; tasks 4 and 5 both want the one crane at once."""

    world: World
    monkeypatch: pytest.MonkeyPatch

    def __post_init__(self) -> None:
        self.api = self.world.api.as_(PLANNER)
        self.use(self.world.container)
        create = [
            *({"op": "create", "kind": "task", "uid": uid, "values": {"name": f"Lift {uid}"}} for uid in (4, 5)),
            *({"op": "create", "kind": "assignment", "values": {"task_uid": uid, "resource_uid": 1}} for uid in (4, 5)),
        ]
        self.commit(*create)

    def use(self, container: Container) -> None:
        self.monkeypatch.setattr(optimizer, "container", lambda: container)

    def commit(self, *operations: dict[str, Any]) -> Answer:
        done = self.api.post(
            f"{self.world.path}/commands", {"operations": operations}, base_revision=self.world.revision
        )
        assert done.status == 200, done.body
        return done

    def ask(self, body: dict[str, Any], **more: Any) -> str:
        asked = self.api.post(f"{self.world.path}/optimizations", body, **more)
        assert asked.status == 202, asked.body
        assert asked.headers["location"] == f"/v1/jobs/{asked.json['id']}"
        return str(asked.json["id"])

    def messages(self) -> list[dict[str, str]]:
        url = self.world.container.settings.optimization_queue_url
        answer: Any = self.world.container.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        return list(answer.get("Messages", []))

    def work(self, *messages: dict[str, str], receives: int = 1, remaining_s: float = 100) -> list[str]:
        """The messages that did not succeed."""
        event = sqs_event(*messages, receives=receives)
        answer = optimizer.handler(event, LambdaContext(remaining_s=remaining_s))
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def run(self, body: dict[str, Any]) -> dict[str, Any]:
        """The job as it is when the worker has had its message."""
        job_id = self.ask(body)
        assert self.work(*self.messages()) == []
        return self.job(job_id)

    def job(self, job_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.api.get(f"/v1/jobs/{job_id}").json
        return found

    def apply(self, job_id: str, **body: Any) -> Answer:
        return self.api.post(f"{self.world.path}/optimizations/{job_id}/apply", body)

    def overloaded(self) -> int:
        return int(self.api.get(f"{self.world.path}/conflicts").json["count"])


@pytest.fixture
def bench(world: World, monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(world, monkeypatch)


def test_a_levelling_is_computed_then_applied_as_one_revision(bench: Bench) -> None:
    assert bench.overloaded() > 0
    before = bench.world.revision
    job = bench.run(LEVEL)
    assert (job["state"], job["error"], job["progress"], job["applicable"]) == ("succeeded", None, 100, True)
    assert (job["result"]["revision"], job["result"]["cut_short"], job["result"]["complete"]) == (before, None, True)
    assert bench.world.revision == before, "nothing changes before somebody applies it"

    done = bench.apply(job["id"])
    assert (done.status, done.json["revision"], done.json["repeated"]) == (200, before + 1, False)
    assert done.json["project_finish"] == job["result"]["finish"]
    assert bench.overloaded() == 0
    [event] = bench.api.get(f"{bench.world.path}/events", after=before).json["events"]
    assert (event["type"], event["source"], event["user"]) == (
        "plan.changed",
        f"levelling of revision {before}",
        "rahim",
    )


@pytest.mark.slow
def test_a_levelling_of_ten_thousand_tasks_is_one_revision(bench: Bench) -> None:
    """More changes than one request may ask for by hand; the room gets one frame that says to fetch what happened."""
    crews = [Resource(uid=uid, name=f"Crew {uid}") for uid in range(1, 51)]
    assignments = [Assignment(uid=uid, task_uid=uid, resource_uid=1 + uid % 50) for uid in range(1, 10_001)]
    plan = make_plan(10_000, resources=crews, assignments=assignments)
    world, before = bench.world, bench.world.revision
    access = Access(world.key, OWNER, OWNER.role)
    world.container.plans.replace(access, Replacement(command_id="all", base_revision=before, plan=plan))

    job = bench.run(LEVEL)
    assert (job["state"], job["result"]["status"], job["result"]["complete"]) == ("succeeded", "optimal", False)
    done = bench.apply(job["id"])
    assert (done.status, done.json["revision"]) == (200, before + 2)
    assert done.json["project_finish"] == job["result"]["finish"]

    [event] = world.container.plans.events(world.key, after=before + 1).events
    assert len(event.changes) > MAX_OPERATIONS
    assert bench.overloaded() == 0
    table = world.container.settings.plan_table
    key = {"pk": {"S": keys.project(world.key)}, "sk": {"S": keys.event(before + 2)}}
    stored = event_from_image(world.container.dynamodb.get_item(TableName=table, Key=key)["Item"])
    [frame] = frames_by_room([stored], [])[world.key]
    assert json.loads(frame)["fetch"] is True


def test_applied_twice_it_is_one_revision(bench: Bench) -> None:
    job = bench.run(LEVEL)
    first, again = bench.apply(job["id"]), bench.apply(job["id"])
    assert (again.status, again.json["revision"], again.json["repeated"]) == (200, first.json["revision"], True)
    assert bench.world.revision == first.json["revision"]


def test_the_whole_result_is_a_file_without_the_changes(bench: Bench) -> None:
    job = bench.run(LEVEL)
    told = requests.get(job["download"]["url"], timeout=5).json()
    assert told["finish"] == job["result"]["finish"]
    assert [moved["uid"] for moved in told["moved"]] == [moved["uid"] for moved in job["result"]["moved"]]
    assert "operations" not in told


def test_what_others_changed_that_has_nothing_to_do_with_it_is_merged(bench: Bench) -> None:
    job = bench.run(LEVEL)
    bench.commit({"op": "update", "kind": "task", "uid": 4, "values": {"name": "Lift the pump"}})
    bench.commit({"op": "update", "kind": "task", "uid": 3, "values": {"duration_minutes": 960}})
    done = bench.apply(job["id"])
    assert (done.status, done.json["merged"]) == (200, True)
    assert bench.api.get(f"{bench.world.path}/tasks/4").json["name"] == "Lift the pump"


def test_where_what_it_rests_on_was_changed_it_says_so_with_both_values(bench: Bench) -> None:
    job = bench.run(LEVEL)
    moved = job["result"]["moved"][0]["uid"]
    bench.commit({"op": "update", "kind": "task", "uid": moved, "values": {"duration_minutes": 4800}})
    refused = bench.apply(job["id"])
    assert (refused.status, refused.json["code"]) == (409, "outdated")
    told = {(one["field"], one["yours"], one["theirs"], one["by"]) for one in refused.json["conflicts"]}
    assert ("duration_minutes", 480, 4800, "Rahim") in told
    assert bench.world.revision == job["result"]["revision"] + 1

    anyway = bench.apply(job["id"], although_outdated=True)
    assert (anyway.status, anyway.json["merged"]) == (200, True)


def test_the_same_field_changed_by_others_is_a_conflict_even_then(bench: Bench) -> None:
    job = bench.run(LEVEL)
    delayed = next(moved["uid"] for moved in job["result"]["moved"] if moved["delay_minutes"])
    bench.commit({"op": "update", "kind": "task", "uid": delayed, "values": {"leveling_delay_minutes": 60}})
    refused = bench.apply(job["id"], although_outdated=True)
    assert (refused.status, refused.json["code"]) == (409, "conflict")
    [conflict] = refused.json["conflicts"]
    assert (conflict["field"], conflict["base"], conflict["theirs"]) == ("leveling_delay_minutes", 0, 60)


def test_it_is_computed_on_the_revision_that_was_asked_for(bench: Bench) -> None:
    asked = bench.world.revision
    bench.commit({"op": "update", "kind": "resource", "uid": 1, "values": {"max_units": 9}})
    assert bench.run(LEVEL | {"base_revision": asked})["result"]["moved"] != []
    assert bench.run(LEVEL)["result"]["moved"] == []


def test_what_moves_nothing_cannot_be_applied(bench: Bench) -> None:
    bench.commit({"op": "update", "kind": "resource", "uid": 1, "values": {"max_units": 9}})
    job = bench.run(LEVEL)
    assert job["applicable"] is False
    refused = bench.apply(job["id"])
    assert (refused.status, refused.json["place"]) == (422, "optimization")


def test_what_the_levelling_assumed_is_told_with_it(bench: Bench) -> None:
    bench.commit({"op": "update", "kind": "resource", "uid": 1, "values": {"can_level": False}})
    job = bench.run(LEVEL)
    assert job["result"]["notes"] == ["no resource of the plan lets itself be levelled (can_level), so all of them are"]


def test_the_same_key_is_the_same_job(bench: Bench) -> None:
    key = {"headers": {"Idempotency-Key": "one"}}
    assert bench.ask(LEVEL, **key) == bench.ask(LEVEL, **key)


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"kind": "level", "options": {"time_limit_s": 0}}, "options.time_limit_s"),
        ({"kind": "level", "options": {"budget": "5"}}, "options"),
        ({"kind": "crystal ball"}, "kind"),
        ({"kind": "level", "base_revision": 999}, "base_revision"),
        ({"kind": "compress", "options": {"budget": "5", "curve": True}}, "options"),
        ({"kind": "compress", "options": {"budget": "-5"}}, "options.budget"),
        ({"kind": "allocate", "options": {"task_uids": [99]}}, "options.task_uids"),
        ({"kind": "alternatives", "options": {"resource_uid": 99}}, "options.resource_uid"),
        ({"kind": "simulate", "options": {"spread_below_percent": 5}}, "options.spread_above_percent"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_its_place(bench: Bench, body: dict[str, Any], place: str) -> None:
    refused = bench.api.post(f"{bench.world.path}/optimizations", body)
    assert (refused.status, refused.json["code"], refused.json["place"]) == (422, "invalid", place)
    assert bench.messages() == []


def test_no_more_are_asked_for_at_once_than_the_tenants_plan_says(bench: Bench) -> None:
    bench.world.subscribe(Limits(name="small", optimizations_per_project=1))
    first = bench.ask(LEVEL, headers={"Idempotency-Key": "one"})
    refused = bench.api.post(f"{bench.world.path}/optimizations", {"kind": "alternatives"})
    assert (refused.status, refused.json["code"]) == (429, "limit-exceeded")
    assert (refused.json["what"], refused.json["limit"]) == ("optimizations", 1)
    assert bench.ask(LEVEL, headers={"Idempotency-Key": "one"}) == first
    assert bench.api.post(f"{bench.world.path}/exports", {"format": "json"}).status == 202

    assert bench.work(bench.messages()[0]) == []
    assert bench.ask(LEVEL) != first


def test_of_a_plan_that_is_scheduled_from_its_finish_it_is_refused_at_once(bench: Bench) -> None:
    values = {"schedule_from": "finish", "finish": "2026-03-01T17:00:00"}
    bench.commit({"op": "update", "kind": "project", "uid": 0, "values": values})
    for kind in ("level", "allocate", "compress", "simulate"):
        refused = bench.api.post(f"{bench.world.path}/optimizations", {"kind": kind})
        assert (refused.status, refused.json["place"]) == (422, "project.schedule_from"), kind
        assert "schedule it from its start" in refused.json["rule"]


def test_optimizations_are_listed_without_other_jobs(bench: Bench) -> None:
    bench.api.post(f"{bench.world.path}/exports", {"format": "json"})
    ids = [bench.ask(LEVEL), bench.ask({"kind": "alternatives"})]
    listed = bench.api.as_(VIEWER).get(f"{bench.world.path}/optimizations").json["items"]
    assert [job["id"] for job in listed] == ids[::-1]
    levellings = bench.api.get(f"{bench.world.path}/optimizations", kind="level").json["items"]
    assert [job["id"] for job in levellings] == ids[:1]


def ways_out(bench: Bench) -> dict[str, Any]:
    return bench.run({"kind": "alternatives", "options": {"limit": 1}})


def test_of_several_ways_out_of_a_conflict_one_is_chosen_and_applied(bench: Bench) -> None:
    job, revision = ways_out(bench), bench.world.revision
    assert (job["state"], job["error"], job["applicable"]) == ("succeeded", None, True)
    best = job["result"]["conflicts"][0]["alternatives"][0]
    refused = bench.apply(job["id"])
    assert (refused.status, refused.json["place"]) == (422, "alternative")
    assert best["id"] in refused.json["rule"]
    done = bench.apply(job["id"], alternative=best["id"])
    assert (done.status, done.json["revision"], done.json["project_finish"]) == (
        200,
        revision + 1,
        best["finish_after"],
    )
    assert bench.apply(job["id"], alternative=best["id"]).json["repeated"] is True
    [event] = bench.api.get(f"{bench.world.path}/events", after=revision).json["events"]
    assert event["source"] == f"alternative of revision {revision}"


def test_an_allocation_gives_tasks_to_who_can_do_them_as_well(bench: Bench) -> None:
    crane = {"skills": ["lifting"], "standard_rate": "900"}
    mobile = crane | {"name": "Mobile crane", "standard_rate": "700"}
    bench.commit(
        {"op": "update", "kind": "resource", "uid": 1, "values": crane},
        {"op": "create", "kind": "resource", "uid": 2, "values": mobile},
    )
    job = bench.run({"kind": "allocate", "options": {"minimise": "cost", "time_limit_s": 3, "workers": 1}})
    assert (job["state"], job["error"], job["applicable"]) == ("succeeded", None, True)
    assert {one["to_uid"] for one in job["result"]["reassigned"]} == {2}
    assert bench.apply(job["id"]).status == 200
    assigned = bench.api.get(f"{bench.world.path}/assignments").json["items"]
    assert 2 in {one["resource_uid"] for one in assigned}


def test_a_compression_buys_the_way_to_a_date(bench: Bench) -> None:
    crash = {"points": [{"duration_minutes": 240, "cost": "500"}]}
    bench.commit({"op": "update", "kind": "task", "uid": 2, "values": {"crash": crash}})
    job = bench.run({"kind": "compress", "options": {"finish": "2026-01-06T12:00:00", "time_limit_s": 5}})
    assert (job["state"], job["error"], job["applicable"]) == ("succeeded", None, True)
    assert (job["result"]["status"], job["result"]["after"]["finish"]) == ("optimal", "2026-01-06T12:00:00")
    done = bench.apply(job["id"])
    assert (done.status, done.json["project_finish"]) == (200, "2026-01-06T12:00:00")


def test_another_projects_job_is_not_applied_here(bench: Bench) -> None:
    job = bench.run(LEVEL)
    other = bench.world.api.post("/v1/projects", {"name": "Bridge", "start": "2026-01-04T08:00:00"})
    answer = bench.world.api.post(f"{other.headers['location']}/optimizations/{job['id']}/apply", {})
    assert answer.status == 404


def cancelling(bench: Bench, job_id: str) -> Callable[..., Any]:
    """The levelling, during which somebody cancels."""

    def use_case(plan: Any, options: Any, **how: Any) -> Any:
        bench.api.post(f"/v1/jobs/{job_id}/cancel")
        return level(plan, options, **how)

    return use_case


def instead_of_levelling(bench: Bench, use_case: Callable[..., Any]) -> None:
    optimization = OPTIMIZERS[JobKind.LEVEL]

    class Other(type(optimization)):  # type: ignore[misc]
        def use_case(self) -> Any:
            return use_case

    other = Other(**{field.name: getattr(optimization, field.name) for field in fields(optimization)})
    bench.monkeypatch.setattr(work, "OPTIMIZERS", {**OPTIMIZERS, JobKind.LEVEL: other})


def test_cancelled_it_keeps_the_best_answer_and_leaves_the_plan_alone(bench: Bench) -> None:
    job_id, revision = bench.ask(LEVEL), bench.world.revision
    instead_of_levelling(bench, cancelling(bench, job_id))
    assert bench.work(*bench.messages()) == []
    job = bench.job(job_id)
    assert (job["state"], job["result"]["cut_short"], job["applicable"]) == ("cancelled", "cancelled", True)
    assert bench.world.revision == revision
    assert bench.apply(job_id).status == 200
    assert bench.overloaded() == 0


def test_cancelled_before_it_begins_nothing_is_computed(bench: Bench) -> None:
    job_id = bench.ask(LEVEL)
    bench.api.post(f"/v1/jobs/{job_id}/cancel")
    instead_of_levelling(bench, lambda *_, **__: pytest.fail("it was cancelled"))
    assert bench.work(*bench.messages()) == []
    assert bench.job(job_id)["result"] is None


def test_before_the_end_of_the_function_the_search_stops_and_says_so(bench: Bench) -> None:
    job_id = bench.ask({"kind": "level", "options": {"time_limit_s": 600}})
    assert bench.work(*bench.messages(), remaining_s=work.LAST_S) == []
    job = bench.job(job_id)
    assert (job["state"], job["result"]["cut_short"]) == ("succeeded", "out_of_time")


def test_what_is_found_while_it_runs_is_told(bench: Bench) -> None:
    store, told = bench.world.container.job_store, []
    save = store.save

    def watched(job: Job) -> None:
        save(job)
        told.append(job.headway)

    def use_case(plan: Any, options: Any, **how: Any) -> Any:
        result = level(plan, options, **how)
        end = time.monotonic() + 10
        while time.monotonic() < end and not any(headway and headway.finish for headway in told):
            time.sleep(0.02)
        return result

    bench.monkeypatch.setattr(store, "save", watched)
    instead_of_levelling(bench, use_case)
    job = bench.run(LEVEL)
    assert job["headway"]["finish"] == job["result"]["finish"]
    assert any(headway and headway.finish for headway in told)


def test_the_last_that_is_told_is_the_result(bench: Bench) -> None:
    bench.monkeypatch.setattr(work, "Watch", Silent)
    job = bench.run(LEVEL)
    told, result = job["headway"], job["result"]
    assert (told["finish"], told["bound"]) == (result["finish"], result["lower_bound_finish"])
    assert told.get("gap", 0) == round(result["gap"], 4)
    simulated = bench.run(SIMULATE)
    assert simulated["headway"]["finish"] == simulated["result"]["finish"]["percentiles"]["50"]
    compressed = bench.run({"kind": "compress", "options": {"time_limit_s": 1}})
    assert compressed["headway"]["finish"] == compressed["result"]["after"]["finish"]
    allocated = bench.run({"kind": "allocate", "options": {"time_limit_s": 0.2}})
    assert allocated["headway"]["finish"] == allocated["result"]["finish_after"]


def stored(bench: Bench, **values: Any) -> dict[str, str]:
    """The message of a job that is kept with other values than any call would give it."""
    job = bench.world.container.job_store.get("padma", bench.ask(LEVEL))
    bench.world.container.job_store.save(msgspec.structs.replace(job, version=job.version + 1, **values))
    [message] = bench.messages()
    return message | {"job": job.id}


def test_what_it_cannot_do_fails_at_once_with_its_place(bench: Bench) -> None:
    for values, place in (
        ({"parameters": {"revision": 999, "options": {}}}, "revision"),
        ({"parameters": {"revision": 1, "options": {"of_another_version": 1}}}, "parameters"),
        ({"parameters": {}}, "parameters"),
        ({"kind": JobKind.EXPORT}, "kind"),
    ):
        message = stored(bench, **values)
        assert bench.work(message) == []
        job = bench.job(message["job"])
        assert (job["state"], job["error"]["code"]) == ("failed", "invalid"), values
        assert job["error"]["details"]["place"] == place


def test_a_message_that_cannot_be_read_fails_alone_and_comes_again_soon(bench: Bench) -> None:
    job_id, hidden = bench.ask(LEVEL), list[int]()
    bench.monkeypatch.setattr(optimizer.SqsReceipt, "hide", lambda _, seconds: hidden.append(seconds))
    unreadable = [{"Body": body, "ReceiptHandle": "r"} for body in ("{", '{"job": 4}', "[]")]
    assert bench.work(*unreadable, *bench.messages()) == ["m0", "m1", "m2"]
    assert hidden[:3] == [5, 5, 5]
    assert bench.job(job_id)["state"] == "succeeded"


def test_of_a_project_that_was_deleted_meanwhile_nothing_is_computed(bench: Bench) -> None:
    job_id = bench.ask(LEVEL)
    gone = bench.world.api.delete(bench.world.path, headers={"If-Match": f'"{bench.world.revision}"'})
    assert gone.status in (200, 204), gone.body
    assert bench.work(*bench.messages()) == []
    job = bench.world.container.job_store.get("padma", job_id)
    assert job.error is not None
    assert (job.state, job.error.code) == ("failed", "not-found")
    assert bench.apply(job_id).status == 404


def test_who_was_removed_while_it_ran_applies_nothing_and_others_may(bench: Bench) -> None:
    job_id = bench.ask(LEVEL)

    def use_case(plan: Any, options: Any, **how: Any) -> Any:
        bench.world.api.delete(f"{bench.world.path}/members/{PLANNER.user}")
        return level(plan, options, **how)

    instead_of_levelling(bench, use_case)
    assert bench.work(*bench.messages()) == []
    assert (bench.apply(job_id).status, bench.api.get(f"/v1/jobs/{job_id}").status) == (404, 404)
    bench.api = bench.world.api
    assert bench.job(job_id)["state"] == "succeeded"
    assert bench.apply(job_id).status == 200


def test_changes_that_are_kept_no_longer_are_said_to_be_gone(bench: Bench) -> None:
    job = bench.run(LEVEL)
    proposal = bench.world.container.job_store.get("padma", job["id"]).proposal
    bench.world.container.s3.delete_object(Bucket=bench.world.container.settings.files_bucket, Key=str(proposal))
    refused = bench.apply(job["id"])
    assert (refused.status, refused.json["code"]) == (404, "not-found")
    assert "kept for a week" in refused.json["detail"]


def test_who_lost_the_right_to_edit_meanwhile_gets_nothing_computed(bench: Bench) -> None:
    job_id = bench.ask(LEVEL)
    bench.world.api.put(f"{bench.world.path}/members/{PLANNER.user}", {"role": "viewer"})
    assert bench.work(*bench.messages()) == []
    job = bench.job(job_id)
    assert (job["state"], job["error"]["code"]) == ("failed", "forbidden")


def test_what_was_not_foreseen_comes_again_sooner_than_a_slow_job(bench: Bench) -> None:
    job_id = bench.ask(LEVEL)
    message = bench.messages()

    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("secret of the house")

    hidden: list[int] = []
    bench.monkeypatch.setattr(optimizer.SqsReceipt, "hide", lambda _, seconds: hidden.append(seconds))
    instead_of_levelling(bench, broken)
    assert bench.work(*message) == ["m0"]
    assert hidden[-1] == 5
    assert bench.work(*message, receives=2) == ["m0"], "its worker gave the job back: the next may begin at once"
    assert hidden[-1] == 10
    assert bench.work(*message, receives=MAX_RECEIVES) == ["m0"]
    job = bench.job(job_id)
    assert (job["state"], job["error"]["code"]) == ("failed", "internal")
    assert "secret" not in str(job)


def test_a_job_that_kills_its_workers_fails_on_the_last_delivery_with_the_reason(bench: Bench) -> None:
    job_id = bench.ask(LEVEL)
    message = bench.messages()

    def deadly(*_: Any, **__: Any) -> Any:
        raise Killed

    instead_of_levelling(bench, deadly)
    bench.monkeypatch.setattr(optimizer, "LEASE_S", 0)
    with pytest.raises(Killed):
        bench.work(*message, receives=MAX_RECEIVES - 1)
    assert bench.work(*message, receives=MAX_RECEIVES) == []
    assert bench.job(job_id)["error"]["code"] == "worker-died"


class Silent(Watch):
    """Ends before it says anything."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return


class OneBeat(Watch):
    """Beats in the worker's own thread, so that the worker dies with it."""

    def __enter__(self) -> Self:
        self.beat()
        return self

    def __exit__(self, *_: object) -> None:
        return


class Doomed(Container):
    """Its worker is killed at one call to the table or the bucket."""

    def __init__(self, whole: Container, calls: Calls) -> None:
        super().__init__(whole.settings)
        self.dynamodb = CountedClient(whole.dynamodb, calls)  # type: ignore[assignment]
        self.s3 = CountedClient(whole.s3, calls)  # type: ignore[assignment]


@pytest.mark.slow
@pytest.mark.parametrize("after_effect", [False, True], ids=["before", "after"])
def test_a_worker_killed_at_any_call_is_followed_by_one_that_finishes_the_job(bench: Bench, after_effect: bool) -> None:
    bench.monkeypatch.setattr(optimizer, "LEASE_S", 0)
    bench.monkeypatch.setattr(work, "Watch", OneBeat)
    struck, at = True, 0
    while struck:
        job_id = bench.ask(LEVEL)
        message = bench.messages()
        calls = Calls(at, after_effect=after_effect)
        bench.use(Doomed(bench.world.container, calls))
        with suppress(Killed):
            bench.work(*message)
        struck = calls.struck
        bench.use(bench.world.container)
        assert bench.work(*message, receives=2) == []
        job = bench.job(job_id)
        assert (job["state"], job["applicable"]) == ("succeeded", True), (at, calls.made, job)
        at += 1
    assert at > 5


def test_a_message_about_a_job_that_is_not_there_is_dropped(bench: Bench) -> None:
    body = msgspec.json.encode({"tenant": "padma", "job": "none"}).decode()
    assert bench.work({"Body": body, "ReceiptHandle": "r"}) == []


def test_the_sample_event_is_accepted(bench: Bench) -> None:
    event = json.loads((ROOT / "events/optimizer/job.json").read_text())
    assert optimizer.handler(event, LambdaContext()) == {"batchItemFailures": []}


def test_conflicts_and_histogram_are_those_of_the_plan(bench: Bench) -> None:
    plan = bench.world.container.plans.read(bench.world.key).plan
    told = bench.api.get(f"{bench.world.path}/conflicts").json
    assert [one["id"] for one in told["conflicts"]] == [one.id for one in conflicts(plan, schedule_plan(plan))]
    assert told["revision"] == bench.world.revision
    [crane] = bench.api.get(f"{bench.world.path}/histogram", period="day", resource=1, tasks=True).json["resources"]
    assert (crane["name"], crane["bars"][0]["demand_minutes"]) == ("Crane", 3 * 480)
    assert {task["uid"] for task in crane["bars"][0]["tasks"]} == {1, 4, 5}
    refused = bench.api.get(f"{bench.world.path}/histogram", resource=99)
    assert (refused.status, refused.json["place"]) == (422, "resource")


SIMULATE: dict[str, Any] = {
    "kind": "simulate",
    "options": {"iterations": 1_000, "seed": 7, "spread_below_percent": 20, "spread_above_percent": 60},
}


def test_a_simulation_comes_with_what_it_means_and_proposes_nothing(bench: Bench) -> None:
    job = bench.run(SIMULATE)
    assert (job["state"], job["error"], job["applicable"]) == ("succeeded", None, False)
    assert (job["result"]["iterations"], job["result"]["status"]) == (1_000, "complete")
    assert 0 <= job["result"]["risk"]["score"] <= 100
    refused = bench.apply(job["id"])
    assert (refused.status, refused.json["place"]) == (422, "optimization")


@pytest.fixture
def in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four parts, the last smaller."""
    monkeypatch.setattr(sharing, "SHARED_ABOVE", 999)
    monkeypatch.setattr(sharing, "SAMPLES", 300)


def shared_out(bench: Bench) -> tuple[str, list[dict[str, str]]]:
    job_id = bench.ask(SIMULATE)
    assert bench.work(*bench.messages()) == []
    assert bench.job(job_id)["state"] == "running"
    parts = bench.messages()
    assert [json.loads(message["Body"])["part"] for message in parts] == [0, 1, 2, 3]
    return job_id, parts


def test_in_parts_it_is_the_same_simulation_whoever_does_which_part_and_however_often(
    bench: Bench, in_parts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id, parts = shared_out(bench)
    for message in (parts[2], parts[0], parts[2], parts[3], parts[0]):
        assert bench.work(message) == []
    assert (bench.job(job_id)["state"], bench.job(job_id)["progress"]) == ("running", 95 * 3 // 4)
    assert bench.work(parts[1]) == []
    shared = bench.job(job_id)
    assert shared["state"] == "succeeded", shared
    monkeypatch.setattr(sharing, "SHARED_ABOVE", 50_000)
    assert bench.run(SIMULATE)["result"] == shared["result"]


def test_levelled_samples_are_taken_by_one_worker(bench: Bench, in_parts: None) -> None:
    bench.monkeypatch.setattr(levelled, "LEVELLED_TASKS", 0)
    options = SIMULATE["options"] | {"levelled": True}
    job = bench.run(SIMULATE | {"options": options})
    assert (job["state"], job["error"]) == ("succeeded", None)
    assert bench.messages() == []


def test_when_the_sharing_out_is_done_again_only_what_is_missing_is_sent(bench: Bench, in_parts: None) -> None:
    job_id = bench.ask(SIMULATE)
    first = bench.messages()
    assert bench.work(*first) == []
    parts = bench.messages()
    assert bench.work(parts[1]) == []
    assert bench.work(*first, receives=2) == []
    assert [json.loads(message["Body"])["part"] for message in bench.messages()] == [0, 2, 3]
    assert bench.job(job_id)["state"] == "running"


def test_parts_of_a_cancelled_simulation_are_not_computed(
    bench: Bench, in_parts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id, parts = shared_out(bench)
    bench.api.post(f"/v1/jobs/{job_id}/cancel")
    monkeypatch.setattr(sharing.Sharing, "compute", lambda *_: pytest.fail("it was cancelled"))
    assert bench.work(*parts) == []
    assert bench.job(job_id)["state"] == "cancelled"


def test_of_a_cancelled_simulation_what_there_is_of_it_is_kept(bench: Bench, in_parts: None) -> None:
    job_id, parts = shared_out(bench)
    for message in (parts[0], parts[1], parts[3]):
        assert bench.work(message) == []
    bench.api.post(f"/v1/jobs/{job_id}/cancel")
    assert bench.work(parts[2]) == []
    job = bench.job(job_id)
    assert (job["state"], job["result"]["cut_short"]) == ("cancelled", "cancelled")
    assert (job["result"]["iterations"], job["result"]["status"]) == (600, "stopped")


def test_a_part_that_fails_for_good_fails_the_simulation(
    bench: Bench, in_parts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id, parts = shared_out(bench)

    def broken(*_: Any) -> None:
        raise RuntimeError("secret of the house")

    monkeypatch.setattr(sharing.Sharing, "compute", broken)
    assert bench.work(parts[0]) == ["m0"]
    assert bench.job(job_id)["state"] == "running"
    assert bench.work(parts[0], receives=MAX_RECEIVES) == ["m0"]
    assert bench.job(job_id)["error"]["code"] == "internal"


@pytest.mark.slow
@pytest.mark.parametrize("after_effect", [False, True], ids=["before", "after"])
def test_a_worker_killed_at_any_call_of_any_part_is_followed_by_one_that_finishes_the_simulation(
    bench: Bench, in_parts: None, after_effect: bool
) -> None:
    bench.monkeypatch.setattr(optimizer, "LEASE_S", 0)
    bench.monkeypatch.setattr(work, "Watch", OneBeat)
    at, results = 0, []
    while len(results) <= at:
        job_id, parts = shared_out(bench)
        for message in parts[:3]:
            assert bench.work(message) == []
        calls = Calls(at, after_effect=after_effect)
        bench.use(Doomed(bench.world.container, calls))
        with suppress(Killed):
            bench.work(parts[3])
        bench.use(bench.world.container)
        assert bench.work(parts[3], receives=2) == []
        job = bench.job(job_id)
        assert job["state"] == "succeeded", (at, calls.made, job)
        results.append(job["result"])
        at += 1 if calls.struck else 0
    assert at > 8
    assert all(result == results[0] for result in results)
