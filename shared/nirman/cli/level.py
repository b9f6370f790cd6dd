"""`nirman level`: as early as can be found while no resource has more to do than it can, and how good that is."""

from __future__ import annotations

from nirman.cli import psplib
from nirman.errors import UnreadableFileError


def run(path: str, *, time_limit_s: float, workers: int, seed: int, as_json: bool) -> int:
    """`UnreadableFileError` names the file, the place and the rule."""
    if psplib.is_psplib(path):
        return psplib.level(path, time_limit_s=time_limit_s, workers=workers, seed=seed, as_json=as_json)
    raise UnreadableFileError(f"must be one of: {', '.join(psplib.EXTENSIONS)}", place=path)
