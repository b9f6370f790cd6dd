"""Elements of MS Project XML that are computed by the engine, or only another way of saying what the plan keeps.

They are not reported as left out.
"""

from __future__ import annotations

_OF_WORK = frozenset(
    {
        "ACWP",
        "BCWP",
        "BCWS",
        "CV",
        "PercentWorkComplete",
        "RemainingCost",
        "SV",
        "RegularWork",
        "RemainingWork",
        "Start",
        "Finish",
        "GUID",
    }
)
"""Of tasks, assignments and resources alike."""
DERIVED_TASK = _OF_WORK | frozenset(
    {
        "ActualWork",
        "WorkVariance",
        "CostVariance",
        "EarlyStart",
        "EarlyFinish",
        "LateStart",
        "LateFinish",
        "TotalSlack",
        "FreeSlack",
        "StartSlack",
        "FinishSlack",
        "Critical",
        "StartVariance",
        "FinishVariance",
        "ID",
        "OutlineNumber",
        "OutlineLevel",
        "Summary",
        "DurationFormat",
        "Estimated",
        "RemainingDuration",
        "ActualDuration",
        "ManualDuration",
        "FreeformDurationFormat",
        "ManualStart",
        "ManualFinish",
        "StartText",
        "FinishText",
        "DurationText",
        "DisplayAsSummary",
        "LevelingDelayFormat",
        "CreateDate",
        "Type",
    }
)
DERIVED_PROJECT = frozenset(
    {
        "SaveVersion",
        "BuildNumber",
        "Name",
        "Title",
        "GUID",
        "CreationDate",
        "LastSaved",
        "Revision",
        "FinishDate",
        "CurrentDate",
        "CurrencyDigits",
        "ScheduleFromStart",
        "CurrencySymbol",
        "CurrencySymbolPosition",
        "ExtendedCreationDate",
        "HonorConstraints",
    }
)
DERIVED_ASSIGNMENT = _OF_WORK | frozenset(
    {
        "VAC",
        "WorkVariance",
        "CostVariance",
        "LevelingDelayFormat",
        "Stop",
        "Resume",
        "CreationDate",
        "HasFixedRateUnits",
    }
)
DERIVED_RESOURCE = _OF_WORK | frozenset(
    {
        "ActualCost",
        "ActualWork",
        "Baseline",
        "Cost",
        "Work",
        "StandardRateFormat",
        "OvertimeRateFormat",
        "ID",
        "PeakUnits",
        "OverAllocated",
        "CreationDate",
    }
)
DERIVED_BASELINE = frozenset({"BCWP", "BCWS", "DurationFormat", "EstimatedDuration"})
