"""The words of Primavera P6, those of XER and those of PMXML side by side (no word means two things)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from nirman.planning.model import (
    Accrual,
    ConstraintKind,
    CriticalBy,
    EffortKind,
    LagCalendar,
    LinkKind,
    PercentKind,
    ProgressLogic,
    ResourceKind,
    SlackKind,
    TaskKind,
)


class Status(StrEnum):
    NOT_STARTED = "not started"
    IN_PROGRESS = "in progress"
    COMPLETED = "completed"


STATUSES: Mapping[str, Status] = {
    "TK_NotStart": Status.NOT_STARTED,
    "Not Started": Status.NOT_STARTED,
    "TK_Active": Status.IN_PROGRESS,
    "In Progress": Status.IN_PROGRESS,
    "TK_Complete": Status.COMPLETED,
    "Completed": Status.COMPLETED,
}
TASK_KINDS: Mapping[str, TaskKind] = {
    "TT_Task": TaskKind.TASK,
    "Task Dependent": TaskKind.TASK,
    "TT_Rsrc": TaskKind.RESOURCE_DEPENDENT,
    "Resource Dependent": TaskKind.RESOURCE_DEPENDENT,
    "TT_LOE": TaskKind.LEVEL_OF_EFFORT,
    "Level of Effort": TaskKind.LEVEL_OF_EFFORT,
    "TT_Mile": TaskKind.START_MILESTONE,
    "Start Milestone": TaskKind.START_MILESTONE,
    "TT_FinMile": TaskKind.FINISH_MILESTONE,
    "Finish Milestone": TaskKind.FINISH_MILESTONE,
    "TT_WBS": TaskKind.WBS_SUMMARY,
    "WBS Summary": TaskKind.WBS_SUMMARY,
}
PERCENT_KINDS: Mapping[str, PercentKind] = {
    "CP_Drtn": PercentKind.DURATION,
    "Duration": PercentKind.DURATION,
    "CP_Units": PercentKind.UNITS,
    "Units": PercentKind.UNITS,
    "CP_Phys": PercentKind.PHYSICAL,
    "Physical": PercentKind.PHYSICAL,
    # Scope is a percent that the user enters, like the physical one.
    "Scope": PercentKind.PHYSICAL,
}
EFFORT_KINDS: Mapping[str, EffortKind] = {
    "DT_FixedDrtn": EffortKind.FIXED_DURATION,
    "Fixed Duration and Units/Time": EffortKind.FIXED_DURATION,
    "DT_FixedDUR2": EffortKind.FIXED_DURATION,
    "Fixed Duration and Units": EffortKind.FIXED_DURATION,
    "DT_FixedQty": EffortKind.FIXED_WORK,
    "Fixed Units": EffortKind.FIXED_WORK,
    "DT_FixedRate": EffortKind.FIXED_UNITS,
    "Fixed Units/Time": EffortKind.FIXED_UNITS,
}
EFFORT_DRIVEN = frozenset(("DT_FixedDUR2", "Fixed Duration and Units"))
"""Units stay in all: whoever joins shares them."""
CONSTRAINTS: Mapping[str, ConstraintKind] = {
    "CS_MSO": ConstraintKind.SO,
    "Start On": ConstraintKind.SO,
    "CS_MEO": ConstraintKind.FO,
    "Finish On": ConstraintKind.FO,
    "CS_MSOA": ConstraintKind.SNET,
    "Start On or After": ConstraintKind.SNET,
    "CS_MSOB": ConstraintKind.SNLT,
    "Start On or Before": ConstraintKind.SNLT,
    "CS_MEOA": ConstraintKind.FNET,
    "Finish On or After": ConstraintKind.FNET,
    "CS_MEOB": ConstraintKind.FNLT,
    "Finish On or Before": ConstraintKind.FNLT,
    "CS_ALAP": ConstraintKind.ALAP,
    "As Late As Possible": ConstraintKind.ALAP,
    "CS_MANDSTART": ConstraintKind.MSO,
    "Mandatory Start": ConstraintKind.MSO,
    "CS_MANDFIN": ConstraintKind.MFO,
    "Mandatory Finish": ConstraintKind.MFO,
}
PRIORITIES: Mapping[str, int] = {
    "PT_Top": 900,
    "Top": 900,
    "PT_High": 700,
    "High": 700,
    "PT_Normal": 500,
    "Normal": 500,
    "PT_Low": 300,
    "Low": 300,
    "PT_Lowest": 100,
    "Lowest": 100,
}
LINK_KINDS: Mapping[str, LinkKind] = {
    "PR_FS": LinkKind.FS,
    "Finish to Start": LinkKind.FS,
    "PR_SS": LinkKind.SS,
    "Start to Start": LinkKind.SS,
    "PR_FF": LinkKind.FF,
    "Finish to Finish": LinkKind.FF,
    "PR_SF": LinkKind.SF,
    "Start to Finish": LinkKind.SF,
}
RESOURCE_KINDS: Mapping[str, ResourceKind] = {
    "RT_Labor": ResourceKind.WORK,
    "Labor": ResourceKind.WORK,
    "RT_Equip": ResourceKind.WORK,
    "Nonlabor": ResourceKind.WORK,
    "RT_Mat": ResourceKind.MATERIAL,
    "Material": ResourceKind.MATERIAL,
}
ACCRUALS: Mapping[str, Accrual] = {
    "CL_Start": Accrual.START,
    "Start of Activity": Accrual.START,
    "CL_End": Accrual.END,
    "End of Activity": Accrual.END,
    "CL_Uniform": Accrual.PRORATED,
    "Uniform over Activity": Accrual.PRORATED,
}
LAG_CALENDARS: Mapping[str, LagCalendar | None] = {
    "rcal_Predecessor": LagCalendar.PREDECESSOR,
    "Predecessor Activity Calendar": LagCalendar.PREDECESSOR,
    "rcal_Successor": LagCalendar.SUCCESSOR,
    "Successor Activity Calendar": LagCalendar.SUCCESSOR,
    "rcal_ProjDefault": LagCalendar.PROJECT,
    "Project Default Calendar": LagCalendar.PROJECT,
    "rcal_24Hour": LagCalendar.ELAPSED,
    "24 Hour Calendar": LagCalendar.ELAPSED,
}
PROGRESS_LOGIC: Mapping[str, ProgressLogic] = {
    "Retained Logic": ProgressLogic.RETAINED_LOGIC,
    "Progress Override": ProgressLogic.PROGRESS_OVERRIDE,
    "Actual Dates": ProgressLogic.ACTUAL_DATES,
}
SLACK_KINDS: Mapping[str, SlackKind | None] = {
    "FT_SS": SlackKind.START,
    "Start Float = Late Start - Early Start": SlackKind.START,
    "FT_FF": SlackKind.FINISH,
    "Finish Float = Late Finish - Early Finish": SlackKind.FINISH,
    "FT_Min": SlackKind.LEAST,
    "Smallest of Start Float and Finish Float": SlackKind.LEAST,
}
CRITICAL_BY: Mapping[str, CriticalBy] = {
    "CT_TotFloat": CriticalBy.TOTAL_SLACK,
    "Critical Float": CriticalBy.TOTAL_SLACK,
    "CT_DrivPath": CriticalBy.LONGEST_PATH,
    "Longest Path": CriticalBy.LONGEST_PATH,
}
WEEKDAYS: Mapping[str, int] = {
    "Monday": 0,
    "Tuesday": 1,
    "Wednesday": 2,
    "Thursday": 3,
    "Friday": 4,
    "Saturday": 5,
    "Sunday": 6,
    # Sunday first, in XER and in PMXML of P6 6.
    "1": 6,
    "2": 0,
    "3": 1,
    "4": 2,
    "5": 3,
    "6": 4,
    "7": 5,
}
"""Monday 0 to Sunday 6."""
