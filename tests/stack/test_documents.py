"""A file in, a plan; a plan out, a file: through signed addresses, the queue and the documents function."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pypdf
import pytest

from nirman.demo import demo_plan
from nirman.interchange import read_plan, write_plan
from nirman.jobs.parameters import MAX_FILE_BYTES
from nirman.planning.schedule import schedule_plan
from tests.stack.conftest import Person, Stack
from tests.support.waiting import WAIT_S, eventually

pytestmark = pytest.mark.stack

REAL = Path(__file__).parents[3] / "shared" / "data" / "msproject" / "slack9.mspdi.xml"
BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE Project [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>
<Project xmlns="http://schemas.microsoft.com/project"><Name>&c;</Name></Project>"""
OUTSIDE = b"""<?xml version="1.0"?>
<!DOCTYPE Project [<!ENTITY a SYSTEM "file:///etc/passwd">]>
<Project xmlns="http://schemas.microsoft.com/project"><Name>&a;</Name></Project>"""


def tasks_of(*tasks: str) -> bytes:
    body = "".join(f"<Task>{task}</Task>" for task in tasks)
    name = '<Project xmlns="http://schemas.microsoft.com/project"><StartDate>2026-01-04T08:00:00</StartDate>'
    return f"{name}<Tasks>{body}</Tasks></Project>".encode()


def task(uid: int, *after: int) -> str:
    links = "".join(
        f"<PredecessorLink><PredecessorUID>{uid}</PredecessorUID><Type>1</Type></PredecessorLink>" for uid in after
    )
    return f"<UID>{uid}</UID><Name>T</Name><OutlineLevel>1</OutlineLevel><Duration>PT8H0M0S</Duration>{links}"


HOSTILE = {
    "entity bomb": (BOMB, "document type"),
    "external entity": (OUTSIDE, "document type"),
    "wrong root": (b"<Plan/>", "root element"),
    "no XML": (b"PK\x03\x04 not a plan", "line 1"),
    "links in a circle": (tasks_of(task(1, 2), task(2, 1)), "circle"),
    "link to nowhere": (tasks_of(task(1, 9)), "link"),
    "two tasks of one uid": (tasks_of(task(1), task(1)), "uid"),
}


@pytest.fixture(scope="module")
def planner(stack: Stack) -> Person:
    return stack.person("jamuna", "owner")


@pytest.fixture
def project(planner: Person) -> str:
    return str(planner.post("/projects", {"name": "Bridge", "start": "2026-01-04T08:00:00"})["project"])


def upload(planner: Person, project: str, name: str, data: bytes) -> tuple[str, httpx.Response]:
    made = planner.post(f"/projects/{project}/imports", {"name": name})
    form = made["upload"]
    sent = httpx.post(form["url"], data=form["fields"], files={"file": (name, data)}, timeout=WAIT_S)
    return made["id"], sent


def finished(planner: Person, job: str) -> dict[str, Any]:
    found: dict[str, Any] = eventually(
        lambda: planner.get(f"/jobs/{job}"), lambda found: found["state"] in ("succeeded", "failed", "cancelled")
    )
    return found


def run(planner: Person, project: str, upload_id: str, **how: Any) -> dict[str, Any]:
    return finished(planner, planner.post(f"/projects/{project}/imports/{upload_id}/run", how)["id"])


def test_a_plan_goes_in_dry_then_for_good_and_comes_out_in_every_format(planner: Person, project: str) -> None:
    plan = demo_plan()
    schedule = schedule_plan(plan)
    import_id, sent = upload(planner, project, "tower.xml", write_plan(plan, schedule, "mspdi"))
    assert sent.is_success, sent.text
    dry = run(planner, project, import_id, dry_run=True)
    assert dry["state"] == "succeeded", dry
    assert planner.get(f"/projects/{project}")["revision"] == 1
    done = run(planner, project, import_id, dry_run=False, base_revision=1)
    assert done["state"] == "succeeded", done
    shown = planner.get(f"/projects/{project}/schedule")
    assert shown["revision"] == 2
    assert {row["uid"]: row["finish"] for row in shown["tasks"]} == {
        dates.uid: dates.finish.isoformat() for dates in schedule
    }

    files = {}
    for name in ("mspdi", "xlsx", "pdf", "json"):
        job = finished(planner, planner.post(f"/projects/{project}/exports", {"format": name})["id"])
        assert (job["state"], job["progress"]) == ("succeeded", 100), job
        files[name] = httpx.get(job["download"]["url"], timeout=WAIT_S).raise_for_status().content
    again = read_plan(files["mspdi"], "tower.xml").plan
    assert again is not None
    assert {uid: row.name for uid, row in again.tasks.items()} == {uid: row.name for uid, row in plan.tasks.items()}
    assert read_plan(files["json"], "tower.json").plan is not None
    assert openpyxl.load_workbook(io.BytesIO(files["xlsx"]))["Tasks"].max_row > len(plan.tasks)
    assert len(pypdf.PdfReader(io.BytesIO(files["pdf"])).pages) >= 3


@pytest.mark.skipif(not REAL.is_file(), reason="a real file of MS Project is not beside this checkout")
def test_a_real_file_of_ms_project_is_planned_as_ms_project_did(planner: Person, project: str) -> None:
    import_id, _ = upload(planner, project, REAL.name, REAL.read_bytes())
    done = run(planner, project, import_id, dry_run=False, base_revision=1)
    assert done["state"] == "succeeded", done
    shown = planner.get(f"/projects/{project}/schedule")
    assert (len(shown["tasks"]), shown["project"]["finish"]) == (15, "2006-05-08T17:00:00")


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_is_refused_with_its_place_and_nothing_is_imported(
    planner: Person, project: str, kind: str
) -> None:
    data, said = HOSTILE[kind]
    import_id, sent = upload(planner, project, "plan.xml", data)
    assert sent.is_success
    done = run(planner, project, import_id, dry_run=False, base_revision=1)
    assert done["state"] == "failed"
    assert said in str(done).lower()
    assert "line" in str(done)
    assert planner.get(f"/projects/{project}")["revision"] == 1


def test_a_file_above_the_limit_is_not_even_stored(planner: Person, project: str) -> None:
    import_id, sent = upload(planner, project, "plan.xml", b"<" + b" " * MAX_FILE_BYTES)
    assert sent.is_client_error, sent.status_code
    done = run(planner, project, import_id, dry_run=True)
    assert done["state"] == "failed"
    assert planner.get(f"/projects/{project}")["revision"] == 1
