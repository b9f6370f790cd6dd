"""All benchmarks, one after the other: `make bench`."""

from __future__ import annotations

from bench import documents, edits

if __name__ == "__main__":
    documents.main()
    print()
    edits.main()
