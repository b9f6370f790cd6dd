"""What a function loads before it answers its first message, beside a bare client of the SDK.

    .venv/bin/python bench/imports.py [--runs N]

Each figure is the median over fresh interpreters, less that of an interpreter that loads nothing: processor time, in
which others on the machine have little part, and which is nearly all of it. Runs alternate. The bare client is
botocore's own for DynamoDB. "ready" has built what `$connect` needs: the handler's modules and a client of the table.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
_READY = """
import types
from functions.websocket import handler
from nirman.aws.container import Container
Container(types.SimpleNamespace(connections_table="connections")).rooms
"""
PROGRAMS = {
    "nothing": "pass",
    "bare client": "import botocore.session; botocore.session.get_session().create_client('dynamodb')",
    "boto3 client": "import boto3; boto3.client('dynamodb')",
    "handler loaded": "import functions.websocket.handler",
    "handler ready": _READY,
}


def seconds(program: str) -> float:
    """Of a processor."""
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONPATH": f"{ROOT / 'shared'}{os.pathsep}{ROOT}",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
    }
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", program], check=True, env=environment, cwd=ROOT)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(arguments: list[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--runs", type=int, default=15)
    chosen = options.parse_args(arguments)
    runs = [{name: seconds(program) for name, program in PROGRAMS.items()} for _ in range(chosen.runs)]
    own = {name: [run[name] - run["nothing"] for run in runs] for name in PROGRAMS if name != "nothing"}
    for name, times in own.items():
        ratios = [mine / bare for mine, bare in zip(times, own["bare client"], strict=True)]
        print(f"{name:15} {1000 * statistics.median(times):6.0f} ms   {statistics.median(ratios):.2f}x the bare client")


if __name__ == "__main__":
    main()
