"""The template on an emulator, by the same `sam build` and `sam deploy` as on AWS."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import boto3
from samcli.yamlhelper import yaml_parse

from nirman.local.emulator import CREDENTIALS, REGION, endpoint, environment, kill_group
from nirman.local.errors import LocalError
from nirman.local.places import Places

STACK_NAME = "nirman-local"
_SOURCES = ("template.yaml", "samconfig.toml", "functions", "shared", "layers")


@dataclass(frozen=True, slots=True)
class Stack:
    """A deployed stack, as clients need it."""

    port: int
    outputs: dict[str, str]

    @property
    def endpoint(self) -> str:
        return endpoint(self.port)

    @property
    def http_host(self) -> str:
        """Host header that takes a call to the HTTP API; the emulator serves every API at one port."""
        return f"{self.outputs['HttpApiId']}.execute-api.localhost:{self.port}"

    @property
    def http_url(self) -> str:
        return f"http://{self.http_host}/v1"

    @property
    def socket_url(self) -> str:
        return f"ws://{self.outputs['WebSocketApiId']}.execute-api.localhost:{self.port}/live"

    def client(self, service: str) -> Any:
        """A boto3 client of the emulator's root user, whatever account this computer is signed in to."""
        return _client(self.endpoint, service)


@cache
def _client(address: str, service: str) -> Any:
    session: Any = boto3.Session(  # two packages of types for it, that differ, may lie over one another
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        region_name=REGION,
    )
    return session.client(service, endpoint_url=address)


def up_to_date(places: Places) -> dict[str, str] | None:
    """Outputs of what is deployed, if nothing it was made of has changed."""
    try:
        kept = json.loads(places.deployed.read_text())
        return dict(kept["outputs"]) if kept["fingerprint"] == fingerprint(places.checkout) else None
    except (OSError, ValueError, KeyError):
        return None


def deploy(places: Places, port: int) -> dict[str, str]:
    """Builds and deploys; the stack's outputs. LocalError when SAM refuses."""
    mark = fingerprint(places.checkout)
    build = places.sam / "build"
    _sam(places, port, "build", "--build-dir", str(build), "--cache-dir", str(places.sam / "cache"))
    _sam(places, port, "deploy", "--template-file", str(build / "template.yaml"))
    there = Stack(port, {})
    (stack,) = there.client("cloudformation").describe_stacks(StackName=STACK_NAME)["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    _allow_origins(build / "template.yaml", outputs["HttpApiId"], there)
    places.deployed.write_text(json.dumps({"fingerprint": mark, "outputs": outputs}, indent=1))
    return outputs


def _allow_origins(template: Path, api_id: str, stack: Stack) -> None:
    """Sets what the emulator's CloudFormation loses of the HTTP API: its rules for browsers."""
    document = yaml_parse(template.read_text())
    rules = dict(document["Resources"]["HttpApi"]["Properties"]["CorsConfiguration"])
    rules["AllowOrigins"] = [document["Parameters"][rules["AllowOrigins"]["Ref"]]["Default"]]
    stack.client("apigatewayv2").update_api(ApiId=api_id, CorsConfiguration=rules)


def fingerprint(checkout: Path) -> str:
    """Changes when anything that is deployed does, or what it runs on."""
    digest = hashlib.sha256(f"{sys.version} {version('ministack')} {version('aws-sam-cli')}".encode())
    for path in _files(checkout):
        digest.update(f"\0{path.relative_to(checkout)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _files(checkout: Path) -> Iterator[Path]:
    for name in _SOURCES:
        source = checkout / name
        if source.is_file():
            yield source
            continue
        for path in sorted(source.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts and ".egg-info" not in str(path):
                yield path


def _sam(places: Places, port: int, command: str, *arguments: str) -> None:
    home = places.sam / "home"
    home.mkdir(parents=True, exist_ok=True)
    # SAM's own settings, kept here: it neither reports nor looks for a newer SAM.
    (home / "metadata.json").write_text(json.dumps({"telemetryEnabled": False, "lastVersionCheck": time.time()}))
    config = ("--config-file", str(places.checkout / "samconfig.toml"), "--config-env", "local")
    tools = Path(sys.executable).parent
    log = places.logs / f"sam-{command}.log"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [sys.executable, "-m", "samcli", command, *config, *arguments],
            cwd=places.checkout,
            env=environment(
                port,
                PATH=f"{tools}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
                SAM_CLI_TELEMETRY="0",
                __SAM_CLI_APP_DIR=str(home),
                # Workers of the emulator run on its interpreter and see its packages; the layers' are for Lambda's.
                NIRMAN_LAYERS="host",
            ),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        try:
            process.wait()
        finally:
            # When we are told to stop, so are the builders that SAM started.
            kill_group(process.pid)
    if process.returncode:
        raise LocalError(f"sam {command} failed: {_last_error(log)} (all of it: {log})")


def _last_error(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    errors = [line for line in lines if "Error" in line or "FAILED" in line]
    return (errors or lines or ["no output"])[-1]
