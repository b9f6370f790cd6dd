"""What is odd about single tasks and links of a schedule; nothing here is wrong by itself."""

from __future__ import annotations

from nirman.planning.findings import Finding
from nirman.planning.logic import Logic
from nirman.planning.model import Plan
from nirman.planning.quality.negative_slack import negative_slack
from nirman.planning.quality.open_ends import dangling, open_ends, redundant_links
from nirman.planning.quality.sequence import not_at_data_date, out_of_sequence, overridden_logic, without_working_time
from nirman.planning.schedule import Schedule


def schedule_findings(plan: Plan, schedule: Schedule) -> tuple[Finding, ...]:
    """By rule; within a rule in outline order.

    `negative-slack`, `out-of-sequence`, `logic-overridden`, `before-status-date`, `after-status-date`,
    `no-working-time`, `open-start`, `open-finish`, `dangling-start`, `dangling-finish`, `redundant-link`.
    """
    logic = Logic(plan, schedule)
    return (
        *negative_slack(logic),
        *out_of_sequence(logic),
        *overridden_logic(logic),
        *not_at_data_date(logic),
        *without_working_time(logic),
        *open_ends(logic),
        *dangling(logic),
        *redundant_links(logic),
    )
