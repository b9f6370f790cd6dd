"""Which resource does which task: at least cost, or with the earliest finish."""

from nirman.optimization.allocation.result import Allocation, Kept, Reassigned, Status
from nirman.optimization.allocation.use_case import allocate

__all__ = ["Allocation", "Kept", "Reassigned", "Status", "allocate"]
