"""The commands and their options; imports nothing heavy, for `nirman --help`.

`module` of what is parsed names the module whose `run` carries the command out.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from nirman.local.arguments import add_commands

if TYPE_CHECKING:
    from nirman.local.arguments import Commands


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="nirman", description="Plan construction projects.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND", dest="command")
    _schedule(commands)
    _check(commands)
    _compare(commands)
    _level(commands)
    _compress(commands)
    _simulate(commands)
    _convert(commands)
    add_commands(commands)
    return parser


def _schedule(commands: Commands) -> None:
    schedule = commands.add_parser("schedule", help="compute dates, slack and the critical path of a plan")
    schedule.set_defaults(module="nirman.cli.schedule")
    _plan(schedule, or_problem=True)
    _json(schedule)
    schedule.add_argument("--paths", type=_count, default=0, metavar="N", help="rank N float paths too")
    schedule.add_argument("--end", type=_count, metavar="UID", help="the task the paths lead to (what finishes last)")
    schedule.add_argument("--by-total-float", action="store_true", help="rank paths by total float, not free float")
    schedule.add_argument("--series", choices=("day", "week", "month"), help="tell money by period too")


def _check(commands: Commands) -> None:
    check = commands.add_parser(
        "check",
        help="assess the quality of a plan: the DCMA 14 points, findings, holidays that may move",
        description="Exit status 0 if the plan could be read, whatever the checks say; with --strict 1 if one fails.",
    )
    check.set_defaults(module="nirman.cli.check")
    _plan(check)
    _json(check)
    check.add_argument("--strict", action="store_true", help="exit with status 1 when a check fails")


def _compare(commands: Commands) -> None:
    compare = commands.add_parser("compare", help="say what moved between two files of a project, and why")
    compare.set_defaults(module="nirman.cli.compare")
    compare.add_argument("before", metavar="BEFORE", help="the plan's file as it was")
    compare.add_argument("after", metavar="AFTER", help="the plan's file as it is; tasks are matched by unique id")
    _json(compare, instead_of="text")
    compare.add_argument("--limit", type=_count, default=50, metavar="N", help="tell at most N tasks (50)")


def _level(commands: Commands) -> None:
    level = commands.add_parser("level", help="move work so that no resource has more to do than it can")
    level.set_defaults(module="nirman.cli.level")
    _plan(level, or_problem=True)
    _search(
        level,
        time_limit_s=10,
        workers="1: the same plan from the same seed",
        seed="another seed may find another plan",
    )
    level.add_argument("--within-slack", action="store_true", help="tasks move within their slack, the finish stays")
    level.add_argument("--split", action="store_true", help="tasks that may be split are, where that helps")
    level.add_argument("--out", metavar="FILE", help="write the levelled plan too; the extension says the format")
    _json(level)


def _compress(commands: Commands) -> None:
    compress = commands.add_parser("compress", help="make a plan faster at the least cost: crash, overlap")
    compress.set_defaults(module="nirman.cli.compress")
    _plan(compress)
    asked = compress.add_mutually_exclusive_group(required=True)
    asked.add_argument("--finish", metavar="DATE", help="the cheapest way to finish by DATE (a day: its end)")
    asked.add_argument("--budget", metavar="MONEY", help="the earliest finish that MONEY buys, beside what tasks cost")
    asked.add_argument("--curve", action="store_true", help="what each finish costs, from now to the earliest")
    asked.add_argument("--optimum", action="store_true", help="the finish that costs least with all that days cost")
    compress.add_argument("--method", choices=("crash", "fast-track", "both"), default="crash", help="(crash)")
    compress.add_argument("--crash-file", metavar="CSV", help="faster ways of tasks: columns uid, duration, cost")
    _search(compress, time_limit_s=20, workers="threads of the solver", seed="of the solver")
    _json(compress)


def _simulate(commands: Commands) -> None:
    simulate = commands.add_parser("simulate", help="say how likely each finish and cost is, by Monte Carlo")
    simulate.set_defaults(module="nirman.cli.simulate")
    _plan(simulate)
    simulate.add_argument("--iterations", type=_count, default=10_000, metavar="N", help="take N samples (10000)")
    _seed(simulate, "the same seed gives the same figures")
    simulate.add_argument("--confidence", type=_count, default=80, metavar="P", help="percent for the reserve (80)")
    simulate.add_argument("--spread-below", type=_percent, metavar="P", help="tasks without an estimate: P %% shorter")
    simulate.add_argument("--spread-above", type=_percent, metavar="P", help="the same: P %% longer")
    simulate.add_argument("--correlation", type=float, default=0.0, metavar="R", help="of durations, by ranks (0)")
    simulate.add_argument("--by", metavar="DATE", help="say how likely it is to finish by DATE (ISO, local)")
    simulate.add_argument("--no-risks", action="store_true", help="leave risks out")
    simulate.add_argument("--levelled", action="store_true", help="level resources in each sample; fewer are taken")
    simulate.add_argument("--no-rain", action="store_true", help="leave rain out")
    _json(simulate)


def _convert(commands: Commands) -> None:
    convert = commands.add_parser("convert", help="write a plan in another format")
    convert.set_defaults(module="nirman.cli.convert")
    convert.add_argument("source", metavar="IN", help="the plan's file: .xml, .xer or .json")
    convert.add_argument("target", metavar="OUT", help="the file to write; its extension says its format")
    convert.add_argument("--to", metavar="FORMAT", help="the format to write whatever OUT's extension says")


def _plan(command: argparse.ArgumentParser, *, or_problem: bool = False) -> None:
    problem = ", or a problem of PSPLIB: .sm or .mm" if or_problem else ""
    command.add_argument("plan", metavar="PLAN", help=f"the plan's file: .xml, .xer or .json{problem}")


def _json(command: argparse.ArgumentParser, *, instead_of: str = "a table") -> None:
    command.add_argument("--json", action="store_true", help=f"print JSON instead of {instead_of}")


def _search(command: argparse.ArgumentParser, *, time_limit_s: int, workers: str, seed: str) -> None:
    """Of a command that searches: for how long, and what more workers and another seed mean there."""
    limit_help = f"search for S seconds ({time_limit_s})"
    command.add_argument("--time-limit", type=_seconds, default=float(time_limit_s), metavar="S", help=limit_help)
    command.add_argument("--workers", type=_count, default=2, metavar="N", help=f"{workers} (2)")
    _seed(command, seed)


def _seed(command: argparse.ArgumentParser, meaning: str) -> None:
    command.add_argument("--seed", type=_whole, default=0, metavar="N", help=f"{meaning} (0)")


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 2_147_483_647:
        raise argparse.ArgumentTypeError("must be a whole number, at least 1")
    return int(text)


def _whole(text: str) -> int:
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
