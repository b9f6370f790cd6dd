"""The figures of earned value and their formulas.

Terms and formulas are those of ANSI/PMI 19-006 (The Standard for Earned Value Management); in brackets MS Project's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from nirman.planning.baselines import rounded
from nirman.planning.costs import NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """The four sums that everything else follows from."""

    bac: Decimal = NOTHING
    pv: Decimal = NOTHING
    ev: Decimal = NOTHING
    ac: Decimal = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class EarnedValue:
    """Money in the project's currency; an index or estimate that would divide by nothing is None."""

    bac: Decimal
    """Budget at completion."""
    pv: Decimal
    """Planned value [BCWS]."""
    ev: Decimal
    """Earned value [BCWP]."""
    ac: Decimal
    """Actual cost [ACWP]."""
    sv: Decimal
    """Schedule variance, EV - PV: negative is late."""
    cv: Decimal
    """Cost variance, EV - AC: negative is dear."""
    spi: float | None
    """EV / PV."""
    cpi: float | None
    """EV / AC."""
    eac: Decimal | None
    """Estimate at completion when the rest costs as what was done did (typical): BAC / CPI."""
    eac_atypical: Decimal
    """When the rest costs what was planned: AC + BAC - EV."""
    eac_combined: Decimal | None
    """When lateness costs too: AC + (BAC - EV) / (SPI * CPI)."""
    etc: Decimal | None
    """Estimate to complete, EAC - AC."""
    vac: Decimal | None
    """Variance at completion, BAC - EAC."""
    tcpi_bac: float | None
    """To-complete performance index for the budget: (BAC - EV) / (BAC - AC)."""
    tcpi_eac: float | None
    """The same for the estimate: (BAC - EV) / (EAC - AC)."""

    def rounded(self) -> EarnedValue:
        """As shown: money to hundredths."""
        money: dict[str, Any] = {
            name: rounded(value)
            for name in self.__dataclass_fields__
            if isinstance(value := getattr(self, name), Decimal)
        }
        return replace(self, **money)


def figures(sums: Sums) -> EarnedValue:
    """Not rounded."""
    bac, pv, ev, ac = sums.bac, sums.pv, sums.ev, sums.ac
    eac = bac * ac / ev if ev and ac else None
    combined = ac + (bac - ev) * pv * ac / (ev * ev) if ev and ac and pv else None
    return EarnedValue(
        bac=bac,
        pv=pv,
        ev=ev,
        ac=ac,
        sv=ev - pv,
        cv=ev - ac,
        spi=_ratio(ev, pv),
        cpi=_ratio(ev, ac),
        eac=eac,
        eac_atypical=ac + bac - ev,
        eac_combined=combined,
        etc=None if eac is None else eac - ac,
        vac=None if eac is None else bac - eac,
        tcpi_bac=_ratio(bac - ev, bac - ac),
        tcpi_eac=None if eac is None else _ratio(bac - ev, eac - ac),
    )


def together(sums: Iterable[Sums]) -> Sums:
    found = list(sums)
    return Sums(
        bac=sum((one.bac for one in found), NOTHING),
        pv=sum((one.pv for one in found), NOTHING),
        ev=sum((one.ev for one in found), NOTHING),
        ac=sum((one.ac for one in found), NOTHING),
    )


def _ratio(part: Decimal, whole: Decimal) -> float | None:
    return float(part / whole) if whole else None
