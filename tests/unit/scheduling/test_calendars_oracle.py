"""Working time is what MPXJ's ProjectCalendar counts, on calendars with shifts across midnight and many exceptions."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from nirman.interchange.mspdi_writer import write_mspdi
from nirman.planning.schedule import schedule_plan
from nirman.scheduling.calendars import Calendars
from nirman.scheduling.instants import to_datetime, to_minutes
from tests.builders.msp_calendars import random_calendar, usual_calendars
from tests.builders.plans import make_plan
from tests.support.mpxj import run_mpxj

pytestmark = pytest.mark.slow

SCRIPT = Path(__file__).with_name("mpxj_microsoft.py")
RANDOM_CALENDARS = range(11, 23)
QUESTIONS = 200
"""To each calendar, of each kind."""


def drawn_plan():
    random = Random(1)
    drawn = [random_calendar(random, uid, recurring=uid % 2 == 0) for uid in RANDOM_CALENDARS]
    return make_plan(1, calendars=[*usual_calendars().values(), *drawn])


def drawn_questions(uids: list[int]) -> list[list]:
    """Quarter hours within three years. MPXJ takes nothing off an instant at midnight, so none is subtracted from."""
    random = Random(2)
    questions: list[list] = []
    for uid in uids:
        for _ in range(QUESTIONS):
            at = datetime(2026, 2, 1) + timedelta(minutes=15 * random.randrange(90_000))
            until = at + timedelta(minutes=15 * random.randrange(9_000))
            work = 15 * random.randint(1, 400)
            questions += [[uid, "next", at, None], [uid, "add", at, work], [uid, "between", at, until]]
            if at.hour or at.minute:
                questions.append([uid, "subtract", at, work])
    return questions


def answer(calendars: Calendars, uid: int, kind: str, at: datetime, amount) -> datetime | int:
    working, instant = calendars.working_time(uid), to_minutes(at)
    if kind == "between":
        return working.between(instant, to_minutes(amount))
    if kind == "next":
        return to_datetime(working.next_start(instant))
    return to_datetime(working.add(instant, amount) if kind == "add" else working.subtract(instant, amount))


def spelled(value):
    return value.isoformat() if isinstance(value, datetime) else value


def test_every_question_has_the_same_answer(tmp_path):
    plan = drawn_plan()
    path = tmp_path / "calendars.xml"
    path.write_bytes(write_mspdi(plan, schedule_plan(plan)))
    questions = drawn_questions(list(plan.calendars))
    answers = json.loads(run_mpxj(SCRIPT, "calendars", path, told=json.dumps(questions, default=spelled)))
    calendars = Calendars(plan.calendars)
    others = []
    for question, theirs in zip(questions, answers, strict=True):
        ours = answer(calendars, *question)
        if ours != (datetime.fromisoformat(theirs) if isinstance(theirs, str) else theirs):
            others.append((question, ours, theirs))
    assert not others
    assert max(len(calendar.exceptions) for calendar in plan.calendars.values()) > 200
