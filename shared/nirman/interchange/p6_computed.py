"""Columns and elements of Primavera P6 files that follow from others, or only say what the plan keeps in another way.

They are not reported as left out. By table of XER; what begins with a capital is an element of PMXML.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_COMPUTED = {
    "PROJECT": """
        guid scd_end_date add_date add_by_name last_checksum last_schedule_date last_tasksum_date
        sum_refresh_date create_date create_user update_date update_user fcst_start_date
        last_baseline_update_date project_flag checkout_flag def_complete_pct_type def_cost_per_qty
        def_duration_type def_qty_type def_rate_type def_task_type task_code_base task_code_prefix
        task_code_prefix_flag task_code_step name_sep_char fy_start_month_num sum_assign_level obs_id
        GUID ScheduledFinishDate StartDate FinishDate DateAdded AddedBy LastScheduleDate LastSummarizedDate
        CreateDate CreateUser LastUpdateDate LastUpdateUser ActivityDefaultCalendarName BaselineTypeName OBSName
        CheckOutStatus ForecastStartDate ForecastFinishDate ProjectForecastStartDate
        DataDateAndPlannedStartSetToProjectForecastStart ActivityDefaultActivityType ActivityDefaultDurationType
        ActivityDefaultPercentCompleteType ActivityDefaultPricePerUnit ActivityIdBasedOnSelectedActivity
        ActivityIdIncrement ActivityIdPrefix ActivityIdSuffix AssignmentDefaultDrivingFlag
        AssignmentDefaultRateType DefaultPriceTimeUnits WBSCodeSeparator FiscalYearStartMonth SummaryLevel
        ParentEPSObjectId ParentEPSId ParentEPSName OBSObjectId
    """,
    "SCHEDOPTIONS": """
        create_date create_user
        CreateDate CreateUser LastUpdateDate LastUpdateUser UserName UserObjectId
    """,
    "CALENDAR": """
        year_hr_cnt clndr_type proj_id last_chng_date rsrc_private create_date update_date create_user
        update_user guid
        HoursPerYear Type IsPersonal ProjectObjectId ProjectId ResourceObjectId CreateDate CreateUser
        LastUpdateDate LastUpdateUser GUID IsMaster SeqNum
    """,
    "PROJWBS": """
        guid status_code sum_data_flag obs_id create_date create_user update_date update_user ev_compute_type
        ev_etc_compute_type ev_etc_user_value ev_user_pct est_wt tmpl_guid plan_open_state
        GUID Status ProjectId WBSCategoryObjectId OBSObjectId OBSName CreateDate CreateUser LastUpdateDate
        LastUpdateUser EarnedValueComputeType EarnedValueETCComputeType EarnedValueETCUserValue
        EarnedValueUserPercent EstimatedWeight StartDate FinishDate ForecastStartDate ForecastFinishDate
        ParentWBSCode
    """,
    "TASK": """
        guid early_start_date early_end_date late_start_date late_end_date restart_date reend_date
        rem_late_start_date rem_late_end_date total_float_hr_cnt free_float_hr_cnt driving_path_flag float_path
        float_path_order create_date create_user update_date update_user rsrc_id act_this_per_work_qty
        act_this_per_equip_qty review_end_date rev_fdbk_flag lock_plan_flag auto_compute_act_flag est_wt
        tmpl_guid template_guid review_type
        GUID StartDate FinishDate EarlyStartDate EarlyFinishDate LateStartDate LateFinishDate
        RemainingEarlyStartDate RemainingEarlyFinishDate RemainingLateStartDate RemainingLateFinishDate
        ActualDuration AtCompletionDuration DurationPercentComplete UnitsPercentComplete PercentComplete
        ScopePercentComplete NonLaborUnitsPercentComplete TotalFloat FreeFloat IsCritical IsLongestPath
        FloatPath FloatPathOrder DurationPercentOfPlanned CreateDate CreateUser LastUpdateDate LastUpdateUser
        PrimaryResourceObjectId PrimaryResourceId PrimaryResourceName CalendarName WBSCode WBSName WBSPath
        ProjectId ProjectName ProjectNameSepChar IsNewFeedback ReviewStatus AutoComputeActuals EstimatedWeight
        IsWorkPackage IsTemplate IsStarred IsBaseline IsPlanned ActualLaborCost ActualNonLaborCost
        ActualMaterialCost ActualExpenseCost ActualTotalCost ActualTotalUnits PlannedLaborCost
        PlannedNonLaborCost PlannedMaterialCost PlannedExpenseCost PlannedTotalCost PlannedTotalUnits
        RemainingLaborCost RemainingNonLaborCost RemainingMaterialCost RemainingExpenseCost RemainingTotalCost
        RemainingTotalUnits AtCompletionLaborCost AtCompletionNonLaborCost AtCompletionMaterialCost
        AtCompletionExpenseCost AtCompletionTotalCost AtCompletionTotalUnits AtCompletionLaborUnits
        AtCompletionNonLaborUnits ActualThisPeriodLaborCost ActualThisPeriodLaborUnits
        ActualThisPeriodNonLaborCost ActualThisPeriodNonLaborUnits ActualThisPeriodMaterialCost RemainingFloat
        RemainingFreeFloat StartDate1 HasFutureBucketData
    """,
    "TASKPRED": """
        proj_id pred_proj_id float_path aref arls create_date create_user update_date update_user
        PredecessorProjectObjectId SuccessorProjectObjectId PredecessorActivityId SuccessorActivityId
        PredecessorProjectId SuccessorProjectId PredecessorActivityName SuccessorActivityName
        PredecessorActivityType SuccessorActivityType PredecessorFinishDate Driving IsPredecessorBaseline
        IsPredecessorPlan IsSuccessorBaseline IsSuccessorPlan CreateDate CreateUser LastUpdateDate
        LastUpdateUser Aref Arls
    """,
    "RSRC": """
        guid rsrc_seq_num last_checksum cost_qty_type def_cost_qty_link_flag active_flag auto_compute_act_flag
        curr_id load_tasks_flag level_flag create_date create_user update_date update_user xfer_complete_day_cnt
        xfer_notstart_day_cnt
        GUID SequenceNumber CalculateCostFromUnits IsActive AutoComputeActuals CurrencyObjectId CurrencyId
        CurrencyName CreateDate CreateUser LastUpdateDate LastUpdateUser CalendarName ParentId ParentName
        UseTimesheets TimesheetApprovalManagerObjectId IsOverAllocated EffectiveDate MaxUnitsPerTime
        PricePerUnit
    """,
    "RSRCRATE": """
        create_date create_user update_date update_user
        CreateDate CreateUser LastUpdateDate LastUpdateUser ResourceId ResourceName
    """,
    "UMEASURE": """
        seq_num unit_name
        SequenceNumber Name CreateDate CreateUser LastUpdateDate LastUpdateUser
    """,
    "TASKRSRC": """
        guid proj_id cost_qty_link_flag acct_id pobs_id skill_level ot_factor cost_per_qty restart_date
        reend_date rem_late_start_date rem_late_end_date rollup_dates_flag
        ts_pend_act_end_flag rate_type act_this_per_cost act_this_per_qty rsrc_type cost_per_qty_source_type
        create_date create_user update_date update_user has_rsrchours taskrsrc_sum_id
        GUID ProjectObjectId ActivityId ActivityName WBSObjectId ResourceId ResourceName ResourceType RoleId
        RoleName StartDate FinishDate RemainingStartDate RemainingFinishDate
        RemainingLateStartDate RemainingLateFinishDate RemainingDuration ActualDuration PlannedDuration
        AtCompletionCost AtCompletionUnits AtCompletionDuration ActualThisPeriodCost ActualThisPeriodUnits
        IsCostUnitsLinked IsPrimaryResource AutoComputeActuals DrivingActivityDatesFlag PricePerUnit
        CostPerQuantity RateType RateSource CreateDate CreateUser LastUpdateDate LastUpdateUser OvertimeFactor
        UnitsPercentComplete ProjectId CostAccountObjectId PendingPercentComplete PendingRemainingUnits
        PendingActualRegularUnits PendingActualOvertimeUnits Proficiency IsActive IsBaseline IsTemplate
        PendingActualUnits ReviewRequired HasFutureBucketData
    """,
    "PROJCOST": """
        proj_id auto_compute_act_flag create_date create_user update_date update_user
        ProjectObjectId ProjectId ActivityId ActivityName WBSObjectId WBSCode WBSName AtCompletionCost
        AutoComputeActuals CreateDate CreateUser LastUpdateDate LastUpdateUser OverBudget ExpensePercentComplete
        IsBaseline IsTemplate
    """,
    "TASKMEMO": """
        proj_id memo_type_id
        NotebookTopicObjectId NotebookTopicName ProjectObjectId ActivityId ProjectId RawTextNote WBSObjectId
        CreateDate CreateUser LastUpdateDate LastUpdateUser IsBaseline ActivityName AvailableForActivity
        IsTemplate
    """,
    "WBSMEMO": """
        proj_id memo_type_id
        NotebookTopicObjectId NotebookTopicName ProjectObjectId ProjectId RawTextNote WBSCode WBSName CreateDate
        CreateUser LastUpdateDate LastUpdateUser IsBaseline AvailableForProject AvailableForWBS IsTemplate
    """,
    "CURRTYPE": """
        decimal_digit_cnt curr_symbol digit_group_symbol pos_curr_fmt_type neg_curr_fmt_type curr_type
        group_digit_cnt base_exch_rate
        DecimalPlaces DigitGroupingSymbol ExchangeRate Name NegativeSymbol PositiveSymbol Symbol CreateDate
        CreateUser LastUpdateDate LastUpdateUser
    """,
}

COMPUTED: Mapping[str, frozenset[str]] = MappingProxyType(
    {table: frozenset(words.split()) for table, words in _COMPUTED.items()}
)
