"""The store in the table and the one in memory keep the same promises."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from nirman.aws import keys
from nirman.aws.jobs import DynamoJobStore, JobMessage, SqsJobQueue, SqsReceipt, job_from_image
from nirman.errors import NotFoundError, TooManyAtOnceError
from nirman.jobs.job import Job, JobKind
from nirman.jobs.ports import AtOnce, JobChangedError, JobStore
from nirman.jobs.service import MAX_RECEIVES
from nirman.tenancy.identity import Principal, ProjectKey, Role
from tests.fakes.jobs import MemoryJobStore
from tests.support.template import load

NOW = datetime(2026, 1, 4, tzinfo=UTC)
TOWER = ProjectKey("padma", "tower")


@pytest.fixture(params=["table", "memory"])
def store(request: pytest.FixtureRequest) -> JobStore:
    if request.param == "memory":
        return MemoryJobStore()
    return DynamoJobStore(request.getfixturevalue("dynamodb"), request.getfixturevalue("plan_table"))


def make_job(job_id: str, key: ProjectKey = TOWER, **values: Any) -> Job:
    author = Principal(key.tenant, "rahim", "রহিম", Role.PLANNER)
    usual = {"kind": JobKind.EXPORT, "created_by": author, "created_at": NOW, "updated_at": NOW}
    return Job(id=job_id, tenant=key.tenant, project=key.project, **usual | values)


def test_a_job_is_kept_whole(store: JobStore) -> None:
    job = make_job("01", parameters={"format": "pdf"}, result={"findings": [{"text": "ছুটি"}]})
    store.add(job, idempotency_key=None)
    assert store.get("padma", "01") == job


def test_another_tenant_has_no_such_job(store: JobStore) -> None:
    store.add(make_job("01"), idempotency_key=None)
    with pytest.raises(NotFoundError):
        store.get("meghna", "01")


def test_the_same_key_gives_the_job_made_first_as_it_is_now(store: JobStore) -> None:
    first = make_job("01")
    store.add(first, idempotency_key="k")
    store.save(first.cancelled(NOW))
    assert store.add(make_job("02"), idempotency_key="k") == first.cancelled(NOW)
    with pytest.raises(NotFoundError):
        store.get("padma", "02")


@pytest.mark.parametrize("other", [ProjectKey("padma", "bridge"), ProjectKey("meghna", "tower")])
def test_the_same_key_in_another_project_is_another_job(store: JobStore, other: ProjectKey) -> None:
    store.add(make_job("01"), idempotency_key="k")
    assert store.add(make_job("02", other), idempotency_key="k").id == "02"


def test_of_two_who_write_the_same_version_one_is_refused(store: JobStore) -> None:
    job = make_job("01")
    store.add(job, idempotency_key=None)
    store.save(job.claimed(NOW, lease_s=60))
    with pytest.raises(JobChangedError):
        store.save(job.cancelled(NOW))
    assert store.get("padma", "01") == job.claimed(NOW, lease_s=60)


def test_jobs_of_a_project_come_newest_first_a_page_at_a_time(store: JobStore) -> None:
    for number in range(6):
        key = TOWER if number % 2 == 0 else ProjectKey("padma", "bridge")
        store.add(make_job(f"0{number}", key), idempotency_key=f"k{number}")
    first = store.of_project(TOWER, limit=2, before=None)
    assert [job.id for job in first] == ["04", "02"]
    assert [job.id for job in store.of_project(TOWER, limit=2, before="02")] == ["00"]


def test_the_stream_shows_the_job_that_was_stored(dynamodb: Any, plan_table: str) -> None:
    DynamoJobStore(dynamodb, plan_table).add(make_job("01"), idempotency_key=None)
    [image] = dynamodb.scan(TableName=plan_table)["Items"]
    assert image["pk"]["S"] == keys.jobs("padma")
    assert job_from_image(image) == make_job("01")


@pytest.mark.parametrize("part", [None, 0, 3])
def test_a_message_names_the_tenant_the_job_and_its_part(sqs: Any, jobs_queue: str, part: int | None) -> None:
    SqsJobQueue(sqs, {JobKind.EXPORT: jobs_queue}).send(make_job("01"), part=part)
    [message] = sqs.receive_message(QueueUrl=jobs_queue)["Messages"]
    assert msgspec.json.decode(message["Body"], type=JobMessage) == JobMessage("padma", "01", part)


def test_a_message_goes_to_the_queue_of_its_kind(sqs: Any, jobs_queue: str, optimization_queue: str) -> None:
    queue = SqsJobQueue(sqs, {JobKind.EXPORT: jobs_queue, JobKind.LEVEL: optimization_queue})
    queue.send(make_job("01"))
    queue.send(make_job("02", kind=JobKind.LEVEL))
    for url, job in ((jobs_queue, "01"), (optimization_queue, "02")):
        [message] = sqs.receive_message(QueueUrl=url)["Messages"]
        assert msgspec.json.decode(message["Body"], type=JobMessage).job == job


def test_a_message_in_hand_comes_again_when_its_worker_wants_it_to(sqs: Any, jobs_queue: str) -> None:
    SqsJobQueue(sqs, {JobKind.EXPORT: jobs_queue}).send(make_job("01"))
    [message] = sqs.receive_message(QueueUrl=jobs_queue)["Messages"]
    receipt = SqsReceipt(sqs, jobs_queue, message["ReceiptHandle"])
    receipt.hide(60)
    assert "Messages" not in sqs.receive_message(QueueUrl=jobs_queue)
    receipt.hide(0)
    assert len(sqs.receive_message(QueueUrl=jobs_queue)["Messages"]) == 1


def test_jobs_of_some_kinds_alone_are_listed(store: JobStore) -> None:
    for number, kind in enumerate((JobKind.LEVEL, JobKind.EXPORT, JobKind.SIMULATE, JobKind.LEVEL)):
        store.add(make_job(f"0{number}", kind=kind), idempotency_key=None)
    found = store.of_project(TOWER, limit=2, before=None, kinds={JobKind.LEVEL, JobKind.SIMULATE})
    assert [job.id for job in found] == ["03", "02"]


def test_a_job_fails_on_the_delivery_after_which_the_queue_gives_up() -> None:
    queue = load()["Resources"]["JobsQueue"]["Properties"]
    assert queue["RedrivePolicy"]["maxReceiveCount"] == MAX_RECEIVES


FEW = AtOnce(of_project=2, of_tenant=3)


def ask(store: JobStore, number: int, key: ProjectKey = TOWER, **more: Any) -> Job:
    given = {"idempotency_key": None, "at_once": FEW} | more
    return store.add(make_job(f"{number:02d}", key, kind=JobKind.LEVEL), **given)


def test_a_project_has_so_many_unfinished_optimizations_and_no_more_until_one_is_over(store: JobStore) -> None:
    first, _ = ask(store, 1), ask(store, 2)
    with pytest.raises(TooManyAtOnceError) as refused:
        ask(store, 3)
    assert refused.value.details() == {"what": "optimizations", "limit": 2}
    with pytest.raises(NotFoundError):
        store.get("padma", "03")
    store.save(first.cancelled(NOW))
    assert ask(store, 3).id == "03"
    with pytest.raises(TooManyAtOnceError):
        ask(store, 4)


def test_a_tenant_has_so_many_whatever_their_projects(store: JobStore) -> None:
    bridge = ProjectKey("padma", "bridge")
    ask(store, 1), ask(store, 2), ask(store, 3, bridge)
    with pytest.raises(TooManyAtOnceError) as refused:
        ask(store, 4, bridge)
    assert refused.value.limit == 3
    assert ask(store, 5, ProjectKey("meghna", "tower")).id == "05"


def test_other_jobs_take_no_place_of_optimizations(store: JobStore) -> None:
    for number in range(4):
        store.add(make_job(f"1{number}"), idempotency_key=None)
    assert ask(store, 1).id == "01"


def test_the_same_key_gives_the_job_made_first_where_there_is_no_place_left(store: JobStore) -> None:
    ask(store, 1, idempotency_key="k"), ask(store, 2)
    assert ask(store, 3, idempotency_key="k").id == "01"


def test_of_two_who_ask_for_the_last_place_at_once_one_is_refused(
    dynamodb: Any, plan_table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, quick = (DynamoJobStore(dynamodb, plan_table) for _ in range(2))
    ask(slow, 1)
    listed = slow._unfinished._listed

    def overtaken(tenant: str) -> Any:
        found = listed(tenant)
        monkeypatch.setattr(slow._unfinished, "_listed", listed)
        ask(quick, 2)
        return found

    monkeypatch.setattr(slow._unfinished, "_listed", overtaken)
    with pytest.raises(TooManyAtOnceError):
        ask(slow, 3)
    with pytest.raises(NotFoundError):
        slow.get("padma", "03")
