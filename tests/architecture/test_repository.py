"""The files around the code: what is pinned, what the README promises, what must not be in a repository."""

from __future__ import annotations

import re
import subprocess
import tomllib

import pytest

from nirman.cli.arguments import parser
from tests.support.template import ROOT

LAYERS = ("core", "documents", "search", "solver", "web")
PIN = re.compile(r"^(?P<name>[a-z0-9][a-z0-9._-]*)==(?P<version>[^\s;]+)(?: ; [^\\]+?)?(?: \\)?$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$")
REQUIREMENTS = ["requirements/dev.txt", "requirements/uv.txt", *(f"layers/{name}/requirements.txt" for name in LAYERS)]
HOMES = re.compile(r"(?<![\w.$)}/-])/(?:root|home|Users|work|tmp)" + "/[A-Za-z]")
INDEXES = re.compile("index" + r"-url|extra-" + r"index|trusted-" + r"host|find-" + r"links")


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [name for name in listed.stdout.decode().split("\0") if name]


def pins(path: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for line in (ROOT / path).read_text().splitlines():
        if match := PIN.match(line):
            found.setdefault(match["name"], set()).add(match["version"])
    return found


@pytest.mark.parametrize("path", REQUIREMENTS)
def test_every_requirement_is_pinned_with_its_hashes_and_nothing_else_is_said(path):
    lines = (ROOT / path).read_text().splitlines()
    assert [line for line in lines if not PIN.match(line) and not HASH.match(line)] == []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        assert not PIN.match(line) or HASH.match(following), f"{line} has no hash"


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_has_the_versions_the_tests_ran_with(layer):
    tested = pins("requirements/dev.txt")
    for name, versions in pins(f"layers/{layer}/requirements.txt").items():
        assert versions <= tested.get(name, set()), name


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_has_all_that_its_group_names(layer):
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    wanted = {re.split(r"[\[<>=~! ]", entry)[0].lower() for entry in groups[f"layer-{layer}"]}
    assert wanted <= set(pins(f"layers/{layer}/requirements.txt"))


def test_every_folder_of_layers_is_a_layer():
    assert {path.parent.name for path in (ROOT / "layers").glob("*/Makefile")} == set(LAYERS)
    assert {path.name for path in (ROOT / "layers").iterdir()} == set(LAYERS)


def test_no_file_names_a_place_on_somebodys_machine_or_a_package_index():
    found = []
    for name in tracked():
        path = ROOT / name
        try:
            text = path.read_text() if path.is_file() else ""
        except UnicodeDecodeError:
            continue
        found += [f"{name}: {match.group()}" for rule in (HOMES, INDEXES) for match in rule.finditer(text)]
    assert found == []


def readme_commands() -> list[list[str]]:
    """Of `make` and `nirman`, with the arguments that stand in a block of commands or between back quotes."""
    text = (ROOT / "README.md").read_text()
    blocks = re.findall(r"^    (?:\.venv/bin/)?((?:nirman|make) [^#\n]+)", text, re.MULTILINE)
    inline = re.findall(r"`((?:nirman|make) [^`]+)`", text)
    return [line.split() for line in blocks + inline]


def test_every_command_of_the_readme_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    commands = readme_commands()
    asked = {" ".join(words[:2]) for words in commands}
    assert {"make run", "make test", "nirman demo", "nirman down", "nirman schedule", "nirman level"} <= asked
    for tool, *words in commands:
        if tool == "make":
            assert words[0] in targets, words
        else:
            assert parser().parse_args(words).command == words[0]
