"""Who may import whom, and what a function loads when it starts."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.support.template import ROOT, functions

PACKAGE = ROOT / "shared" / "nirman"
PURE = ("scheduling", "planning", "interchange", "optimization", "demo")
"""Same input, same output: no cloud, no clock, no chance, no environment."""
IMPURE_MODULES = {
    *("boto3", "botocore", "aws_lambda_powertools", "fastapi", "httpx", "websockets"),
    *("asyncio", "http", "os", "random", "requests", "secrets", "socket", "subprocess", "threading", "time", "uuid"),
    *("sys.argv", "urllib.request"),
}
OF_PURE = {"nirman.errors", *(f"nirman.{package}" for package in PURE)}
"""What pure packages may import of their own product."""
CLOCKS = {"now", "utcnow", "today"}
HEAVY = (
    "fastapi",
    "pydantic",
    "starlette",
    "lxml",
    "numpy",
    "openpyxl",
    "xlsxwriter",
    "fpdf",
    "holidays",
    "ortools",
    "rapidfuzz",
    "websockets",
)
LIGHT_FUNCTIONS = ("authorizer", "websocket", "broadcaster", "poster", "projector", "signals")
SOLVERS = {"numpy", "ortools", "pandas", "scipy"}
"""What is in the solver's layer alone."""


def modules(*packages: str) -> list[Path]:
    return [path for package in packages for path in sorted((PACKAGE / package).rglob("*.py"))]


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports(tree: ast.AST) -> Iterator[str]:
    """Every module imported anywhere, in functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(name: str, allowed: set[str]) -> bool:
    return any(name == module or name.startswith(f"{module}.") for module in allowed)


def impurities(source: str) -> list[str]:
    tree = ast.parse(source)
    found = [name for name in imports(tree) if within(name, IMPURE_MODULES)]
    found += [name for name in imports(tree) if name.startswith("nirman.") and not within(name, OF_PURE)]
    found += [
        f"{ast.unparse(node)} reads a clock"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in CLOCKS and _is_date(node.value)
    ]
    return found


def _is_date(node: ast.expr) -> bool:
    return ast.unparse(node).split(".")[-1] in {"datetime", "date"}


@pytest.mark.parametrize("path", modules(*PURE), ids=named)
def test_pure_packages_import_nothing_impure(path):
    assert impurities(path.read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        "def f():\n    import boto3",
        "from os import environ",
        "import time",
        "def f():\n    def g():\n        from random import random",
        "from urllib.request import urlopen",
        "from datetime import datetime\nx = datetime.now()",
        "import datetime\nx = lambda: datetime.datetime.utcnow()",
        "import datetime as d\nfrom datetime import date\nx = date.today()",
        "from nirman.aws import keys",
        "from nirman import aws",
        "import nirman.planlog.service",
    ],
)
def test_the_guard_sees_what_is_impure(source):
    assert impurities(source)


@pytest.mark.parametrize("path", sorted((ROOT / "functions").rglob("*.py")), ids=named)
def test_no_function_imports_another(path):
    own = path.relative_to(ROOT / "functions").parts[0]
    of_functions = {name for name in imports(ast.parse(path.read_text())) if name.split(".")[0] == "functions"}
    assert {name for name in of_functions if not within(name, {f"functions.{own}"})} == set()


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=named)
def test_the_shared_package_imports_no_function_and_no_test(path):
    roots = {name.split(".")[0] for name in imports(ast.parse(path.read_text()))}
    assert roots.isdisjoint({"functions", "tests", "bench"})


@pytest.mark.parametrize(
    "path", [path for path in sorted(PACKAGE.rglob("*.py")) if path.parent.name not in ("local", "cli")], ids=named
)
def test_what_goes_to_lambda_does_not_import_what_runs_it_here(path):
    names = set(imports(ast.parse(path.read_text())))
    assert not [name for name in names if within(name, {"nirman.local", "nirman.cli", "ministack", "samcli"})]


def test_only_the_container_and_the_handlers_join_ports_to_adapters():
    """Domain packages know the Protocols; which database is behind them is decided in one place."""
    apart = {"aws", "local", "cli"}
    knowing = {
        named(path)
        for path in PACKAGE.rglob("*.py")
        if path.relative_to(PACKAGE).parts[0] not in apart
        and any(within(name, {"nirman.aws", "boto3", "botocore"}) for name in imports(ast.parse(path.read_text())))
    }
    assert knowing == set()


@cache
def loaded_by(name: str) -> set[str]:
    """Root modules in memory after a function's handler was imported in a fresh interpreter."""
    code = f"import sys, functions.{name}.handler; print(*{{module.split('.')[0] for module in sys.modules}})"
    return set(said_by(code))


def said_by(code: str) -> list[str]:
    """The words that a fresh interpreter prints."""
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, env={"PYTHONPATH": "shared"}, check=True
    )
    return run.stdout.split()


@pytest.mark.parametrize("name", LIGHT_FUNCTIONS)
def test_functions_on_the_path_of_every_message_load_nothing_heavy(name):
    assert loaded_by(name).isdisjoint(HEAVY)


@pytest.mark.parametrize("name", LIGHT_FUNCTIONS)
def test_functions_on_the_path_of_every_message_load_no_more_of_the_sdk_than_its_core(name):
    """boto3 makes resources and transfers of what botocore does; loading it is a fifth of the time of a cold start."""
    assert "botocore" in loaded_by(name)
    assert loaded_by(name).isdisjoint({"boto3", "s3transfer"})


def test_what_finds_names_is_loaded_when_somebody_searches_and_not_before():
    code = (
        "import sys, functions.websocket.handler; from nirman.aws.container import Container; "
        "answers = Container(None).search_answers.answers(); before = 'rapidfuzz' in sys.modules; "
        "import nirman.search.service; print(bool(answers), before, 'rapidfuzz' in sys.modules)"
    )
    assert said_by(code) == ["True", "False", "True"]


def test_the_broadcaster_does_not_load_the_engine():
    code = "import sys, functions.broadcaster.handler; print('nirman.planning.schedule' in sys.modules)"
    assert said_by(code) == ["False"]


@pytest.mark.parametrize(
    "path", [*sorted(PACKAGE.rglob("*.py")), *sorted((ROOT / "functions").rglob("*.py"))], ids=named
)
def test_nothing_but_the_optimization_package_imports_a_solver(path):
    if PACKAGE / "optimization" not in path.parents:
        assert not [name for name in imports(ast.parse(path.read_text())) if within(name, SOLVERS)]


@pytest.mark.parametrize("name", sorted(functions()))
def test_no_function_loads_a_solver_when_it_starts_not_even_the_optimizer(name):
    """It is loaded by the first job that needs it, so that the others need not wait for it."""
    assert loaded_by(name).isdisjoint(SOLVERS)


def test_what_checks_and_answers_requests_about_optimizations_loads_no_solver():
    code = (
        "import sys, functions.api.routes.optimizations, functions.api.routes.resources_use; "
        f"print(sorted({SOLVERS!r}.intersection(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, env={"PYTHONPATH": "shared"}, check=True
    )
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize("name", sorted(functions()))
def test_no_function_reads_its_environment_or_makes_a_client_when_it_is_imported(name):
    """An import that needs settings fails before anything can say why, and cannot be tested."""
    assert "nirman" in loaded_by(name)
