"""All benchmarks, one after the other: `make bench`."""

from __future__ import annotations

from bench import analysis, documents, edits, engine

if __name__ == "__main__":
    engine.main([])
    print()
    analysis.main([])
    print()
    documents.main()
    print()
    edits.main()
