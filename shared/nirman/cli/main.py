"""`nirman`: plans on the command line, without any cloud; and the whole stack on this machine.

Exit status 0: done; 1: the command itself says no (a stack that is not up); 2: wrong use or wrong input, with one line
on stderr that names file, place and rule.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from nirman.errors import InvalidInputError, NirmanError
from nirman.local.arguments import add_commands

if TYPE_CHECKING:
    from nirman.local.arguments import Commands

WRONG_INPUT = 2
_INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Everything heavy is imported by the command that needs it, so that `nirman --help` answers at once."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # names are in any script, whatever the locale says
            stream.reconfigure(encoding="utf-8", errors="replace")
    arguments = _parser().parse_args(argv)
    run: Callable[[argparse.Namespace], int] = arguments.run
    try:
        status = run(arguments)
        sys.stdout.flush()
    except NirmanError as error:
        return _fail(_one_line(error))
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            # Whoever read our output has enough; Python must not complain at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        return _fail(f"{error.filename or 'the file'}: {error.strerror or error}")
    except KeyboardInterrupt:
        return _INTERRUPTED
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="nirman", description="Plan construction projects.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND", dest="command")

    schedule = commands.add_parser("schedule", help="compute dates, slack and the critical path of a plan")
    schedule.add_argument("plan", metavar="PLAN", help="the plan's file; its extension says its format")
    schedule.add_argument("--json", action="store_true", help="print JSON instead of a table")
    schedule.add_argument("--paths", type=_count, default=0, metavar="N", help="rank N float paths too")
    schedule.add_argument("--end", type=_count, metavar="UID", help="the task the paths lead to (what finishes last)")
    schedule.add_argument("--by-total-float", action="store_true", help="rank paths by total float, not free float")
    schedule.add_argument("--series", choices=("day", "week", "month"), help="tell money by period too")
    schedule.set_defaults(run=_schedule)

    check = commands.add_parser(
        "check",
        help="assess the quality of a plan: the DCMA 14 points, findings, holidays that may move",
        description="Exit status 0 if the plan could be read, whatever the checks say; with --strict 1 if one fails.",
    )
    check.add_argument("plan", metavar="PLAN", help="the plan's file; its extension says its format")
    check.add_argument("--json", action="store_true", help="print JSON instead of a table")
    check.add_argument("--strict", action="store_true", help="exit with status 1 when a check fails")
    check.set_defaults(run=_check)

    compare = commands.add_parser("compare", help="say what moved between two files of a project, and why")
    compare.add_argument("before", metavar="BEFORE", help="the plan's file as it was")
    compare.add_argument("after", metavar="AFTER", help="the plan's file as it is; tasks are matched by unique id")
    compare.add_argument("--json", action="store_true", help="print JSON instead of text")
    compare.add_argument("--limit", type=_count, default=50, metavar="N", help="tell at most N tasks (50)")
    compare.set_defaults(run=_compare)

    _add_optimizations(commands)

    convert = commands.add_parser("convert", help="write a plan in another format")
    convert.add_argument("source", metavar="IN", help="the plan's file; its extension says its format")
    convert.add_argument("target", metavar="OUT", help="the file to write; its extension says its format")
    convert.add_argument("--to", metavar="FORMAT", help="the format to write whatever OUT's extension says")
    convert.set_defaults(run=_convert)

    add_commands(commands)
    return parser


def _add_optimizations(commands: Commands) -> None:
    level = commands.add_parser("level", help="move work so that no resource has more to do than it can")
    level.add_argument("plan", metavar="PLAN", help="the plan's file; its extension says its format")
    level.add_argument("--time-limit", type=_seconds, default=10.0, metavar="S", help="search for S seconds (10)")
    level.add_argument("--workers", type=_count, default=2, metavar="N", help="1: the same plan from the same seed (2)")
    level.add_argument("--seed", type=_seed, default=0, metavar="N", help="another seed may find another plan (0)")
    level.add_argument("--within-slack", action="store_true", help="tasks move within their slack, the finish stays")
    level.add_argument("--split", action="store_true", help="tasks that may be split are, where that helps")
    level.add_argument("--out", metavar="FILE", help="write the levelled plan too; the extension says the format")
    level.add_argument("--json", action="store_true", help="print JSON instead of a table")
    level.set_defaults(run=_level)

    compress = commands.add_parser("compress", help="make a plan faster at the least cost: crash, overlap")
    compress.add_argument("plan", metavar="PLAN", help="the plan's file; its extension says its format")
    asked = compress.add_mutually_exclusive_group(required=True)
    asked.add_argument("--finish", metavar="DATE", help="the cheapest way to finish by DATE (a day: its end)")
    asked.add_argument("--budget", metavar="MONEY", help="the earliest finish that MONEY buys, beside what tasks cost")
    asked.add_argument("--curve", action="store_true", help="what each finish costs, from now to the earliest")
    asked.add_argument("--optimum", action="store_true", help="the finish that costs least with all that days cost")
    compress.add_argument("--method", choices=("crash", "fast-track", "both"), default="crash", help="(crash)")
    compress.add_argument("--crash-file", metavar="CSV", help="faster ways of tasks: columns uid, duration, cost")
    compress.add_argument("--time-limit", type=_seconds, default=20.0, metavar="S", help="search for S seconds (20)")
    compress.add_argument("--workers", type=_count, default=2, metavar="N", help="threads of the solver (2)")
    compress.add_argument("--seed", type=_seed, default=0, metavar="N", help="of the solver (0)")
    compress.add_argument("--json", action="store_true", help="print JSON instead of a table")
    compress.set_defaults(run=_compress)

    simulate = commands.add_parser("simulate", help="say how likely each finish and cost is, by Monte Carlo")
    simulate.add_argument("plan", metavar="PLAN", help="the plan's file; its extension says its format")
    simulate.add_argument("--iterations", type=_count, default=10_000, metavar="N", help="take N samples (10000)")
    simulate.add_argument("--seed", type=_seed, default=0, metavar="N", help="the same seed gives the same figures (0)")
    simulate.add_argument("--confidence", type=_count, default=80, metavar="P", help="percent for the reserve (80)")
    simulate.add_argument("--spread-below", type=_percent, metavar="P", help="tasks without an estimate: P %% shorter")
    simulate.add_argument("--spread-above", type=_percent, metavar="P", help="the same: P %% longer")
    simulate.add_argument("--correlation", type=float, default=0.0, metavar="R", help="of durations, by ranks (0)")
    simulate.add_argument("--by", metavar="DATE", help="say how likely it is to finish by DATE (ISO, local)")
    simulate.add_argument("--no-risks", action="store_true", help="leave risks out")
    simulate.add_argument("--levelled", action="store_true", help="level resources in each of at most 100 samples")
    simulate.add_argument("--no-rain", action="store_true", help="leave rain out")
    simulate.add_argument("--json", action="store_true", help="print JSON instead of a table")
    simulate.set_defaults(run=_simulate)


def _schedule(arguments: argparse.Namespace) -> int:
    if arguments.plan.lower().endswith((".sm", ".mm")):
        from nirman.cli import psplib  # noqa: PLC0415  # the solver only where needed

        return psplib.schedule(arguments.plan, as_json=arguments.json)
    from nirman.cli.schedule import run  # noqa: PLC0415  # lxml and the engine only where needed

    return run(
        arguments.plan,
        as_json=arguments.json,
        paths=arguments.paths,
        end_uid=arguments.end,
        by_total_float=arguments.by_total_float,
        series=arguments.series,
    )


def _check(arguments: argparse.Namespace) -> int:
    from nirman.cli.check import run  # noqa: PLC0415  # the same

    return run(arguments.plan, as_json=arguments.json, strict=arguments.strict)


def _compare(arguments: argparse.Namespace) -> int:
    from nirman.cli.compare import run  # noqa: PLC0415  # the same

    return run(arguments.before, arguments.after, as_json=arguments.json, limit=arguments.limit)


def _level(arguments: argparse.Namespace) -> int:
    from nirman.cli.level import run  # noqa: PLC0415  # the solver only where needed
    from nirman.optimization.options import LevelOptions  # noqa: PLC0415  # the same

    options = LevelOptions(
        within_slack=arguments.within_slack,
        split=arguments.split,
        time_limit_s=arguments.time_limit,
        workers=arguments.workers,
        seed=arguments.seed,
    )
    return run(arguments.plan, options, as_json=arguments.json, out=arguments.out)


def _compress(arguments: argparse.Namespace) -> int:
    from nirman.cli.compress import options_of, run  # noqa: PLC0415  # the solver only where needed

    options = options_of(
        finish=arguments.finish,
        budget=arguments.budget,
        curve=arguments.curve,
        method=arguments.method,
        time_limit_s=arguments.time_limit,
        workers=arguments.workers,
        seed=arguments.seed,
    )
    return run(arguments.plan, options, crash_file=arguments.crash_file, as_json=arguments.json)


def _simulate(arguments: argparse.Namespace) -> int:
    from nirman.cli.simulate import options_of, run  # noqa: PLC0415  # numpy only where needed

    options = options_of(
        iterations=arguments.iterations,
        seed=arguments.seed,
        confidence_percent=arguments.confidence,
        spread_below_percent=arguments.spread_below,
        spread_above_percent=arguments.spread_above,
        correlation=arguments.correlation,
        finish_by=arguments.by,
        risks=not arguments.no_risks,
        rain=not arguments.no_rain,
        levelled=arguments.levelled,
    )
    return run(arguments.plan, options, as_json=arguments.json)


def _convert(arguments: argparse.Namespace) -> int:
    from nirman.cli.convert import run  # noqa: PLC0415  # the same

    return run(arguments.source, arguments.target, arguments.to)


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 2_147_483_647:
        raise argparse.ArgumentTypeError("must be a whole number, at least 1")
    return int(text)


def _seed(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 19:
        raise argparse.ArgumentTypeError("must be a whole number, at least 0")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 86_400:
        raise argparse.ArgumentTypeError("must be a number of seconds above 0, at most a day")
    return seconds


def _percent(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 1_000:
        raise argparse.ArgumentTypeError("must be a whole number from 0 to 1000")
    return int(text)


def _one_line(error: NirmanError) -> str:
    if isinstance(error, InvalidInputError):
        return f"{error.place}: {error.rule}" if error.place else error.rule
    return str(error)


def _fail(text: str) -> int:
    line = " ".join(text.split())
    print(f"nirman: {line}", file=sys.stderr)
    return WRONG_INPUT


if __name__ == "__main__":
    sys.exit(main())
