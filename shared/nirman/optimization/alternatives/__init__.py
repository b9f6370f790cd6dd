"""Ways out of a resource conflict, each tried on the plan and scheduled by the engine, and ranked."""

from nirman.optimization.alternatives.result import Alternative, Alternatives, Impossible, Way, Ways
from nirman.optimization.alternatives.use_case import alternatives, by_id

__all__ = ["Alternative", "Alternatives", "Impossible", "Way", "Ways", "alternatives", "by_id"]
