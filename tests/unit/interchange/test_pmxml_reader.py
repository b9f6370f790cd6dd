"""What PMXML says in its own way; what both formats of P6 share is tested with XER and MPXJ."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from nirman.errors import UnreadableFileError
from nirman.interchange import pmxml_reader, read_plan
from nirman.interchange.pmxml_reader import read_pmxml
from nirman.interchange.result import ImportResult
from nirman.planning.model import (
    ConstraintKind,
    CriticalBy,
    LagCalendar,
    LinkKind,
    Plan,
    ProgressLogic,
    SlackKind,
    TaskKind,
)
from nirman.planning.outline import outline

NAMESPACE = "http://xmlns.oracle.com/Primavera/P6/V19.12/API/BusinessObjects"
DAY = ((480, 720), (780, 1020))
WORK = "<WorkTime><Start>08:00:00</Start><Finish>11:59:00</Finish></WorkTime>"
WORK += "<WorkTime><Start>13:00:00</Start><Finish>16:59:00</Finish></WorkTime>"
NAMES = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")


def fields(**values: object) -> str:
    return "".join(f"<{name}>{value}</{name}>" for name, value in values.items())


def week(**hours: str) -> str:
    days = "".join(
        f"<StandardWorkHours><DayOfWeek>{name}</DayOfWeek>{hours.get(name, '')}</StandardWorkHours>" for name in NAMES
    )
    return f"<StandardWorkWeek>{days}</StandardWorkWeek>"


FIVE_DAYS = week(**dict.fromkeys(NAMES[1:6], WORK))


def calendar(uid: int = 1, content: str = FIVE_DAYS, **values: object) -> str:
    return f"<Calendar>{fields(ObjectId=uid, Name='Standard', HoursPerDay=8, **values)}{content}</Calendar>"


def activity(uid: int, **values: object) -> str:
    usual = {"ObjectId": uid, "Id": f"A{uid}", "Name": f"Activity {uid}", "Type": "Task Dependent"}
    usual |= {"Status": "Not Started", "CalendarObjectId": 1, "PlannedDuration": 8, "RemainingDuration": 8}
    return f"<Activity>{fields(**usual | values)}</Activity>"


def project(*content: str, element: str = "Project", **values: object) -> str:
    usual = {"ObjectId": 5, "Id": "TOWER", "Name": "Tower", "ActivityDefaultCalendarObjectId": 1}
    usual |= {"PlannedStartDate": "2026-01-05T08:00:00", "DataDate": "2026-01-05T08:00:00"}
    return f"<{element}>{fields(**usual | values)}{''.join(content)}</{element}>"


def pmxml(*content: str, namespace: str = NAMESPACE) -> bytes:
    opened = f'<APIBusinessObjects xmlns="{namespace}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    lines = ('<?xml version="1.0" encoding="UTF-8"?>', opened, f"{calendar()}{''.join(content)}</APIBusinessObjects>")
    return "\n".join(lines).encode()


def plan_of(*content: str) -> Plan:
    result = read_pmxml(pmxml(*content))
    assert result.plan is not None, result.errors
    return result.plan


def rules(result: ImportResult) -> set[str]:
    return {finding.rule for finding in result.findings}


def test_the_last_minute_of_a_work_time_is_worked():
    assert plan_of(project(activity(1))).calendars[1].week == (DAY,) * 5 + ((), ())


@pytest.mark.parametrize(
    ("start", "finish", "shifts"),
    [
        ("00:00:00", "23:59:00", ((0, 1440),)),
        ("20:00:00", "00:00:00", ((1200, 1440),)),
        ("08:00:00.000", "15:59:59", ((480, 960),)),
        ("1970-01-01T08:00:00", "1970-01-01T15:59:00", ((480, 960),)),
        ("22:00:00", "05:59:00", ((0, 360), (1320, 1440))),
    ],
)
def test_work_times_are_read_however_they_are_written(start, finish, shifts):
    monday = f"<WorkTime><Start>{start}</Start><Finish>{finish}</Finish></WorkTime>"
    plan = plan_of(calendar(2, week(Monday=monday)), project(activity(1)))
    assert plan.calendars[2].week[0] == shifts


def test_a_work_time_that_is_nil_is_no_work_and_a_day_that_is_not_there_is_a_usual_one():
    content = (
        "<StandardWorkWeek><StandardWorkHours><DayOfWeek>2</DayOfWeek>"
        '<WorkTime xsi:nil="true"/></StandardWorkHours></StandardWorkWeek>'
    )
    assert plan_of(calendar(2, content), project(activity(1))).calendars[2].week == ((), DAY, DAY, DAY, DAY, (), ())


def test_exceptions_work_or_not_and_the_whole_day_means_a_day_off():
    def on(day: str, content: str) -> str:
        return f"<HolidayOrException><Date>{day}T00:00:00</Date>{content}</HolidayOrException>"

    days = (
        on("2026-01-02", '<WorkTime xsi:nil="true"/>')
        + on("2026-01-03", "<WorkTime><Start>00:00:00</Start><Finish>23:59:00</Finish></WorkTime>")
        + on("2026-01-10", WORK)
    )
    plan = plan_of(calendar(2, f"{FIVE_DAYS}<HolidayOrExceptions>{days}</HolidayOrExceptions>"), project(activity(1)))
    assert [(e.start, e.finish, e.shifts) for e in plan.calendars[2].exceptions] == [
        (date(2026, 1, 2), date(2026, 1, 3), ()),
        (date(2026, 1, 10), date(2026, 1, 10), DAY),
    ]


def test_calendars_inside_a_project_count_and_one_that_is_there_twice_counts_once():
    inside = calendar(3, week(Monday=WORK), BaseCalendarObjectId=1)
    plan = plan_of(project(inside, calendar(), activity(1, CalendarObjectId=3)))
    assert set(plan.calendars) == {1, 3}
    assert plan.calendars[3].base_uid == 1
    assert plan.tasks[1].calendar_uid == 3


OPTIONS = {
    "RelationshipLagCalendar": "24 Hour Calendar",
    "OutOfSequenceScheduleType": "Progress Override",
    "ComputeTotalFloatType": "Start Float = Late Start - Early Start",
    "MakeOpenEndedActivitiesCritical": 1,
    "StartToStartLagCalculationType": 0,
    "UseExpectedFinishDates": 0,
}


@pytest.mark.parametrize("where", ["element", "fields"])
def test_options_stand_in_their_element_or_among_the_projects_fields(where):
    element = f"<ScheduleOptions>{fields(ProjectObjectId=5, **OPTIONS)}</ScheduleOptions>"
    content = [project(element, activity(1))] if where == "element" else [project(activity(1), **OPTIONS)]
    found = plan_of(*content).project
    assert found.lag_calendar is LagCalendar.ELAPSED
    assert found.progress_logic is ProgressLogic.PROGRESS_OVERRIDE
    assert found.slack_kind is SlackKind.START
    assert found.open_ends_critical
    assert not found.start_lag_from_early_start
    assert not found.use_expected_finish


def test_the_project_has_its_dates_and_what_makes_activities_critical():
    content = project(
        activity(1),
        MustFinishByDate="2026-06-30T17:00:00",
        CriticalActivityFloatLimit=8,
        CriticalActivityPathType="Longest Path",
    )
    found = plan_of(content).project
    assert (found.name, found.start) == ("Tower", datetime(2026, 1, 5, 8))
    assert (found.status_date, found.must_finish) == (datetime(2026, 1, 5, 8), datetime(2026, 6, 30, 17))
    assert (found.critical_slack_minutes, found.critical_by) == (480, CriticalBy.LONGEST_PATH)


def test_the_base_currency_is_the_plans():
    money = f"<Currency>{fields(ObjectId=1, Id='USD')}</Currency><Currency>{fields(ObjectId=2, Id='EUR')}</Currency>"
    chosen = f"<GlobalPreferences>{fields(BaseCurrencyObjectId=2)}</GlobalPreferences>"
    assert plan_of(money, chosen, project(activity(1))).project.currency == "EUR"


def test_activities_constraints_and_percents_use_the_words_of_pmxml():
    content = activity(
        1,
        Type="Finish Milestone",
        PrimaryConstraintType="Mandatory Finish",
        PrimaryConstraintDate="2026-02-01T17:00:00",
        SecondaryConstraintType="Start On or After",
        SecondaryConstraintDate="2026-01-08T08:00:00",
        PercentCompleteType="Physical",
        PhysicalPercentComplete="0.375",
    )
    task = plan_of(project(content)).tasks[1]
    assert (task.kind, task.milestone, task.duration_minutes) == (TaskKind.FINISH_MILESTONE, True, 0)
    assert (task.constraint, task.constraint_date) == (ConstraintKind.MFO, datetime(2026, 2, 1, 17))
    assert (task.second_constraint, task.second_constraint_date) == (ConstraintKind.SNET, datetime(2026, 1, 8, 8))
    assert task.physical_percent == 38


def test_the_outline_hangs_below_the_project_whether_nodes_stand_inside_it_or_beside():
    nodes = (
        f"<WBS>{fields(ObjectId=20, Name='Walls', Code='W', ProjectObjectId=5, SequenceNumber=2)}</WBS>"
        f"<WBS>{fields(ObjectId=21, Name='East', Code='E', ProjectObjectId=5, ParentObjectId=20)}</WBS>"
    )
    tasks = activity(1, WBSObjectId=21)
    for content in (project(nodes, tasks), project() + nodes + tasks):
        plan = plan_of(content)
        assert outline(plan.tasks).uids == (20, 21, 1)


def test_relationships_keep_kind_and_lag():
    row = fields(
        ObjectId=9, PredecessorActivityObjectId=1, SuccessorActivityObjectId=2, Type="Start to Finish", Lag="-4"
    )
    plan = plan_of(project(activity(1), activity(2), f"<Relationship>{row}</Relationship>"))
    link = plan.links[9]
    assert (link.predecessor_uid, link.successor_uid, link.kind, link.lag_minutes) == (1, 2, LinkKind.SF, -240)


RESOURCE = f"<Resource>{fields(ObjectId=7, Name='Masons', Id='MAS', ResourceType='Labor')}</Resource>"
PLANNED = {"PlannedStartDate": "2026-01-05T08:00:00", "PlannedFinishDate": "2026-01-06T17:00:00"}


def assignment(uid: int, task: int, **values: object) -> str:
    usual = {"ObjectId": uid, "ActivityObjectId": task, "ResourceObjectId": 7, "PlannedUnits": 16, "PlannedCost": 1600}
    usual |= {"RemainingUnits": 12, "ActualRegularUnits": 3, "ActualOvertimeUnits": 1, "ActualUnits": 4}
    return f"<ResourceAssignment>{fields(**usual | PLANNED | values)}</ResourceAssignment>"


def test_assignments_count_regular_and_overtime_once():
    plan = plan_of(RESOURCE, project(activity(1), assignment(70, 1, PlannedUnitsPerTime=2, RemainingUnitsPerTime=2)))
    found = plan.assignments[70]
    assert (found.units, found.work_minutes, found.actual_work_minutes) == (2.0, 960, 240)


@pytest.mark.parametrize(
    ("regular", "overtime", "total", "minutes"),
    [(3, 1, 4, 240), (3, "", 3, 180), ("", 1, 4, 240), ("", 1, "", 60), ("", "", 4, 240), ("", "", "", 0)],
)
def test_actual_units_are_regular_and_overtime_or_else_the_total(regular, overtime, total, minutes):
    amounts = {"ActualRegularUnits": regular, "ActualOvertimeUnits": overtime, "ActualUnits": total}
    plan = plan_of(RESOURCE, project(activity(1), assignment(70, 1, **amounts)))
    assert plan.assignments[70].actual_work_minutes == minutes


def test_a_baseline_is_known_by_the_codes_of_its_activities():
    then = {"PlannedStartDate": "2025-12-01T08:00:00", "PlannedFinishDate": "2025-12-03T17:00:00"}
    baseline = project(
        activity(901, Id="A1", PlannedDuration=24, **then),
        activity(902, Id="A77", **then),
        assignment(970, 901, **then),
        element="BaselineProject",
        ObjectId=905,
        Name="Contract",
        OriginalProjectObjectId=5,
        LastBaselineUpdateDate="2025-12-31T00:00:00",
    )
    older = project(
        activity(801, Id="A1", **PLANNED),
        element="BaselineProject",
        ObjectId=805,
        OriginalProjectObjectId=5,
        Name="Bid",
    )
    current = project(activity(1), activity(2), assignment(70, 1), CurrentBaselineProjectObjectId=905)
    result = read_pmxml(pmxml(RESOURCE, current, older, baseline))
    assert result.plan is not None
    assert set(result.plan.tasks) == {1, 2}
    zero, one = result.plan.baselines[0], result.plan.baselines[1]
    assert (zero.name, zero.taken_at, one.name) == ("Contract", datetime(2025, 12, 31), "Bid")
    (kept,) = zero.tasks
    assert (kept.uid, kept.start, kept.finish) == (1, datetime(2025, 12, 1, 8), datetime(2025, 12, 3, 17))
    assert (kept.duration_minutes, kept.cost) == (1440, Decimal(1600))
    assert [(work.uid, work.work_minutes) for work in zero.assignments] == [(70, 960)]
    assert "baseline-only" in rules(result)


def test_without_a_current_baseline_planned_dates_count_and_the_others_follow():
    older = project(activity(801, Id="A1", **PLANNED), element="BaselineProject", ObjectId=805)
    plan = plan_of(project(activity(1, **PLANNED)), older)
    assert [plan.baselines[uid].name for uid in (0, 1)] == ["Planned dates", "Tower"]


def test_what_is_not_kept_is_told_by_element():
    content = activity(1, LocationObjectId=3) + "<ActivityCode><ObjectId>1</ObjectId></ActivityCode>" * 3
    result = read_pmxml(pmxml(project(content), "<UDFType><ObjectId>1</ObjectId></UDFType>"))
    told = {finding.place: finding.text for finding in result.findings if finding.rule == "not-kept"}
    assert told == {
        "Activity": "not kept, with how many values: LocationObjectId 1",
        "Project": "not kept, with how many values: ActivityCode 3",
        "elements": "not kept, with how many values: UDFType 1",
    }


@pytest.mark.parametrize("namespace", [NAMESPACE, "http://xmlns.oracle.com/Primavera/P6/V6.2/API/BusinessObjects", ""])
@pytest.mark.parametrize("name", ["plan.xml", "plan.pmxml", "upload"])
def test_the_root_tells_that_a_file_is_pmxml_whatever_its_name(namespace, name):
    assert set(read_plan(pmxml(project(activity(1)), namespace=namespace), name).plan.tasks) == {1}


def test_a_project_without_a_number_of_its_own_is_read():
    data = pmxml(project(activity(1))).replace(b"<ObjectId>5</ObjectId>", b"")
    assert set(read_pmxml(data).plan.tasks) == {1}


def test_a_value_that_cannot_be_names_line_and_element():
    result = read_pmxml(pmxml(project("\n", activity(1, RemainingDuration="long"))))
    assert result.plan is None
    assert (result.errors[0].place, result.errors[0].rule) == ("line 4, Activity 1", "bad-value")
    assert result.errors[0].text == 'RemainingDuration is "long" but must be a number'


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"<APIBusinessObjects>", "is not well-formed XML"),
        (
            b'<!DOCTYPE a [<!ENTITY x "xxx"><!ENTITY y "&x;&x;">]><APIBusinessObjects>&y;</APIBusinessObjects>',
            "a document type",
        ),
        (b"<APIBusinessObjects>" + b"<a>" * 400 + b"</a>" * 400 + b"</APIBusinessObjects>", "Excessive depth"),
    ],
)
def test_what_is_not_plain_xml_is_refused(data, rule):
    with pytest.raises(UnreadableFileError, match=rule):
        read_pmxml(data)


def test_too_many_elements_of_a_kind_are_refused(monkeypatch):
    monkeypatch.setattr(pmxml_reader, "MAX_RECORDS", 10)
    with pytest.raises(UnreadableFileError, match="line 3: a file must not have more than 10 elements Activity"):
        read_pmxml(pmxml(project(*(activity(uid) for uid in range(1, 12)))))
