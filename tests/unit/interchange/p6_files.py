"""Files of Primavera P6 for tests: only what matters is said, the rest is usual."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

SHIFTS = "(0||0(s|08:00|f|12:00)())(0||1(s|13:00|f|17:00)())"
STANDARD = (
    "(0||CalendarData()((0||DaysOfWeek()((0||1()())"
    + "".join(f"(0||{day}()({SHIFTS}))" for day in range(2, 7))
    + "(0||7()())))(0||Exceptions()())))"
)
"""Monday to Friday, eight hours."""
PROJECT = {
    "proj_id": 1,
    "proj_short_name": "TOWER",
    "clndr_id": 1,
    "plan_start_date": "2026-01-05 08:00",
    "last_recalc_date": "2026-01-05 08:00",
    "critical_drtn_hr_cnt": 0,
    "critical_path_type": "CT_TotFloat",
    "export_flag": "Y",
}
CALENDAR = {"clndr_id": 1, "default_flag": "Y", "clndr_name": "Standard", "day_hr_cnt": 8, "clndr_data": STANDARD}
WBS = {"wbs_id": 10, "proj_id": 1, "proj_node_flag": "Y", "wbs_short_name": "TOWER", "wbs_name": "Tower in Dhaka"}
Rows = Iterable[Mapping[str, Any]]


def activity(uid: int, **values: Any) -> dict[str, Any]:
    """A day of work that has not started."""
    return {
        "task_id": uid,
        "proj_id": 1,
        "wbs_id": 10,
        "clndr_id": 1,
        "complete_pct_type": "CP_Drtn",
        "task_type": "TT_Task",
        "duration_type": "DT_FixedDUR2",
        "status_code": "TK_NotStart",
        "task_code": f"A{uid}",
        "task_name": f"Activity {uid}",
        "remain_drtn_hr_cnt": 8,
        "target_drtn_hr_cnt": 8,
        **values,
    }


def link(uid: int, predecessor: int, successor: int, **values: Any) -> dict[str, Any]:
    return {
        "task_pred_id": uid,
        "task_id": successor,
        "pred_task_id": predecessor,
        "proj_id": 1,
        "pred_proj_id": 1,
        "pred_type": "PR_FS",
        "lag_hr_cnt": 0,
        **values,
    }


def xer(tasks: Rows = (), *, header: str = "USD", **tables: Rows) -> bytes:
    """A file of one project; `tables` by name, in place of the usual ones or beside them."""
    content: dict[str, Rows] = {"PROJECT": [PROJECT], "CALENDAR": [CALENDAR], "PROJWBS": [WBS], "TASK": tasks} | tables
    lines = [f"ERMHDR\t19.12\t2026-01-05\tProject\tadmin\tadmin\tdb\tProject Management\t{header}"]
    for name, rows in content.items():
        lines += table(name, list(rows))
    return "\r\n".join([*lines, "%E", ""]).encode()


def table(name: str, rows: list[Mapping[str, Any]]) -> list[str]:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    cells = ["\t".join(str(row.get(column, "")) for column in columns) for row in rows]
    return [f"%T\t{name}", "%F\t" + "\t".join(columns), *(f"%R\t{row}" for row in cells)] if rows else []
