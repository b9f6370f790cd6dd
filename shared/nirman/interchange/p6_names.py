"""The records of a Primavera P6 file that the plan keeps, and what XER and PMXML call them and their fields.

A line of `fields` is the name used here, the column of the XER table, the element of PMXML; `-` where a format has
none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from nirman.interchange.p6_computed import COMPUTED


@dataclass(frozen=True, slots=True)
class Record:
    """`columns` and `elements`: what the file calls a field -> its name here; `computed`: see `p6_computed`."""

    table: str
    element: str
    columns: Mapping[str, str]
    elements: Mapping[str, str]
    computed: frozenset[str]


def _record(table: str, element: str, fields: str, computed: frozenset[str]) -> Record:
    lines = [line.split() for line in fields.strip().splitlines()]
    return Record(
        table=table,
        element=element,
        columns=MappingProxyType({column: name for name, column, _ in lines if column != "-"}),
        elements=MappingProxyType({own: name for name, _, own in lines if own != "-"}),
        computed=computed,
    )


PROJECT = _record(
    "PROJECT",
    "Project",
    """
    uid             proj_id               ObjectId
    code            proj_short_name       Id
    name            -                     Name
    start           plan_start_date       PlannedStartDate
    data_date       last_recalc_date      DataDate
    must_finish     plan_end_date         MustFinishByDate
    calendar        clndr_id              ActivityDefaultCalendarObjectId
    critical_limit  critical_drtn_hr_cnt  CriticalActivityFloatLimit
    critical_by     critical_path_type    CriticalActivityPathType
    exported        export_flag           -
    baseline        sum_base_proj_id      CurrentBaselineProjectObjectId
    original        -                     OriginalProjectObjectId
    taken_at        -                     LastBaselineUpdateDate
    root            -                     WBSObjectId
    lag_calendar    -                     RelationshipLagCalendar
    """,
    COMPUTED["PROJECT"],
)

OPTIONS = _record(
    "SCHEDOPTIONS",
    "ScheduleOptions",
    """
    uid              schedoptions_id                       ObjectId
    project          proj_id                               ProjectObjectId
    lag_calendar     sched_calendar_on_relationship_lag    RelationshipLagCalendar
    retained         sched_retained_logic                  -
    override         sched_progress_override               -
    logic            -                                     OutOfSequenceScheduleType
    float_kind       sched_float_type                      ComputeTotalFloatType
    open_ends        sched_open_critical_flag              MakeOpenEndedActivitiesCritical
    start_lag        sched_lag_early_start_flag            StartToStartLagCalculationType
    expected_finish  sched_use_expect_end_flag             UseExpectedFinishDates
    outer            sched_outer_depend_type               -
    ignore_outer     -                                     IgnoreOtherProjectRelationships
    own_finish       sched_use_project_end_date_for_float  CalculateFloatBasedOnFinishDate
    critical_limit   -                                     CriticalActivityFloatThreshold
    critical_by      -                                     CriticalActivityPathType
    """,
    COMPUTED["SCHEDOPTIONS"],
)

CALENDAR = _record(
    "CALENDAR",
    "Calendar",
    """
    uid         clndr_id       ObjectId
    name        clndr_name     Name
    base        base_clndr_id  BaseCalendarObjectId
    is_default  default_flag   IsDefault
    day_hours   day_hr_cnt     HoursPerDay
    week_hours  week_hr_cnt    HoursPerWeek
    month_hours month_hr_cnt   HoursPerMonth
    data        clndr_data     -
    """,
    COMPUTED["CALENDAR"],
)

WBS = _record(
    "PROJWBS",
    "WBS",
    """
    uid      wbs_id          ObjectId
    project  proj_id         ProjectObjectId
    parent   parent_wbs_id   ParentObjectId
    order    seq_num         SequenceNumber
    is_root  proj_node_flag  -
    code     wbs_short_name  Code
    name     wbs_name        Name
    """,
    COMPUTED["PROJWBS"],
)

ACTIVITY = _record(
    "TASK",
    "Activity",
    """
    uid               task_id                    ObjectId
    project           proj_id                    ProjectObjectId
    wbs               wbs_id                     WBSObjectId
    calendar          clndr_id                   CalendarObjectId
    code              task_code                  Id
    name              task_name                  Name
    kind              task_type                  Type
    status            status_code                Status
    effort            duration_type              DurationType
    percent_kind      complete_pct_type          PercentCompleteType
    physical_percent  phys_complete_pct          PhysicalPercentComplete
    planned           target_drtn_hr_cnt         PlannedDuration
    remaining         remain_drtn_hr_cnt         RemainingDuration
    actual_start      act_start_date             ActualStartDate
    actual_finish     act_end_date               ActualFinishDate
    planned_start     target_start_date          PlannedStartDate
    planned_finish    target_end_date            PlannedFinishDate
    expected_finish   expect_end_date            ExpectedFinishDate
    suspend           suspend_date               SuspendDate
    resume            resume_date                ResumeDate
    constraint        cstr_type                  PrimaryConstraintType
    constraint_date   cstr_date                  PrimaryConstraintDate
    constraint2       cstr_type2                 SecondaryConstraintType
    constraint_date2  cstr_date2                 SecondaryConstraintDate
    external_start    external_early_start_date  ExternalEarlyStartDate
    external_finish   external_late_end_date     ExternalLateFinishDate
    priority          priority_type              LevelingPriority
    actual_labor      act_work_qty               ActualLaborUnits
    remaining_labor   remain_work_qty            RemainingLaborUnits
    planned_labor     target_work_qty            PlannedLaborUnits
    actual_other      act_equip_qty              ActualNonLaborUnits
    remaining_other   remain_equip_qty           RemainingNonLaborUnits
    planned_other     target_equip_qty           PlannedNonLaborUnits
    notes             -                          NotesToResources
    """,
    COMPUTED["TASK"],
)

RELATION = _record(
    "TASKPRED",
    "Relationship",
    """
    uid          task_pred_id  ObjectId
    predecessor  pred_task_id  PredecessorActivityObjectId
    successor    task_id       SuccessorActivityObjectId
    kind         pred_type     Type
    lag          lag_hr_cnt    Lag
    """,
    COMPUTED["TASKPRED"],
)

RESOURCE = _record(
    "RSRC",
    "Resource",
    """
    uid       rsrc_id         ObjectId
    parent    parent_rsrc_id  ParentObjectId
    calendar  clndr_id        CalendarObjectId
    name      rsrc_name       Name
    code      rsrc_short_name Id
    kind      rsrc_type       ResourceType
    email     email_addr      EmailAddress
    overtime  ot_flag         UseOvertime
    factor    ot_factor       OvertimeFactor
    units     def_qty_per_hr  DefaultUnitsPerTime
    measure   unit_id         UnitOfMeasureObjectId
    notes     rsrc_notes      ResourceNotes
    """,
    COMPUTED["RSRC"],
)

RATE = _record(
    "RSRCRATE",
    "ResourceRate",
    """
    uid       rsrc_rate_id    ObjectId
    resource  rsrc_id         ResourceObjectId
    since     start_date      EffectiveDate
    units     max_qty_per_hr  MaxUnitsPerTime
    price     cost_per_qty    PricePerUnit
    """,
    COMPUTED["RSRCRATE"],
)

MEASURE = _record(
    "UMEASURE",
    "UnitOfMeasure",
    """
    uid   unit_id      ObjectId
    code  unit_abbrev  Abbreviation
    """,
    COMPUTED["UMEASURE"],
)

ASSIGNMENT = _record(
    "TASKRSRC",
    "ResourceAssignment",
    """
    uid              taskrsrc_id             ObjectId
    activity         task_id                 ActivityObjectId
    resource         rsrc_id                 ResourceObjectId
    role             role_id                 RoleObjectId
    planned          target_qty              PlannedUnits
    remaining        remain_qty              RemainingUnits
    actual           act_reg_qty             ActualRegularUnits
    actual_overtime  act_ot_qty              ActualOvertimeUnits
    actual_total     -                       ActualUnits
    planned_rate     target_qty_per_hr       PlannedUnitsPerTime
    remaining_rate   remain_qty_per_hr       RemainingUnitsPerTime
    planned_lag      target_lag_drtn_hr_cnt  PlannedLag
    remaining_lag    relag_drtn_hr_cnt       RemainingLag
    actual_start     act_start_date          ActualStartDate
    actual_finish    act_end_date            ActualFinishDate
    planned_start    target_start_date       PlannedStartDate
    planned_finish   target_end_date         PlannedFinishDate
    planned_cost     target_cost             PlannedCost
    remaining_cost   remain_cost             RemainingCost
    cost             act_reg_cost            ActualRegularCost
    cost_overtime    act_ot_cost             ActualOvertimeCost
    cost_total       -                       ActualCost
    curve            curv_id                 ResourceCurveObjectId
    """,
    COMPUTED["TASKRSRC"],
)

EXPENSE = _record(
    "PROJCOST",
    "ActivityExpense",
    """
    uid        cost_item_id    ObjectId
    activity   task_id         ActivityObjectId
    actual     act_cost        ActualCost
    remaining  remain_cost     RemainingCost
    planned    target_cost     PlannedCost
    accrual    cost_load_type  AccrualType
    """,
    COMPUTED["PROJCOST"],
)

ACTIVITY_NOTE = _record(
    "TASKMEMO",
    "ActivityNote",
    """
    uid    memo_id    ObjectId
    owner  task_id    ActivityObjectId
    text   task_memo  Note
    """,
    COMPUTED["TASKMEMO"],
)

WBS_NOTE = _record(
    "WBSMEMO",
    "ProjectNote",
    """
    uid    wbs_memo_id  ObjectId
    owner  wbs_id       WBSObjectId
    text   wbs_memo     Note
    """,
    COMPUTED["WBSMEMO"],
)

CURRENCY = _record(
    "CURRTYPE",
    "Currency",
    """
    uid       curr_id             ObjectId
    code      curr_short_name     Id
    decimal   decimal_symbol      DecimalSymbol
    is_base   -                   IsBaseCurrency
    """,
    COMPUTED["CURRTYPE"],
)

RECORDS = (
    PROJECT,
    OPTIONS,
    CALENDAR,
    WBS,
    ACTIVITY,
    RELATION,
    RESOURCE,
    RATE,
    MEASURE,
    ASSIGNMENT,
    EXPENSE,
    ACTIVITY_NOTE,
    WBS_NOTE,
    CURRENCY,
)
