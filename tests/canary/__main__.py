"""The long hunt for words of one tenant with another: `python -m tests.canary`.

The exit status is 1 if one was found.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import platform
import sys
import time
from collections import Counter
from datetime import UTC, datetime

from tests.canary.fuzz import Fuzz


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.canary", description=__doc__)
    parser.add_argument("--calls", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1, help="the first one")
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)
    asyncio.set_event_loop(asyncio.new_event_loop())
    calls: Counter[str] = Counter()
    answers: Counter[str] = Counter()
    began, seed, leaks, frames = time.perf_counter(), arguments.seed, 0, 0
    while calls.total() < arguments.calls:
        fuzz = Fuzz(seed)
        with fuzz.running():
            fuzz.messages(2_500)
            fuzz.routes(40)
        calls += fuzz.calls
        answers += fuzz.answers
        leaks += len(fuzz.leaks)
        frames += fuzz.frames
        print(f"seed {seed}: {fuzz.calls.total()} calls, {len(fuzz.leaks)} leaks", flush=True)
        for leak in fuzz.leaks[:10]:
            print(f"  {leak}", flush=True)
        seed += 1
    print(f"\n{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, Python {platform.python_version()}")
    print(f"seeds {arguments.seed} to {seed - 1}, {time.perf_counter() - began:.0f} s")
    print(f"{calls.total()} calls: {_told(calls)}")
    print(f"answers: {_told(answers)}; {frames} frames sent to sockets")
    print(f"{leaks} words of a tenant found with another")
    return 1 if leaks else 0


def _told(counted: Counter[str]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in counted.most_common())


if __name__ == "__main__":
    sys.exit(main())
