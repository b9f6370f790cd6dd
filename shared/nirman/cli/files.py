"""Plans from files and files from plans, with errors that name the file."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nirman.errors import InvalidInputError, InvalidPlanError, LimitExceededError, UnreadableFileError
from nirman.interchange import read_plan
from nirman.interchange.result import ImportResult
from nirman.planning.model import Plan
from nirman.planning.schedule import Schedule, schedule_plan

MAX_BYTES = 64 * 2**20
_PSPLIB = (".sm", ".mm")


def load(path: str) -> tuple[Plan, Schedule, ImportResult]:
    """`UnreadableFileError` or `InvalidPlanError`, placed in the file; of several the first, and how many more."""
    try:
        size = Path(path).stat().st_size
        if size > MAX_BYTES:
            raise UnreadableFileError(f"a file must not be larger than {MAX_BYTES // 2**20} MB, this has {size} bytes")
        result = read_plan(Path(path).read_bytes(), Path(path).name)
        if result.plan is None:
            raise _first(result)
        return result.plan, schedule_plan(result.plan), result
    except InvalidPlanError as error:
        raise InvalidPlanError(error.rule, place=_place(path, error.place), uids=error.uids) from error
    except InvalidInputError as error:
        raise UnreadableFileError(error.rule, place=_place(path, error.place)) from error


@contextmanager
def told_of(path: str) -> Iterator[None]:
    """What cannot be done with the plan of a file is told with the file, before the place in it."""
    try:
        yield
    except InvalidPlanError as error:
        raise InvalidPlanError(error.rule, place=_place(path, error.place), uids=error.uids) from error
    except InvalidInputError as error:
        raise InvalidInputError(error.rule, place=_place(path, error.place)) from error
    except LimitExceededError as error:
        raise LimitExceededError(f"{path}: {error}", what=error.what, limit=error.limit) from error


def is_psplib(path: str) -> bool:
    return path.lower().endswith(_PSPLIB)


def save(path: str, data: bytes) -> None:
    """The whole file or none: a reader of `path` never finds half of it."""
    target = Path(path)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        mask = os.umask(0)
        os.umask(mask)
        Path(temporary).chmod(0o666 & ~mask)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _first(result: ImportResult) -> UnreadableFileError:
    first, *others = result.errors
    more = f" (and {len(others)} more)" if others else ""
    return UnreadableFileError(f"{first.text}{more}", place=first.place)


def _place(path: str, place: str) -> str:
    return f"{path}: {place}" if place and place != Path(path).name else path
