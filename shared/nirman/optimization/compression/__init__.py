"""Faster plans: crashing and fast-tracking at the least cost, with proof. Pure; the solver is loaded when needed."""

from nirman.optimization.compression.compress import compress
from nirman.optimization.compression.result import Compression, Status

__all__ = ["Compression", "Status", "compress"]
