"""A tenant to try things with: an owner, a planner, a viewer, and a ten-storey building in Dhaka."""

from __future__ import annotations

import json
import random
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import msgspec

from nirman.aws.plan_log import DynamoPlanLog
from nirman.demo import DEMO_YEARS, demo_plan
from nirman.local import people
from nirman.local.errors import LocalError
from nirman.local.people import Account
from nirman.local.places import Places
from nirman.local.stack import Stack
from nirman.planlog.pauses import jittered
from nirman.planlog.service import PlanService
from nirman.planning.commands import Replacement
from nirman.planning.holidays import bangladesh_holidays
from nirman.tenancy.identity import Permission, ProjectKey, Role
from nirman.tenancy.limits import Limits

TENANT = "dhaka-builders"
PROJECT = "dhanmondi-tower"
_PEOPLE = (
    (Role.OWNER, "শামীম আহমেদ / Shamim Ahmed"),
    (Role.PLANNER, "রহিমা খাতুন / Rahima Khatun"),
    (Role.VIEWER, "করিম উদ্দিন / Karim Uddin"),
)


@dataclass(frozen=True, slots=True)
class Demo:
    """What the demo commands need; kept for the next start."""

    project: str
    owner: Account
    planner: Account
    viewer: Account


def read(places: Places) -> Demo:
    try:
        return msgspec.json.decode(places.demo.read_bytes(), type=Demo)
    except FileNotFoundError:
        raise LocalError("there is no demo here yet: start the stack with `nirman up`") from None


def make(stack: Stack, places: Places) -> Demo:
    """Makes what is missing of the demo; what people changed since stays."""
    if places.demo.exists():
        return read(places)
    accounts = {
        role: people.add(
            stack,
            tenant=TENANT,
            role=role,
            name=name,
            email=f"{role}@{TENANT}.example",
            password=f"Nirman-{secrets.token_hex(5)}",
        )
        for role, name in _PEOPLE
    }
    people.subscribe(stack, TENANT, Limits(name="demo", edits_per_minute=600))
    demo = Demo(PROJECT, accounts[Role.OWNER], accounts[Role.PLANNER], accounts[Role.VIEWER])
    _commit_plan(stack, demo)
    memberships = people.memberships(stack)
    for account in (demo.planner, demo.viewer):
        key, by = ProjectKey(TENANT, PROJECT), demo.owner.principal.name
        memberships.put(key, account.user, account.role, by=by, at=datetime.now(UTC))
    text = json.dumps(msgspec.to_builtins(demo), ensure_ascii=False, indent=1)
    places.demo.touch(mode=0o600)
    places.demo.write_text(text)
    return demo


def _commit_plan(stack: Stack, demo: Demo) -> None:
    log = DynamoPlanLog(
        stack.client("dynamodb"),
        stack.client("s3"),
        table=stack.outputs["PlanTable"],
        bucket=stack.outputs["PlanBucket"],
    )
    pauses = partial(jittered, sleep=time.sleep, random=random.random, monotonic=time.monotonic)
    plans = PlanService(log, now=lambda: datetime.now(UTC), pauses=pauses)
    plan = demo_plan(bangladesh_holidays(DEMO_YEARS))
    owner = demo.owner.principal
    plans.create(owner, demo.project, plan.project, tuple(plan.calendars.values()), command_id="demo-project")
    access = people.directory(stack).open(owner, demo.project, Permission.EDIT)
    plans.replace(access, Replacement("demo-plan", base_revision=1, plan=plan, source="demo"))
