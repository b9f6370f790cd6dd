"""The scalar types of the plan's fields, with their bounds."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from msgspec import Meta

Uid = Annotated[int, Meta(ge=0, le=2_147_483_647)]
BaselineUid = Annotated[int, Meta(ge=0, le=10)]
Name = Annotated[str, Meta(max_length=512)]
Text = Annotated[str, Meta(max_length=32_000)]
Minutes = Annotated[int, Meta(ge=0, le=52_560_000)]
"""Zero to a hundred years."""
SignedMinutes = Annotated[int, Meta(ge=-52_560_000, le=52_560_000)]
Label = Annotated[str, Meta(min_length=1, max_length=100)]
Labels = Annotated[tuple[Label, ...], Meta(max_length=50)]
"""A set: kept ascending and each once, however it was sent."""
_WALL_TIME = r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?$"
WallTime = Annotated[
    datetime,
    Meta(tz=False, examples=["2026-01-04T08:00:00"], extra_json_schema={"pattern": _WALL_TIME}),
]
"""Local time of the project's place; an offset is refused."""
MinuteOfDay = Annotated[int, Meta(ge=0, le=1440)]
Percent = Annotated[int, Meta(ge=0, le=100)]
Units = Annotated[float, Meta(ge=0, le=1_000_000)]
"""1.0 is one person or machine full time."""
Probability = Annotated[float, Meta(ge=0, le=1)]
MAX_MONEY = Decimal(10) ** 15
"""Of one amount that is entered, in the project's currency."""
MAX_TOTAL = Decimal(10) ** 40
"""Of what is reckoned from such amounts and then kept: a rate for years of work of many, and sums of that."""


def check(holds: bool, rule: str) -> None:
    """ValueError with the rule that does not hold."""
    if not holds:
        raise ValueError(rule)


def check_money(name: str, *amounts: Decimal | None, most: Decimal = MAX_MONEY) -> None:
    """ValueError for an amount that is no number, or further from nothing than `most`."""
    for amount in amounts:
        if amount is not None and not (amount.is_finite() and abs(amount) <= most):
            limit = f"at most 10^{most.adjusted()}" if amount.is_finite() else "a finite number"
            raise ValueError(f"{name} must be {limit}")
