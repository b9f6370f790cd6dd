"""What each kind of job is told."""

from __future__ import annotations

from msgspec import Struct

MAX_FILE_BYTES = 64 * 1024 * 1024
"""Of a file that is brought."""


class ImportParameters(Struct, frozen=True, kw_only=True):
    """`upload` names the file that was brought; a dry run only reports, the real run replaces the plan."""

    upload: str
    dry_run: bool
    base_revision: int | None = None


class ExportParameters(Struct, frozen=True):
    format: str
