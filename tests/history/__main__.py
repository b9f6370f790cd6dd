"""The long history: `python -m tests.history` runs seed after seed until there are enough operations, and says what it
found. The exit status is 1 if a promise was broken.
"""

from __future__ import annotations

import argparse
import logging
import platform
import sys
import time
from collections import Counter
from datetime import UTC, datetime

from tests.history.checker import KINDS, check, summary
from tests.history.workload import Size, history


def main() -> int:
    arguments = _arguments()
    logging.disable(logging.INFO)
    operations: Counter[str] = Counter()
    faults: Counter[str] = Counter()
    found: Counter[str] = Counter()
    began, seed, events, frames = time.perf_counter(), arguments.seed, 0, 0
    while operations.total() < arguments.operations:
        made = history(seed, Size())
        violations = check(made)
        operations += made.operations
        faults += made.faults
        found += Counter(summary(violations))
        events += sum(made.heads.values())
        frames += sum(len(reading.steps) for reading in made.readings)
        print(f"seed {seed}: {made.count} operations, {len(violations)} violations", flush=True)
        for violation in violations:
            print(f"  {violation}", flush=True)
        seed += 1
    print(f"\n{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, Python {platform.python_version()}")
    print(f"seeds {arguments.seed} to {seed - 1}, {time.perf_counter() - began:.0f} s")
    print(f"{operations.total()} operations: {_told(operations)}")
    print(f"{events} events in the logs, {frames} messages said, frames received, plans loaded and events applied")
    print(f"faults: {_told(faults)}")
    print(f"found: {_told({kind: found[kind] for kind in KINDS})}")
    return 1 if found.total() else 0


def _told(counted: dict[str, int] | Counter[str]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in sorted(counted.items(), key=lambda one: -one[1]))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.history", description=__doc__)
    parser.add_argument("--operations", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1, help="the first one")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
