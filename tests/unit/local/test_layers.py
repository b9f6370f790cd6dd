"""Third-party layers: for Lambda's own platform whatever computer builds them, and small enough."""

from __future__ import annotations

import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from nirman.local import layer
from tests.support.template import ROOT, functions

LIMIT_BYTES = 250 * 1024 * 1024
"""Lambda's limit of a function with its layers, unzipped."""
FOLDERS = {
    "CoreLayer": "layers/core",
    "WebLayer": "layers/web",
    "SearchLayer": "layers/search",
    "DocumentsLayer": "layers/documents",
    "SolverLayer": "layers/solver",
}
AARCH64 = 183
"""e_machine of an ELF file."""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Each third-party layer, as `make build` makes it."""
    target = tmp_path_factory.mktemp("layers")
    for name, folder in FOLDERS.items():
        try:
            layer.build(ROOT / folder / "requirements.txt", target / name)
        except (layer.ToolError, subprocess.CalledProcessError) as exc:
            reason = getattr(exc, "stderr", "") or str(exc)
            if isinstance(exc, layer.ToolError) or any(text in reason for text in ("dns", "connect", "timed out")):
                pytest.skip(f"cannot install packages here: {reason.strip()[-200:]}")
            raise
    return target


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def compiled(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.read_bytes()[:4] == b"\x7fELF"]


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(functions()))
def test_a_function_with_its_layers_is_within_lambdas_limit(built, name):
    layers = [entry["Ref"] for entry in functions()[name]["Layers"]]
    third_party = sum(size(built / entry) for entry in layers if entry in FOLDERS)
    own = size(ROOT / "functions" / name) + size(ROOT / "shared")
    assert 0 < third_party + own <= LIMIT_BYTES


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(FOLDERS))
def test_every_compiled_file_of_a_layer_is_for_lambdas_processor_and_python(built, name):
    found = compiled(built / name)
    assert found, "the test looks at something"
    for path in found:
        assert struct.unpack_from("<H", path.read_bytes(), 18)[0] == AARCH64, path
        tagged = path.name.partition(".")[2]
        assert not tagged.startswith("cpython-") or tagged.startswith("cpython-313-aarch64"), path


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(FOLDERS))
def test_a_layer_has_no_tests_or_caches_and_keeps_its_metadata(built, name):
    packages = built / name / "python"
    assert not [path for path in packages.rglob("*") if path.name in ("tests", "__pycache__")]
    assert list(packages.glob("*.dist-info/METADATA")), "fonts are found by the metadata of their packages"


def test_for_the_emulator_a_layer_is_empty(tmp_path):
    """Its functions run on this computer's interpreter, which Lambda's wheels would break."""
    target = tmp_path / "artifacts"
    subprocess.run(
        [sys.executable, "-m", "nirman.local.layer", str(target)],
        cwd=tmp_path,
        env={"NIRMAN_LAYERS": "host", "PYTHONPATH": str(ROOT / "shared")},
        check=True,
    )
    assert [path.name for path in target.iterdir()] == ["README"]


def test_without_uv_the_message_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    with pytest.raises(layer.ToolError, match="make environment"):
        layer.build(tmp_path / "requirements.txt", tmp_path)
