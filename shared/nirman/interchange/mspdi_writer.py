"""Microsoft Project XML (MSPDI), in the vocabulary of Project 2007.

Elements and their order follow Microsoft's XML schema for Project 2007 (mspdi_pj12), which programs have read since.
From later versions come `Active`, `Manual`, `ManualStart`, `ManualFinish` and `ManualDuration`, on tasks that are
inactive or scheduled by hand only, and the week of a `WorkWeek` as MS Project itself writes it. Lags, slack and delays
are in tenths of a minute, costs in hundredths, durations like `PT8H30M0S`.

What the format has no place for: the time zone, which holidays are estimated, uids of links, fractions of a percent of
a lag, a code that is the outline number, a sixth shift of a day (refused), names of baselines, that percent of units
speaks for a task. Work that the plan leaves to units and duration is written out, and costs to the hundredth.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from nirman.errors import InvalidPlanError
from nirman.interchange.mspdi_writer_baselines import task_baselines
from nirman.interchange.mspdi_writer_calendars import calendars_xml
from nirman.interchange.mspdi_writer_resources import ACCRUALS, assignments_xml, resources_xml
from nirman.interchange.mspdi_writer_text import bit, clock, escaped, money, span, unit, when
from nirman.interchange.progress import Progress, counted
from nirman.planning.baselines import rounded
from nirman.planning.costs import Costs, TaskCost, plan_costs
from nirman.planning.model import ConstraintKind, EffortKind, Link, LinkKind, PercentKind, Plan, ScheduleFrom, Task
from nirman.planning.schedule import Schedule, TaskDates
from nirman.scheduling.calendars import Calendars
from nirman.scheduling.instants import to_minutes

NAMESPACE = "http://schemas.microsoft.com/project"
PROJECT_2007, PROJECT_2010 = 12, 14
PROJECT_SUMMARY = 0
"""Uid and row of the task that stands for the whole project."""
MAX_NAME = 255
"""Of the project's name, characters; its title has room for all."""

_CONSTRAINTS = {
    ConstraintKind.ASAP: 0,
    ConstraintKind.ALAP: 1,
    ConstraintKind.MSO: 2,
    ConstraintKind.MFO: 3,
    ConstraintKind.SO: 2,
    ConstraintKind.FO: 3,
    ConstraintKind.SNET: 4,
    ConstraintKind.SNLT: 5,
    ConstraintKind.FNET: 6,
    ConstraintKind.FNLT: 7,
}
_EFFORTS = {EffortKind.FIXED_UNITS: 0, EffortKind.FIXED_DURATION: 1, EffortKind.FIXED_WORK: 2}
_LINKS = {LinkKind.FF: 0, LinkKind.FS: 1, LinkKind.SF: 2, LinkKind.SS: 3}
_PERCENT, _ELAPSED_PERCENT = 19, 20


def write_mspdi(plan: Plan, schedule: Schedule, progress: Progress | None = None) -> bytes:
    """UTF-8 XML that MS Project opens with the dates of `schedule`.

    InvalidPlanError: a task has the uid of the project's own row, a day has more shifts than the format has room for.
    """
    if PROJECT_SUMMARY in plan.tasks:
        raise InvalidPlanError("uid 0 is the project's own row in MS Project", place="task 0", uids=(0,))
    parts = ['<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n', f'<Project xmlns="{NAMESPACE}">']
    parts += _project(plan, schedule)
    parts += calendars_xml(plan)
    parts.append("\n<Tasks>")
    parts.append(_project_summary(plan, schedule))
    costs = plan_costs(plan, schedule)
    parts += _tasks(plan, schedule, costs, progress)
    parts.append("</Tasks>\n")
    parts += resources_xml(plan)
    parts += assignments_xml(plan, schedule, costs)
    parts.append("</Project>\n")
    return "".join(parts).encode()


def _project(plan: Plan, schedule: Schedule) -> Iterator[str]:
    project = plan.project
    later = any(task.manual or not task.active for task in plan.tasks.values())
    yield f"<SaveVersion>{PROJECT_2010 if later else PROJECT_2007}</SaveVersion>"
    yield f"<Name>{escaped(project.name[:MAX_NAME])}</Name><Title>{escaped(project.name)}</Title>"
    from_start = project.schedule_from is ScheduleFrom.START
    finish = schedule.project_finish if from_start or project.finish is None else project.finish
    yield (
        f"<ScheduleFromStart>{bit(from_start)}</ScheduleFromStart><StartDate>{when(project.start)}</StartDate>"
        f"<FinishDate>{when(finish)}</FinishDate>"
        f"<CriticalSlackLimit>{project.critical_slack_minutes // project.minutes_per_day}</CriticalSlackLimit>"
        f"<CurrencyDigits>2</CurrencyDigits><CurrencySymbol>{project.currency}</CurrencySymbol>"
        f"<CurrencyCode>{project.currency}</CurrencyCode><CurrencySymbolPosition>2</CurrencySymbolPosition>"
        f"<CalendarUID>{project.calendar_uid}</CalendarUID>"
        f"<DefaultStartTime>{clock(project.default_start_minute)}</DefaultStartTime>"
        f"<DefaultFinishTime>{clock(project.default_finish_minute)}</DefaultFinishTime>"
        f"<MinutesPerDay>{project.minutes_per_day}</MinutesPerDay>"
        f"<MinutesPerWeek>{project.minutes_per_week}</MinutesPerWeek>"
        f"<DaysPerMonth>{project.days_per_month}</DaysPerMonth><DurationFormat>7</DurationFormat>"
        f"<WorkFormat>2</WorkFormat><HonorConstraints>{bit(project.honor_constraints)}</HonorConstraints>"
        f"<MultipleCriticalPaths>{bit(project.multiple_critical_paths)}</MultipleCriticalPaths>"
        f"<NewTasksEffortDriven>{bit(project.new_tasks_effort_driven)}</NewTasksEffortDriven>"
    )
    if project.status_date:
        yield f"<StatusDate>{when(project.status_date)}</StatusDate>"


def _project_summary(plan: Plan, schedule: Schedule) -> str:
    start, finish = schedule.project_start, schedule.project_finish
    working_time = Calendars(plan.calendars).working_time(plan.project.calendar_uid)
    duration = max(0, working_time.between(to_minutes(start), to_minutes(finish)))
    critical = any(dates.critical for dates in schedule)
    return (
        f"<Task><UID>{PROJECT_SUMMARY}</UID><ID>0</ID><Name>{escaped(plan.project.name)}</Name><Type>1</Type>"
        f"<IsNull>0</IsNull><WBS>0</WBS><OutlineNumber>0</OutlineNumber><OutlineLevel>0</OutlineLevel>"
        f"<Priority>500</Priority><Start>{when(start)}</Start><Finish>{when(finish)}</Finish>"
        f"<Duration>{span(duration)}</Duration><DurationFormat>7</DurationFormat><EffortDriven>0</EffortDriven>"
        f"<Estimated>0</Estimated><Milestone>0</Milestone><Summary>1</Summary><Critical>{bit(critical)}</Critical>"
        f"<EarlyStart>{when(start)}</EarlyStart><EarlyFinish>{when(finish)}</EarlyFinish>"
        f"<ConstraintType>0</ConstraintType><CalendarUID>-1</CalendarUID></Task>\n"
    )


def _tasks(plan: Plan, schedule: Schedule, costs: Costs, progress: Progress | None) -> Iterator[str]:
    links: dict[int, list[Link]] = defaultdict(list)
    for link in plan.links.values():
        links[link.successor_uid].append(link)
    per_day = plan.project.minutes_per_day
    baselines = task_baselines(plan.baselines.values(), per_day)
    for dates in counted(schedule, len(plan.tasks), progress):
        task = plan.tasks[dates.uid]
        yield "<Task>"
        yield _identity(task, dates)
        yield _planned(task, dates, per_day)
        yield _computed(task, dates)
        yield _progress(task, dates, costs[task.uid])
        yield _rules(task)
        yield _predecessors(links.get(task.uid, ()), per_day)
        yield baselines.get(task.uid, "")
        yield "</Task>\n"


def _identity(task: Task, dates: TaskDates) -> str:
    later = ""
    if task.manual or not task.active:
        later = f"<Active>{bit(task.active)}</Active><Manual>{bit(task.manual)}</Manual>"
    return (
        f"<UID>{task.uid}</UID><ID>{dates.id}</ID><Name>{escaped(task.name)}</Name>{later}"
        f"<Type>{_EFFORTS[task.effort]}</Type><IsNull>0</IsNull><WBS>{escaped(task.code or dates.wbs)}</WBS>"
        f"<OutlineNumber>{dates.wbs}</OutlineNumber><OutlineLevel>{dates.wbs.count('.') + 1}</OutlineLevel>"
        f"<Priority>{task.priority}</Priority>"
    )


def _planned(task: Task, dates: TaskDates, per_day: int) -> str:
    minutes = max(0, dates.duration_minutes) if dates.summary else task.duration_minutes
    elapsed = task.duration_elapsed and not dates.summary
    by_hand = ""
    if task.manual:
        start, finish = task.manual_start, task.manual_finish
        by_hand = (
            (f"<ManualStart>{when(start)}</ManualStart>" if start else "")
            + (f"<ManualFinish>{when(finish)}</ManualFinish>" if finish else "")
            + f"<ManualDuration>{span(minutes)}</ManualDuration>"
        )
    return (
        f"<Start>{when(dates.start)}</Start><Finish>{when(dates.finish)}</Finish><Duration>{span(minutes)}</Duration>"
        f"{by_hand}<DurationFormat>{unit(minutes, per_day, elapsed=elapsed)}</DurationFormat>"
        f"<Work>{span(task.work_minutes)}</Work>"
        + (f"<Stop>{when(task.stop)}</Stop>" if task.stop else "")
        + (f"<Resume>{when(task.resume)}</Resume>" if task.resume else "")
        + f"<EffortDriven>{bit(task.effort_driven)}</EffortDriven><Estimated>0</Estimated>"
    )


def _computed(task: Task, dates: TaskDates) -> str:
    return (
        f"<Milestone>{bit(dates.milestone or task.milestone)}</Milestone><Summary>{bit(dates.summary)}</Summary>"
        f"<Critical>{bit(dates.critical)}</Critical><EarlyStart>{when(dates.early_start)}</EarlyStart>"
        f"<EarlyFinish>{when(dates.early_finish)}</EarlyFinish><LateStart>{when(dates.late_start)}</LateStart>"
        f"<LateFinish>{when(dates.late_finish)}</LateFinish><FreeSlack>{dates.free_slack_minutes * 10}</FreeSlack>"
        f"<TotalSlack>{dates.total_slack_minutes * 10}</TotalSlack><FixedCost>{money(task.fixed_cost)}</FixedCost>"
        f"<FixedCostAccrual>{ACCRUALS[task.fixed_cost_accrual]}</FixedCostAccrual>"
    )


def _progress(task: Task, dates: TaskDates, cost: TaskCost) -> str:
    text = f"<PercentComplete>{task.percent_complete}</PercentComplete><Cost>{money(rounded(cost.cost))}</Cost>"
    if task.actual_start:
        text += f"<ActualStart>{when(task.actual_start)}</ActualStart>"
    if task.actual_finish:
        text += f"<ActualFinish>{when(task.actual_finish)}</ActualFinish>"
    done = left = ""
    if task.remaining_minutes is not None or (task.percent_complete and not dates.summary):
        remaining = task.remaining_minutes
        if remaining is None:
            remaining = task.duration_minutes - task.duration_minutes * task.percent_complete // 100
        done = f"<ActualDuration>{span(max(0, task.duration_minutes - remaining))}</ActualDuration>"
        left = f"<RemainingDuration>{span(remaining)}</RemainingDuration>"
    return (
        f"{text}{done}<ActualCost>{money(rounded(cost.actual_cost))}</ActualCost>"
        f"{left}<RemainingCost>{money(rounded(cost.remaining_cost))}</RemainingCost>"
    )


def _rules(task: Task) -> str:
    """Constraint, calendar, deadline, levelling and notes."""
    calendar_uid = -1 if task.calendar_uid is None else task.calendar_uid
    dated = f"<ConstraintDate>{when(task.constraint_date)}</ConstraintDate>" if task.constraint_date else ""
    return (
        f"<ConstraintType>{_CONSTRAINTS[task.constraint]}</ConstraintType>"
        f"<CalendarUID>{calendar_uid}</CalendarUID>{dated}"
        + (f"<Deadline>{when(task.deadline)}</Deadline>" if task.deadline else "")
        + f"<LevelingCanSplit>{bit(task.leveling_can_split)}</LevelingCanSplit>"
        f"<LevelingDelay>{task.leveling_delay_minutes * 10}</LevelingDelay>"
        "<LevelingDelayFormat>8</LevelingDelayFormat>"
        f"<IgnoreResourceCalendar>{bit(task.ignore_resource_calendar)}</IgnoreResourceCalendar>"
        + (f"<Notes>{escaped(task.notes)}</Notes>" if task.notes else "")
        + f"<PhysicalPercentComplete>{task.physical_percent}</PhysicalPercentComplete>"
        f"<EarnedValueMethod>{bit(task.percent_kind is PercentKind.PHYSICAL)}</EarnedValueMethod>"
    )


def _predecessors(links: Sequence[Link], per_day: int) -> str:
    return "".join(
        f"<PredecessorLink><PredecessorUID>{link.predecessor_uid}</PredecessorUID><Type>{_LINKS[link.kind]}</Type>"
        f"<CrossProject>0</CrossProject>{_lag(link, per_day)}</PredecessorLink>"
        for link in links
    )


def _lag(link: Link, per_day: int) -> str:
    """Tenths of a minute, or whole percents of the predecessor's duration."""
    if link.lag_percent is not None:
        amount, shown = round(link.lag_percent), _ELAPSED_PERCENT if link.lag_elapsed else _PERCENT
    else:
        amount, shown = link.lag_minutes * 10, unit(link.lag_minutes, per_day, elapsed=link.lag_elapsed)
    return f"<LinkLag>{amount}</LinkLag><LagFormat>{shown}</LagFormat>"
