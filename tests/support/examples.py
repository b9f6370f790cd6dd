"""How hypothesis makes examples here. A pytest plugin too, for runs without the conftest.

How long one takes says something of the machine and what else it does, so none fails by that.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

settings.register_profile("nirman", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# The same examples each time where a failure stops somebody else's work; new ones wherever people look for faults.
settings.register_profile("nirman-ci", settings.get_profile("nirman"), derandomize=True, database=None)
settings.load_profile("nirman-ci" if os.environ.get("CI") else "nirman")
