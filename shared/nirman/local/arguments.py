"""Arguments of the commands that run the stack here; imports nothing heavy, for `nirman --help`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse gives it no public name


def add_commands(commands: Commands) -> None:
    up = commands.add_parser("up", help="run the whole stack on this machine, until Ctrl-C")
    up.add_argument("--port", type=_port, help="where the emulator listens (the last one, 4566, or any free)")
    up.add_argument("--detach", action="store_true", help="run in the background; `nirman down` stops it")
    down = commands.add_parser("down", help="stop it; its data stays")
    status = commands.add_parser("status", help="say whether it runs, and where")
    demo = commands.add_parser("demo", help="try the stack that runs: its demo project as a client sees it")
    rebuild = commands.add_parser("rebuild", help="make the activity feeds and the search index again from the logs")
    rebuild.add_argument("--stack", metavar="NAME", help="a stack on AWS, by its name (the one that runs here)")
    rebuild.add_argument("--tenant", metavar="ID", help="of this tenant only")
    rebuild.add_argument("--project", metavar="ID", help="of this project of the tenant only")
    for command in (up, down, status, demo, rebuild):
        command.set_defaults(module="nirman.local.command")

    what = demo.add_subparsers(required=True, metavar="WHAT", dest="what")
    what.add_parser("plan", help="print the schedule, its critical path marked")
    watch = what.add_parser("watch", help="join the project's room and print what happens")
    watch.add_argument("--events", type=int, metavar="N", help="leave after so many events")
    edit = what.add_parser("edit", help="make a task longer, as the planner")
    edit.add_argument("--task", type=int, metavar="UID", help="the task (the first critical one)")
    edit.add_argument("--days", type=int, default=1, help="working days to add (1)")
    level = what.add_parser("level", help="have the plan levelled by the optimizer, as the planner")
    level.add_argument("--time-limit", type=float, default=10, metavar="S", help="seconds to search for (10)")
    level.add_argument("--apply", action="store_true", help="make the answer the project's next revision")


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65_535:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return int(text)
