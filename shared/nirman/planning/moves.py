"""What an edit moved: tasks whose start or finish is another than before."""

from __future__ import annotations

from nirman.planning.events import Moved
from nirman.planning.schedule import Schedule


def moved_tasks(before: Schedule | None, after: Schedule) -> tuple[Moved, ...]:
    """In outline order of `after`, then the tasks that are gone; none when there was no schedule before."""
    if before is None:
        return ()
    moved: list[Moved] = []
    for now in after:
        if now.uid not in before:
            moved.append(
                Moved(
                    uid=now.uid,
                    start=(None, now.start.isoformat()),
                    finish=(None, now.finish.isoformat()),
                    driver=now.driver,
                )
            )
            continue
        was = before[now.uid]
        if was.start != now.start or was.finish != now.finish:
            moved.append(
                Moved(
                    uid=now.uid,
                    start=(was.start.isoformat(), now.start.isoformat()),
                    finish=(was.finish.isoformat(), now.finish.isoformat()),
                    driver=now.driver,
                )
            )
    moved.extend(
        Moved(uid=was.uid, start=(was.start.isoformat(), None), finish=(was.finish.isoformat(), None))
        for was in before
        if was.uid not in after
    )
    return tuple(moved)
