"""All benchmarks, one after the other: `make bench`."""

from __future__ import annotations

from bench import analysis, broadcast, documents, edits, engine, imports

if __name__ == "__main__":
    engine.main([])
    print()
    analysis.main([])
    print()
    documents.main()
    print()
    imports.main([])
    print()
    broadcast.main([])
    print()
    edits.main()
