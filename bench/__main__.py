"""All benchmarks, one after the other: `make bench`."""

from __future__ import annotations

from bench import (
    analysis,
    broadcast,
    compression,
    documents,
    edits,
    engine,
    imports,
    levelling,
    levelling_plans,
    search,
    simulation,
)

if __name__ == "__main__":
    for bench in (
        *(engine.main, analysis.main, levelling.main, levelling_plans.main, compression.main, simulation.main),
        *(search.main, imports.main, broadcast.main),
    ):
        try:
            bench([])
        except SystemExit as missing:  # the data it is measured on are not here
            print(missing)
        print()
    documents.main()
    print()
    edits.main()
