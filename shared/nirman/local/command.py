"""What `nirman up | down | status | demo | rebuild` do, and with which exit status they end."""

from __future__ import annotations

import argparse
import sys

from nirman.local import demo, demo_commands, instance
from nirman.local.emulator import endpoint
from nirman.local.errors import LocalError
from nirman.local.places import Places, of_checkout
from nirman.local.rebuild import rebuild

NOT_RUNNING = 1
CANNOT = 2


def run(arguments: argparse.Namespace) -> int:
    """Carries out a command; what keeps it from running is one line, and exit status 2."""
    try:
        places = of_checkout()
        match arguments.command:
            case "up":
                return _up(places, arguments)
            case "down":
                return _down(places)
            case "status":
                return _status(places)
            case "rebuild":
                return _rebuild(arguments)
            case _:
                return _demo(places, arguments)
    except LocalError as error:
        print(f"nirman: {' '.join(str(error).split())}", file=sys.stderr)
        return CANNOT


def _up(places: Places, arguments: argparse.Namespace) -> int:
    if arguments.detach:
        instance.run_detached(places, [] if arguments.port is None else ["--port", str(arguments.port)])
    else:
        instance.run(places, port=arguments.port)
    return 0


def _down(places: Places) -> int:
    print("stopped; the data stays" if instance.stop(places) else "nothing was running")
    return 0


def _status(places: Places) -> int:
    there = instance.running(places)
    if there is None:
        print("not running")
        return NOT_RUNNING
    if not there.ready:
        print(f"starting or stopping (process {there.pid})")
        return NOT_RUNNING
    print(f"running (process {there.pid}, emulator {there.emulator_pid}, {endpoint(there.port)})")
    print(instance.told(instance.current_stack(places), demo.read(places), places))
    return 0


def _rebuild(arguments: argparse.Namespace) -> int:
    if arguments.project is not None and arguments.tenant is None:
        raise LocalError("--project needs --tenant: projects of two tenants may have the same id")
    rebuild(stack_name=arguments.stack, tenant=arguments.tenant, project=arguments.project)
    return 0


def _demo(places: Places, arguments: argparse.Namespace) -> int:
    stack, made = instance.current_stack(places), demo.read(places)
    match arguments.what:
        case "plan":
            demo_commands.plan(stack, made)
        case "watch":
            demo_commands.watch(stack, made, events=arguments.events)
        case "level":
            demo_commands.level(stack, made, time_limit_s=arguments.time_limit, apply=arguments.apply)
        case _:
            demo_commands.edit(stack, made, uid=arguments.task, days=arguments.days)
    return 0
