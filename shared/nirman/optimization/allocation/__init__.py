"""Which resource does which task: at least cost, or with the earliest finish."""

from nirman.optimization.allocation.result import Allocation, Kept, Reassigned
from nirman.optimization.allocation.use_case import allocate
from nirman.optimization.answers import Status

__all__ = ["Allocation", "Kept", "Reassigned", "Status", "allocate"]
