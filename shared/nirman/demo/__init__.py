"""A plan to look at: a ten-storey residential building in Dhaka.

Pure: the same plan on every call. Holidays are passed in, so that only who wants them needs the holidays package.
"""

from nirman.demo.plan import DEMO_YEARS, demo_plan

__all__ = ["DEMO_YEARS", "demo_plan"]
