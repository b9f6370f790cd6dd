"""How good a schedule is: the 14 checks of the DCMA assessment, and what is odd about single tasks and links."""

from nirman.planning.quality.assessment import assess
from nirman.planning.quality.check import Check, Verdict
from nirman.planning.quality.findings import schedule_findings

__all__ = ["Check", "Verdict", "assess", "schedule_findings"]
