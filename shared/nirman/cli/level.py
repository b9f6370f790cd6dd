"""`nirman level`: as early as can be found while no resource has more to do than it can, and how good that is."""

from __future__ import annotations

from nirman.cli import levelling, psplib
from nirman.errors import InvalidInputError
from nirman.optimization.options import LevelOptions


def run(path: str, options: LevelOptions, *, as_json: bool, out: str | None) -> int:
    """`UnreadableFileError` names the file, the place and the rule."""
    if not psplib.is_psplib(path):
        return levelling.run(path, options, as_json=as_json, out=out)
    if options.within_slack or options.split or out is not None:
        raise InvalidInputError("problems of PSPLIB have neither slack nor splits, and are not written", place=path)
    return psplib.level(
        path, time_limit_s=options.time_limit_s, workers=options.workers, seed=options.seed, as_json=as_json
    )
