"""Elements of MS Project XML that are computed by the engine, or only another way of saying what the plan keeps.

They are not reported as left out.
"""

from __future__ import annotations

DERIVED_TASK = frozenset(
    {
        "RegularWork",
        "RemainingWork",
        "WorkVariance",
        "CostVariance",
        "Start",
        "Finish",
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
        "GUID",
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
DERIVED_ASSIGNMENT = frozenset(
    {
        "RegularWork",
        "RemainingWork",
        "WorkVariance",
        "CostVariance",
        "LevelingDelayFormat",
        "Start",
        "Finish",
        "Stop",
        "Resume",
        "GUID",
        "CreationDate",
        "HasFixedRateUnits",
    }
)
DERIVED_RESOURCE = frozenset(
    {
        "StandardRateFormat",
        "OvertimeRateFormat",
        "ID",
        "GUID",
        "Start",
        "Finish",
        "PeakUnits",
        "OverAllocated",
        "CreationDate",
    }
)
