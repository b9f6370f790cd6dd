"""`nirman up` as somebody at a terminal has it: start, try, interrupt, start again."""

from __future__ import annotations

import json
import operator
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from nirman.local import demo, instance
from nirman.local.client import answer, http_client
from nirman.local.emulator import free_port
from nirman.local.people import sign_in
from nirman.local.places import of_checkout
from tests.support.template import ROOT
from tests.support.waiting import WAIT_S, eventually

pytestmark = pytest.mark.stack


class Terminal:
    """A checkout of its own, and the commands typed in it."""

    def __init__(self, checkout: Path) -> None:
        self.checkout = checkout
        self.up: subprocess.Popen[str] | None = None

    def start(self, *arguments: str) -> str:
        """Types `nirman up` and reads until it can be used."""
        self.up = subprocess.Popen(self._line("up", *arguments), stdout=subprocess.PIPE, text=True, **self._place())
        assert self.up.stdout is not None
        told = ""
        for line in self.up.stdout:
            told += line
            if line.startswith("State and logs are in"):
                return told
        raise AssertionError(f"it ended with {self.up.wait()}: {told}")

    def end(self, number: signal.Signals) -> int:
        """The exit status after a signal."""
        assert self.up is not None
        self.up.send_signal(number)
        try:
            return self.up.wait(WAIT_S)
        finally:
            self.up.stdout.close()
            self.up = None

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self._line(*arguments), capture_output=True, text=True, timeout=2 * WAIT_S, check=False, **self._place()
        )

    @property
    def instance(self) -> dict[str, int]:
        return json.loads((self.checkout / ".local/instance.json").read_text())

    def _line(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "nirman.cli.main", *arguments]

    def _place(self):
        return {"cwd": self.checkout, "env": os.environ | {"PYTHONPATH": str(self.checkout / "shared")}}


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    checkout = tmp_path_factory.mktemp("checkout")
    for name in ("template.yaml", "samconfig.toml"):
        shutil.copy(ROOT / name, checkout)
    for name in ("functions", "shared", "layers"):
        shutil.copytree(ROOT / name, checkout / name, ignore=shutil.ignore_patterns("__pycache__"))
    terminal = Terminal(checkout)
    yield terminal
    if terminal.up is not None:
        terminal.end(signal.SIGTERM)


def processes_of(leader: int) -> list[str]:
    """Command lines of what still runs in the emulator's process group; the dead that nobody buried do not count."""
    listed = subprocess.run(["ps", "-eo", "pgid=,stat=,args="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()]
    return [row[2] for row in rows if int(row[0]) == leader and not row[1].startswith("Z")]


def exported(terminal: Terminal) -> str:
    """The demo project as JSON, made by a job and fetched by its signed address."""
    places = of_checkout(terminal.checkout / ".local")
    stack, made = instance.current_stack(places), demo.read(places)
    with http_client(stack, sign_in(stack, made.planner.email, made.planner.password)) as client:
        job = answer(client.post(f"/projects/{made.project}/exports", json={"format": "json"}))
        job = eventually(
            lambda: answer(client.get(f"/jobs/{job['id']}")), lambda job: job["state"] in ("succeeded", "failed")
        )
        assert job["state"] == "succeeded", job
    download = job["download"]
    return httpx.get(download if isinstance(download, str) else download["url"]).text


def test_the_stack_starts_is_used_and_keeps_its_data(terminal):
    """One story, for each start costs half a minute."""
    told = terminal.start("--port", str(free_port()))
    assert "building and deploying" in told
    assert "planner@" in told
    assert all(f"nirman demo {what}" in told for what in ("plan", "watch", "edit"))
    assert terminal.run("status").returncode == 0

    second = terminal.run("up")
    assert (second.returncode, second.stderr.count("\n")) == (2, 1)
    assert "already runs" in second.stderr

    plan = terminal.run("demo", "plan").stdout
    assert "ধানমন্ডি দশতলা আবাসিক ভবন" in plan
    assert [line for line in plan.splitlines() if line.startswith(" * ")], "the critical path is marked"

    watching = subprocess.Popen(
        terminal._line("demo", "watch", "--events", "1"), stdout=subprocess.PIPE, text=True, **terminal._place()
    )
    with watching:
        assert "in the room at revision 2" in watching.stdout.readline()
        edited = terminal.run("demo", "edit").stdout
        assert "revision 3" in edited
        seen, _ = watching.communicate(timeout=WAIT_S)
    assert watching.returncode == 0
    assert "revision 3 by রহিমা খাতুন" in seen
    assert "moved:" in seen

    emulator = terminal.instance["emulator_pid"]
    assert processes_of(emulator)
    assert terminal.end(signal.SIGINT) == 0
    eventually(lambda: processes_of(emulator), operator.not_)
    assert terminal.run("status").returncode == 1

    assert "building and deploying" not in terminal.start(), "what did not change is not deployed again"
    assert "revision 3" in terminal.run("demo", "plan").stdout
    with subprocess.Popen(
        terminal._line("demo", "watch", "--events", "1"), stdout=subprocess.PIPE, text=True, **terminal._place()
    ) as watching:
        assert "in the room" in watching.stdout.readline()
        terminal.run("demo", "edit", "--days", "-1")
        seen, _ = watching.communicate(timeout=WAIT_S)
    assert "revision 4" in seen, "events reach the sockets after a restart too"
    assert terminal.end(signal.SIGTERM) == 0


def test_at_another_port_the_data_and_the_queue_are_there(terminal):
    terminal.start("--port", str(free_port()))
    assert "revision 4" in terminal.run("demo", "plan").stdout
    assert "ধানমন্ডি" in exported(terminal), "a job goes through the queue, whose address has the port in it"
    levelled = terminal.run("demo", "level", "--time-limit", "2", "--apply").stdout
    assert "revision 4 has" in levelled
    assert "succeeded, 100 %" in levelled
    assert "revision 5," in levelled, "the queue of optimizations is followed too"
    emulator = terminal.instance["emulator_pid"]

    terminal.up.kill()
    terminal.end(signal.SIGKILL)
    assert terminal.run("status").returncode == 0, "what a killed supervisor leaves is still found"
    assert terminal.run("down").returncode == 0
    eventually(lambda: processes_of(emulator), operator.not_)


def test_in_the_background_it_is_started_and_stopped_by_command(terminal):
    up = terminal.run("up", "--detach")
    assert up.returncode == 0, up.stderr
    assert "Nirman is up" in up.stdout
    assert terminal.run("status").returncode == 0
    assert terminal.run("down").stdout == "stopped; the data stays\n"
    assert terminal.run("status").returncode == 1
