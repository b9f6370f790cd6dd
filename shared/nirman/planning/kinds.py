"""The words that fields of a plan choose from; their values are in the API, the events and the snapshots."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What a change can concern."""

    PROJECT = "project"
    CALENDAR = "calendar"
    TASK = "task"
    LINK = "link"
    RESOURCE = "resource"
    ASSIGNMENT = "assignment"
    BASELINE = "baseline"
    RISK = "risk"


class Rules(StrEnum):
    """Whose rules decide where tools differ: those of Microsoft Project or of Oracle Primavera P6."""

    MICROSOFT = "microsoft"
    PRIMAVERA = "primavera"


class LagCalendar(StrEnum):
    """In whose working time a lag runs; `ELAPSED` is the 24-hour calendar."""

    PREDECESSOR = "predecessor"
    SUCCESSOR = "successor"
    PROJECT = "project"
    ELAPSED = "elapsed"


class ProgressLogic(StrEnum):
    """How the remaining work of a task that started before its predecessors ended is placed (P6).

    Retained logic waits for them; progress override does not; actual dates only lets what has happened count.
    """

    RETAINED_LOGIC = "retained_logic"
    PROGRESS_OVERRIDE = "progress_override"
    ACTUAL_DATES = "actual_dates"


class CriticalBy(StrEnum):
    """What makes a task critical: its total slack, or that it is on the longest path to the project's finish."""

    TOTAL_SLACK = "total_slack"
    LONGEST_PATH = "longest_path"


class SlackKind(StrEnum):
    """Total slack is late less early start, late less early finish, or the lesser of the two."""

    START = "start"
    FINISH = "finish"
    LEAST = "least"


class TaskKind(StrEnum):
    """What a task is; summaries are known by their children.

    `RESOURCE_DEPENDENT` works when its resources do; `LEVEL_OF_EFFORT` (hammock) spans what it is linked to and drives
    nothing; `WBS_SUMMARY` spans its siblings below the same summary; a start milestone stands at a morning, a finish
    milestone at an evening.
    """

    TASK = "task"
    RESOURCE_DEPENDENT = "resource_dependent"
    LEVEL_OF_EFFORT = "level_of_effort"
    WBS_SUMMARY = "wbs_summary"
    START_MILESTONE = "start_milestone"
    FINISH_MILESTONE = "finish_milestone"


class PercentKind(StrEnum):
    """Which percent complete speaks for a task: of its duration, of its units (work), or a physical measure."""

    DURATION = "duration"
    UNITS = "units"
    PHYSICAL = "physical"


class Accrual(StrEnum):
    """When a cost is incurred."""

    START = "start"
    PRORATED = "prorated"
    END = "end"


class ConstraintKind(StrEnum):
    """As soon/late as possible; start/finish no earlier/later than; must start/finish on; start/finish on.

    "Must" wins over links (P6: mandatory); "on" asks for the day and yields to links, which then show as negative
    slack (P6: Start On, Finish On).
    """

    ASAP = "ASAP"
    ALAP = "ALAP"
    SNET = "SNET"
    SNLT = "SNLT"
    FNET = "FNET"
    FNLT = "FNLT"
    MSO = "MSO"
    MFO = "MFO"
    SO = "SO"
    FO = "FO"


class LinkKind(StrEnum):
    """Finish-start, start-start, finish-finish, start-finish."""

    FS = "FS"
    SS = "SS"
    FF = "FF"
    SF = "SF"


class EffortKind(StrEnum):
    """What stays when the other two of units, duration and work must agree."""

    FIXED_UNITS = "fixed_units"
    FIXED_DURATION = "fixed_duration"
    FIXED_WORK = "fixed_work"


class ResourceKind(StrEnum):
    WORK = "work"
    MATERIAL = "material"
    COST = "cost"


class ScheduleFrom(StrEnum):
    START = "start"
    FINISH = "finish"
