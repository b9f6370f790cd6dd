"""The works of the demo building, phase by phase, in the order in which they are built."""

from __future__ import annotations

from nirman.demo.builder import Builder
from nirman.demo.works.floors import finishes, superstructure
from nirman.demo.works.ground import foundation, preliminaries
from nirman.demo.works.handover import handover
from nirman.demo.works.services import services


def building(b: Builder) -> None:
    """Every phase, from permits to occupancy."""
    preliminaries(b)
    foundation(b)
    superstructure(b)
    finishes(b)
    services(b)
    handover(b)
