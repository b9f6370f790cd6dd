"""All benchmarks, one after the other: `make bench`."""

from __future__ import annotations

from bench import documents, edits

documents.main()
print()
edits.main()
