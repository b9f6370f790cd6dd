"""How findings and explanations name things."""

from __future__ import annotations

from datetime import datetime

from nirman.planning.findings import Finding, Severity
from nirman.planning.model import Link, Plan, Task


def named(task: Task) -> str:
    return f'"{task.name}" ({task.uid})'


def described(link: Link, plan: Plan) -> str:
    """`FS link "Piling" (1) -> "Cap" (2)`."""
    predecessor, successor = plan.tasks.get(link.predecessor_uid), plan.tasks.get(link.successor_uid)
    ends = [
        str(uid) if task is None else named(task)
        for uid, task in ((link.predecessor_uid, predecessor), (link.successor_uid, successor))
    ]
    return f"{link.kind} link {' -> '.join(ends)}"


def instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M")


def days(minutes: float, minutes_per_day: int) -> str:
    """`3d`, `-0.5d`."""
    text = f"{minutes / minutes_per_day:.2f}".rstrip("0").rstrip(".")
    return f"{'0' if text == '-0' else text}d"


def about(task: Task, rule: str, text: str, severity: Severity = Severity.WARNING) -> Finding:
    return Finding(severity=severity, rule=rule, text=text, place=f"task {named(task)}", uid=task.uid)


def value_of(name: str, value: object, minutes_per_day: int) -> str:
    """A field's plain value for people: minutes as days, instants without their T; what is large is not shown."""
    if value is None:
        return "none"
    if isinstance(value, list | tuple | dict):
        return "..."
    if name.endswith("_minutes") and isinstance(value, int):
        return days(value, minutes_per_day)
    if isinstance(value, str) and len(value) >= 16 and value[10] == "T":
        return value[:16].replace("T", " ")
    return str(value)
