"""One local stack a checkout: started, found, stopped.

The lock file is locked as long as the instance's supervisor or its emulator lives, whatever killed the other.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from types import FrameType
from typing import NoReturn

from nirman.local import demo, emulator
from nirman.local.demo import Demo
from nirman.local.emulator import Emulator
from nirman.local.errors import LocalError
from nirman.local.places import Places
from nirman.local.stack import Stack, deploy, up_to_date

USUAL_PORT = 4566
READY_S = 300
STOP_S = 60
_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopError(BaseException):
    """Somebody asked us to end; no library may take it for a failure of its own."""


@dataclass(frozen=True, slots=True)
class Instance:
    """What is written down about an instance; `ready` when the stack can be used."""

    pid: int
    emulator_pid: int
    port: int
    ready: bool


def check_tools() -> None:
    """LocalError for a program or package that starting needs and that is not there."""
    for package, name in (("ministack", "ministack"), ("samcli", "aws-sam-cli")):
        if find_spec(package) is None:
            raise LocalError(f"the package {name} is not in this environment: run `make environment`")
    if shutil.which("make") is None:
        raise LocalError("the program make is not installed; `sam build` needs it to build layers")


def run(places: Places, *, port: int | None = None) -> None:
    """Runs the stack until a signal; LocalError when it cannot run."""
    check_tools()
    places.home.mkdir(parents=True, exist_ok=True)
    with _signals(), _lock(places) as lock:
        last = recorded(places)
        chosen = _port(port, last)
        if last is not None and last.port != chosen:
            emulator.move(places.state, last.port, chosen)
        print(f"starting the emulator at {emulator.endpoint(chosen)}", flush=True)
        cloud = Emulator(places, chosen, lock=lock)
        try:
            _record(places, Instance(os.getpid(), cloud.pid, chosen, ready=False))
            stack = _deployed(places, chosen)
            made = demo.make(stack, places)
            _record(places, Instance(os.getpid(), cloud.pid, chosen, ready=True))
            print(told(stack, made, places), flush=True)
            while cloud.running:
                time.sleep(0.2)
            raise LocalError(f"the emulator ended by itself; {places.logs / 'emulator.log'} may say why")
        except StopError:
            print("stopping", flush=True)
        finally:
            _ignore_signals()
            cloud.stop()
            _record(places, Instance(os.getpid(), cloud.pid, chosen, ready=False))


def run_detached(places: Places, arguments: list[str]) -> None:
    """Runs the stack in the background and returns when it can be used; LocalError when it cannot run."""
    if (there := running(places)) is not None:
        raise _second(there)
    places.logs.mkdir(parents=True, exist_ok=True)
    log = places.logs / "nirman.log"
    with log.open("wb") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", "nirman.cli.main", "up", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        if child.poll() is not None:
            lines = log.read_text().splitlines() or ["it ended without a word"]
            raise LocalError(lines[-1].removeprefix("nirman: "))
        found = recorded(places)
        if found is not None and found.pid == child.pid and found.ready:
            print(log.read_text(), end="")
            return
        time.sleep(0.2)
    child.terminate()
    raise LocalError(f"it was not ready within {READY_S} s; {log} may say why")


def stop(places: Places) -> bool:
    """Stops what runs; False if nothing did. LocalError when it would not end."""
    there = running(places)
    if there is None:
        return False
    try:
        os.kill(there.pid, signal.SIGTERM)
    except ProcessLookupError:
        # Its supervisor was killed; the emulator keeps its state when asked itself.
        os.kill(there.emulator_pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_S
    while running(places) is not None:
        if time.monotonic() > deadline:
            raise LocalError(f"process {there.pid} does not end")
        time.sleep(0.1)
    emulator.kill_group(there.emulator_pid)
    return True


def running(places: Places) -> Instance | None:
    """The instance that runs, if one does."""
    try:
        with places.lock.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return None
    except BlockingIOError:
        return recorded(places)
    return None


def recorded(places: Places) -> Instance | None:
    """What was written down last, of an instance that may have ended."""
    try:
        return Instance(**json.loads(places.instance.read_text()))
    except (OSError, ValueError, TypeError):
        return None


def current_stack(places: Places) -> Stack:
    """The stack that runs; LocalError if none does."""
    there = running(places)
    if there is None or not there.ready:
        raise LocalError("the stack is not up: start it with `nirman up`")
    return Stack(there.port, json.loads(places.deployed.read_text())["outputs"])


def told(stack: Stack, made: Demo, places: Places) -> str:
    """What somebody needs to use the stack."""
    accounts = "\n".join(
        f"  {account.role:<8} {account.email:<32} {account.password}"
        for account in (made.owner, made.planner, made.viewer)
    )
    nirman = os.path.relpath(sys.executable).removesuffix(os.path.basename(sys.executable)) + "nirman"  # noqa: PTH119
    return f"""
Nirman is up.

  HTTP API    {stack.http_url}  (or {stack.endpoint}/v1 with header Host: {stack.http_host})
  WebSocket   {stack.socket_url}?ticket=...  (a ticket: POST /v1/ws-ticket)
  AWS         {stack.endpoint}  (the emulator; access key test, secret test)

Sign in with Cognito client {stack.outputs["UserPoolClientId"]} of pool {stack.outputs["UserPoolId"]}:
{accounts}

Try, each in a terminal of its own:
  {nirman} demo plan     # sign in, show the building's schedule and critical path
  {nirman} demo watch    # join the project's room and listen
  {nirman} demo edit     # make a critical task a day longer; the watcher sees what moved

State and logs are in {os.path.relpath(places.home)}. Ctrl-C or `nirman down` stops it; the data stays."""


def _deployed(places: Places, port: int) -> Stack:
    outputs = up_to_date(places)
    if outputs is None:
        print("building and deploying template.yaml", flush=True)
        outputs = deploy(places, port)
    return Stack(port, outputs)


def _port(wanted: int | None, last: Instance | None) -> int:
    if wanted is not None:
        if not emulator.port_is_free(wanted):
            raise LocalError(f"port {wanted} is busy: choose another with --port, or leave the choice to us")
        return wanted
    for port in ([last.port] if last else []) + [USUAL_PORT]:
        if emulator.port_is_free(port):
            return port
    return emulator.free_port()


def _second(there: Instance) -> LocalError:
    return LocalError(f"it already runs (process {there.pid}, {emulator.endpoint(there.port)}): `nirman down` stops it")


@contextlib.contextmanager
def _lock(places: Places) -> Iterator[int]:
    with places.lock.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            there = recorded(places)
            raise _second(there) if there else LocalError("it is being started already") from None
        yield file.fileno()


def _record(places: Places, instance: Instance) -> None:
    text = json.dumps(asdict(instance))
    draft = places.instance.with_suffix(".new")
    draft.write_text(text)
    draft.replace(places.instance)


@contextlib.contextmanager
def _signals() -> Iterator[None]:
    def told_to_stop(_number: int, _frame: FrameType | None) -> NoReturn:
        raise StopError

    before = {number: signal.signal(number, told_to_stop) for number in _STOPPING}
    try:
        yield
    except StopError:
        print("stopped before it was up", flush=True)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ignore_signals() -> None:
    """Once it is stopping, being told again must not leave half of it behind."""
    for number in _STOPPING:
        signal.signal(number, signal.SIG_IGN)
