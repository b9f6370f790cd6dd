"""The emulator of AWS as a child process: one port on 127.0.0.1, IAM enforced, state in a folder."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import httpx

from nirman.local.errors import LocalError
from nirman.local.places import Places

REGION = "us-east-1"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION}
"""Those of the emulator's root user."""
START_S = 60
STOP_S = 30


def endpoint(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def environment(port: int | None = None, **more: str) -> dict[str, str]:
    """The environment here, less the AWS account in it, for programs that must reach the emulator or nothing."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SAM_"))}
    there = {"AWS_ENDPOINT_URL": endpoint(port)} if port else {}
    return own | CREDENTIALS | there | more


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Emulator:
    """A running emulator; `stop` keeps its state."""

    def __init__(self, places: Places, port: int, *, lock: int | None = None) -> None:
        """Starts it and waits until it answers; LocalError when it does not.

        `lock` is a file descriptor the emulator keeps open, so that a lock on the file lasts as long as it does.
        """
        self.port = port
        self._log = places.logs / "emulator.log"
        shutil.rmtree(places.scratch, ignore_errors=True)
        for folder in (places.state, places.scratch, places.logs):
            folder.mkdir(parents=True, exist_ok=True)
        rewind_streams(places.state)
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "ministack"],
                env=environment(
                    GATEWAY_PORT=str(port),
                    BIND_HOST="127.0.0.1",
                    AUTH="true",
                    PERSIST_STATE="1",
                    STATE_DIR=str(places.state),
                    S3_PERSIST="1",
                    S3_DATA_DIR=str(places.state / "s3"),
                    TMPDIR=str(places.scratch),
                    LAMBDA_EXECUTOR="local",
                    LAMBDA_WARM_TTL_SECONDS="3600",
                    # Each of these would open a port of its own or reach outside.
                    IOT_MTLS_ENABLED="0",
                    SFTP_ENABLED="0",
                    COGNITO_EMAIL_ENABLED="false",
                    DOCKER_HOST=f"unix://{places.scratch}/no-docker",
                    LOG_LEVEL=os.environ.get("NIRMAN_EMULATOR_LOG_LEVEL", "WARNING"),
                ),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=() if lock is None else (lock,),
                # A Ctrl-C in the terminal is for us: we then stop it in order.
                start_new_session=True,
            )
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def stop(self) -> None:
        """Asks it to keep its state and end; whatever is left of it after `STOP_S` is killed."""
        if self.running:
            self._process.terminate()
            try:
                self._process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        # Function workers are in the emulator's own process group.
        kill_group(self._process.pid)

    def _wait(self) -> None:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            if not self.running:
                raise LocalError(f"the emulator stopped at once; {self._log} says why")
            if answers(self.port):
                return
            time.sleep(0.1)
        raise LocalError(f"the emulator did not answer within {START_S} s; {self._log} may say why")


def answers(port: int) -> bool:
    try:
        return httpx.get(f"{endpoint(port)}/_ministack/health", timeout=2).is_success
    except httpx.HTTPError:
        return False


def kill_group(leader: int) -> None:
    """Ends what is left of a process group after its leader."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def rewind_streams(state: Path) -> None:
    """Lets the mappings of DynamoDB streams read what is written from now on.

    The emulator keeps over a stop how many records a mapping has read, but not the records, so the mapping would wait
    for that many new ones before it delivers again.
    """
    kept = state / "lambda.json"
    if not kept.exists():
        return
    document = json.loads(kept.read_text())
    positions = document.get("payload", {}).get("dynamodb_stream_positions", {}).get("data", {})
    positions.update(dict.fromkeys(positions, 0))
    kept.write_text(json.dumps(document))


def move(state: Path, old_port: int, new_port: int) -> None:
    """Lets kept state be served at another port: the addresses of queues in it carry the port."""
    for kept in state.glob("*.json"):
        text = kept.read_text()
        moved = text.replace(f"localhost:{old_port}/", f"localhost:{new_port}/")
        if moved != text:
            kept.write_text(moved)
