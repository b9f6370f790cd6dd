"""What `nirman up` does before and around the emulator."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from argparse import Namespace
from dataclasses import asdict

import pytest

from nirman.cli.main import main
from nirman.local import command, emulator, instance, places, stack
from nirman.local.instance import Instance
from nirman.local.places import Places


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A checkout with nothing in it that runs."""
    (tmp_path / "template.yaml").write_text("Resources: {}\n")
    for name in ("functions", "shared", "layers"):
        (tmp_path / name).mkdir()
    found = Places(tmp_path, tmp_path / ".local")
    monkeypatch.setattr(command, "of_checkout", lambda: found)
    return found


@pytest.fixture
def busy_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


@pytest.fixture
def started(here):
    """An instance that runs, as far as its lock tells."""
    here.home.mkdir()
    there = Instance(pid=os.getpid(), emulator_pid=1, port=4599, ready=True)
    here.instance.write_text(json.dumps(asdict(there)))
    with here.lock.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield there


def one_line(capsys):
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1
    assert "Traceback" not in captured.err
    return captured.err


def test_a_busy_port_is_one_line(here, busy_port, capsys):
    assert main(["up", "--port", str(busy_port)]) == 2
    assert f"port {busy_port} is busy" in one_line(capsys)


@pytest.mark.parametrize("arguments", [["up"], ["up", "--detach"]])
def test_a_second_instance_is_one_line_that_names_the_first(here, started, arguments, capsys):
    assert main(arguments) == 2
    line = one_line(capsys)
    assert f"process {started.pid}" in line
    assert "nirman down" in line


def test_a_missing_tool_is_one_line(here, monkeypatch, capsys):
    monkeypatch.setattr(instance.shutil, "which", lambda name: None)
    assert main(["up"]) == 2
    assert "make is not installed" in one_line(capsys)


def test_a_missing_package_is_one_line(here, monkeypatch, capsys):
    monkeypatch.setattr(instance, "find_spec", lambda name: None)
    assert main(["up"]) == 2
    assert "make environment" in one_line(capsys)


def test_outside_a_checkout_it_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(places, "__file__", str(tmp_path / "lib/site-packages/nirman/local/places.py"))
    assert main(["status"]) == 2
    assert "checkout of the repository only" in one_line(capsys)


def test_a_demo_command_without_a_stack_is_one_line(here, capsys):
    assert main(["demo", "plan"]) == 2
    assert "nirman up" in one_line(capsys)


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http", "٤٥٦٦"])
def test_a_port_is_a_number_from_1_to_65535(here, port, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["up", "--port", port])
    assert ended.value.code == 2


def test_nothing_running_is_said_and_no_error_to_stop(here, capsys):
    assert main(["status"]) == 1
    assert main(["down"]) == 0
    assert capsys.readouterr().out.splitlines() == ["not running", "nothing was running"]


def test_an_instance_that_was_killed_is_not_running(here, started):
    assert instance.running(here) == started
    with here.lock.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_UN)
    here.lock.unlink()
    here.lock.touch()
    assert instance.running(here) is None
    assert instance.recorded(here) == started


def test_the_last_port_is_kept_when_it_is_free_and_left_when_it_is_not(busy_port):
    free = emulator.free_port()
    assert instance._port(None, Instance(1, 1, free, ready=False)) == free
    assert instance._port(None, Instance(1, 1, busy_port, ready=False)) != busy_port
    assert instance._port(free, None) == free


def test_an_unreadable_record_of_the_last_instance_is_as_none(here):
    here.home.mkdir()
    here.instance.write_text("{")
    assert instance.recorded(here) is None


def test_kept_addresses_of_queues_follow_the_port(tmp_path):
    (tmp_path / "sqs.json").write_text('{"http://localhost:4566/000000000000/jobs": "localhost:45661/"}')
    emulator.move(tmp_path, 4566, 4600)
    assert json.loads((tmp_path / "sqs.json").read_text()) == {
        "http://localhost:4600/000000000000/jobs": "localhost:45661/"
    }


def test_streams_are_read_from_the_start_after_a_restart(tmp_path):
    emulator.rewind_streams(tmp_path)
    kept = {"payload": {"esms": {"x": 1}, "dynamodb_stream_positions": {"data": {"mapping": 42}}}}
    (tmp_path / "lambda.json").write_text(json.dumps(kept))
    emulator.rewind_streams(tmp_path)
    assert json.loads((tmp_path / "lambda.json").read_text())["payload"] == {
        "esms": {"x": 1},
        "dynamodb_stream_positions": {"data": {"mapping": 0}},
    }


def test_programs_for_the_emulator_never_see_the_account_of_this_computer(monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "secret")
    seen = emulator.environment(4566)
    assert {name: value for name, value in seen.items() if name.startswith("AWS_")} == {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:4566",
    }


@pytest.mark.parametrize("changed", ["template.yaml", "functions/api/handler.py", "layers/core/requirements.txt"])
def test_what_is_deployed_is_deployed_again_when_it_changes(here, changed):
    before = stack.fingerprint(here.checkout)
    path = here.checkout / changed
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("changed")
    assert stack.fingerprint(here.checkout) != before


def test_nothing_is_deployed_again_when_only_what_python_wrote_changed(here):
    before = stack.fingerprint(here.checkout)
    (here.checkout / "shared/__pycache__").mkdir()
    (here.checkout / "shared/__pycache__/x.pyc").write_bytes(b"x")
    assert stack.fingerprint(here.checkout) == before


def test_what_was_deployed_before_is_not_good_after_a_change(here):
    here.home.mkdir()
    assert stack.up_to_date(here) is None
    kept = {"fingerprint": stack.fingerprint(here.checkout), "outputs": {"HttpApiId": "abc"}}
    here.deployed.write_text(json.dumps(kept))
    assert stack.up_to_date(here) == {"HttpApiId": "abc"}
    (here.checkout / "template.yaml").write_text("Resources: {A: 1}\n")
    assert stack.up_to_date(here) is None


def test_the_commands_share_one_way_of_failing(here, monkeypatch, capsys):
    def fail(*_: object, **__: object) -> None:
        raise command.LocalError("first line\nsecond line")

    monkeypatch.setattr(instance, "run", fail)
    assert command.run(Namespace(command="up", detach=False, port=None)) == 2
    assert one_line(capsys) == "nirman: first line second line\n"
