"""How much of a Primavera P6 file is read, so that no file takes more memory than the largest real ones need."""

from __future__ import annotations

MAX_BYTES = 64 * 2**20
MAX_RECORDS = 250_000
"""Of one kind: activities, links, assignments and so on."""
MAX_LEVELS = 100
"""Of the work breakdown structure; P6 itself has at most 50."""
MAX_EXCEPTIONS = 500_000
"""Of all calendars, days one after another with the same shifts counted once."""
