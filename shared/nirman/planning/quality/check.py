"""What a check of the assessment says, and the arithmetic all checks share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    PASS = "pass"  # noqa: S105  # no password
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """`value` is numerator over denominator (None when not applicable); it must be at most, or at least, `threshold`.

    `uids` are the tasks that fail, in outline order, and `link_uids` the links; both may name failures of a check that
    passes as a whole. `note` says why a check is not applicable, or what was tried.
    """

    number: int
    name: str
    title: str
    verdict: Verdict
    value: float | None
    threshold: float
    at_least: bool = False
    numerator: float = 0
    denominator: float = 0
    uids: tuple[int, ...] = ()
    link_uids: tuple[int, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A check before it is made: its number in the assessment, its stable name, what it says, its published bound."""

    number: int
    name: str
    title: str
    threshold: float
    at_least: bool = False

    def not_applicable(self, because: str) -> Check:
        return self._check(Verdict.NOT_APPLICABLE, None, 0, 0, note=because)

    def share(self, failing: Iterable[int], of: int, *, empty: str, links: Iterable[int] = (), note: str = "") -> Check:
        """The share of `of` tasks that fail; `empty` says why there is none to look at."""
        if of == 0:
            return self.not_applicable(empty)
        uids = tuple(failing)
        return self.ratio(len(uids), of, uids=uids, links=links, note=note)

    def ratio(
        self,
        numerator: float,
        denominator: float,
        *,
        uids: Iterable[int] = (),
        links: Iterable[int] = (),
        note: str = "",
    ) -> Check:
        """The quotient against the bound; `denominator` must not be 0."""
        value = numerator / denominator
        holds = value >= self.threshold if self.at_least else value <= self.threshold
        verdict = Verdict.PASS if holds else Verdict.FAIL
        return self._check(verdict, value, numerator, denominator, uids=uids, links=links, note=note)

    def _check(
        self,
        verdict: Verdict,
        value: float | None,
        numerator: float,
        denominator: float,
        *,
        uids: Iterable[int] = (),
        links: Iterable[int] = (),
        note: str = "",
    ) -> Check:
        return Check(
            number=self.number,
            name=self.name,
            title=self.title,
            verdict=verdict,
            value=value,
            threshold=self.threshold,
            at_least=self.at_least,
            numerator=numerator,
            denominator=denominator,
            uids=tuple(uids),
            link_uids=tuple(links),
            note=note,
        )
