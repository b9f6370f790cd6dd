"""`nirman level`: as early as can be found while no resource has more to do than it can, and how good that is."""

from __future__ import annotations

from argparse import Namespace

from nirman.cli import levelling, psplib
from nirman.cli.files import is_psplib
from nirman.errors import InvalidInputError
from nirman.optimization.options import LevelOptions


def run(arguments: Namespace) -> int:
    """`UnreadableFileError` names the file, the place and the rule."""
    options = LevelOptions(
        within_slack=arguments.within_slack,
        split=arguments.split,
        time_limit_s=arguments.time_limit,
        workers=arguments.workers,
        seed=arguments.seed,
    )
    path, out = arguments.plan, arguments.out
    if not is_psplib(path):
        return levelling.run(path, options, out=out, as_json=arguments.json)
    if options.within_slack or options.split or out is not None:
        raise InvalidInputError("problems of PSPLIB have neither slack nor splits, and are not written", place=path)
    return psplib.level(path, options, as_json=arguments.json)
