"""Whether a schedule of a PSPLIB file is one: reads the file itself and shares nothing with the solver or its reader.

    python -m tests.support.rcpsp_checker FILE < schedule.json

checks what `nirman level FILE --json` prints.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path


class PsplibFile:
    """Jobs by number: their successors, and by mode their duration and demands; units of each resource."""

    def __init__(self, text: str) -> None:
        blocks = [block.strip("\n") for block in re.split(r"^\*+\s*$", text, flags=re.MULTILINE)]
        self.renewables = int(re.search(r"- renewable\s*:\s*(\d+)", text)[1])
        numbers = {block.split("\n")[0].split(":")[0].strip(): block.split("\n")[1:] for block in blocks}
        self.successors = {}
        for line in numbers["PRECEDENCE RELATIONS"][1:]:
            job, _, _, *successors = map(int, line.split())
            self.successors[job] = successors
        self.modes = {job: {} for job in self.successors}
        job = 0
        for line in numbers["REQUESTS/DURATIONS"][2:]:
            row = [int(word) for word in line.split()]
            if len(row) == 3 + len(self._heads(numbers)):
                job, *row = row
            mode, duration, *demands = row
            self.modes[job][mode] = (duration, demands)
        self.units = [int(word) for word in numbers["RESOURCEAVAILABILITIES"][1].split()]

    def _heads(self, numbers: dict[str, list[str]]) -> list[str]:
        return re.findall(r"[RND]\s+\d+", numbers["RESOURCEAVAILABILITIES"][0])


def violations(file: PsplibFile, starts: dict[int, int], modes: dict[int, int] | None = None) -> list[str]:
    """What is wrong, in words; nothing when the schedule is one."""
    modes = modes or dict.fromkeys(file.modes, 1)
    if set(starts) != set(file.modes):
        return ["not every job has a start"]
    wrong = [f"job {job} starts before 0" for job, start in starts.items() if start < 0]
    wrong += [f"job {job} has no mode {mode}" for job, mode in modes.items() if mode not in file.modes[job]]
    if wrong:
        return wrong
    doing = {job: file.modes[job][modes[job]] for job in starts}
    for job, successors in file.successors.items():
        end = starts[job] + doing[job][0]
        wrong += [f"job {after} starts before job {job} ends" for after in successors if starts[after] < end]
    used: dict[tuple[int, int], int] = {}
    for job, (duration, demands) in doing.items():
        for resource, units in enumerate(demands[: file.renewables]):
            for period in range(starts[job], starts[job] + duration):
                used[resource, period] = used.get((resource, period), 0) + units
    wrong += [
        f"resource {resource + 1} gives {units} in period {period}"
        for (resource, period), units in used.items()
        if units > file.units[resource]
    ]
    for resource in range(file.renewables, len(file.units)):
        taken = sum(demands[resource] for _, demands in doing.values())
        if taken > file.units[resource]:
            wrong.append(f"non-renewable {resource + 1 - file.renewables} gives {taken}")
    return wrong


def makespan(file: PsplibFile, starts: dict[int, int], modes: dict[int, int] | None = None) -> int:
    modes = modes or dict.fromkeys(file.modes, 1)
    return max(starts[job] + file.modes[job][modes[job]][0] for job in starts)


def main() -> int:
    file = PsplibFile(Path(sys.argv[1]).read_text())
    printed = json.load(sys.stdin)
    starts = {task["uid"]: task["start"] for task in printed["tasks"]}
    modes = {task["uid"]: task.get("mode", 1) for task in printed["tasks"]}
    wrong = violations(file, starts, modes)
    if not wrong and printed["makespan_minutes"] != makespan(file, starts, modes):
        wrong = ["the makespan is another one"]
    print(*wrong or [f"a schedule of {makespan(file, starts, modes)} periods"], sep="\n")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
