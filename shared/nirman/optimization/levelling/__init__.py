"""Levelling of plans: tasks wait for one another where they want the same people and machines."""

from nirman.optimization.answers import Status
from nirman.optimization.levelling.level import level
from nirman.optimization.levelling.result import Levelling, Load, Moved, Reason, Unresolved

__all__ = ["Levelling", "Load", "Moved", "Reason", "Status", "Unresolved", "level"]
