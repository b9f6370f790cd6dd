"""What can keep the local stack from running; the text is one line that says what to do."""

from __future__ import annotations


class LocalError(Exception):
    """Shown as it is, with exit status 2."""
