"""The settings of a whole plan: when it starts, whose rules decide, what counts as critical, what days cost."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from nirman.planning.fields import MinuteOfDay, Name, SignedMinutes, Uid, WallTime, check, check_money
from nirman.planning.kinds import CriticalBy, LagCalendar, ProgressLogic, Rules, ScheduleFrom, SlackKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """Settings of the whole plan; its uid is always 0."""

    uid: Uid = 0
    name: Name = ""
    start: WallTime
    finish: WallTime | None = None
    """Needed, and scheduled back from, when `schedule_from` is finish."""
    schedule_from: ScheduleFrom = ScheduleFrom.START
    calendar_uid: Uid = 1
    status_date: WallTime | None = None
    time_zone: Name = "Asia/Dhaka"
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")] = "BDT"
    minutes_per_day: Annotated[int, Meta(ge=1, le=1440)] = 480
    minutes_per_week: Annotated[int, Meta(ge=1, le=10080)] = 2400
    days_per_month: Annotated[int, Meta(ge=1, le=31)] = 20
    default_start_minute: MinuteOfDay = 480
    default_finish_minute: MinuteOfDay = 1020
    critical_slack_minutes: SignedMinutes = 0
    """A task is critical when its total slack is at most this."""
    honor_constraints: bool = True
    """Constraint dates win over links (MS Project's "tasks will always honor their constraint dates")."""
    multiple_critical_paths: bool = False
    rules: Rules = Rules.MICROSOFT
    lag_calendar: LagCalendar | None = None
    """None: as the rules have it (Microsoft: successor, Primavera: predecessor)."""
    progress_logic: ProgressLogic = ProgressLogic.RETAINED_LOGIC
    start_lag_from_early_start: bool = True
    """A start-start lag of a started predecessor runs from where its remaining work starts early, else from its actual
    start (P6: compute start to start lag from)."""
    work_after_status_date: bool = True
    """Work that is not done is never scheduled before the status date. Primavera's rules always do so."""
    critical_by: CriticalBy = CriticalBy.TOTAL_SLACK
    slack_kind: SlackKind | None = None
    """None: as the rules have it (Microsoft: least, Primavera: finish)."""
    open_ends_critical: bool = False
    """A task without successors may finish no later than it does early (P6: make open-ended activities critical)."""
    float_by_project: bool = False
    """Each summary at the top is a project of its own, whose late dates are counted from its own finish (P6)."""
    use_expected_finish: bool = True
    """Expected finish dates decide remaining durations."""
    must_finish: WallTime | None = None
    """Late dates are counted from here instead of the early finish of the plan (P6: project must finish by)."""
    new_tasks_effort_driven: bool = False
    rain_days: Annotated[tuple[Annotated[float, Meta(ge=0, le=31)], ...], Meta(max_length=12)] = ()
    """Working days that rain takes on average, January to December; empty: not known."""
    indirect_cost_per_day: Decimal = Decimal(0)
    """What each day costs that the project lasts, its site and overheads."""
    delay_damages_per_day: Decimal = Decimal(0)
    """What each day after `must_finish` costs by the contract (liquidated damages)."""

    def __post_init__(self) -> None:
        check(
            self.schedule_from is ScheduleFrom.START or self.finish is not None,
            "a project scheduled from its finish must have a finish",
        )
        check(len(self.rain_days) in (0, 12), "rain_days must have one number for each month, or none")
        for cost in (self.indirect_cost_per_day, self.delay_damages_per_day):
            check(cost.is_finite() and cost >= 0, "a cost a day must be a number, not negative")
            check_money("a cost a day", cost)
