"""Entries of a feed as sentences, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum

from nirman.activity.bengali import Bengali
from nirman.activity.english import English
from nirman.activity.entry import Count, Entry, Fact, Op
from nirman.activity.speech import Speech, is_told
from nirman.activity.vocabulary import COMPUTED
from nirman.planning.model import Kind


class Language(StrEnum):
    ENGLISH = "en"
    BENGALI = "bn"


_SPEECHES: Mapping[Language, Speech] = {Language.ENGLISH: English(), Language.BENGALI: Bengali()}
_OPS: tuple[Op, ...] = ("updated", "created", "deleted")
_LISTED_FIELDS = 4
_FOLLOWING = {"work_minutes", "remaining_minutes"}
"""What follows from a duration, units or progress is not told beside it."""


def sentence(entry: Entry, language: Language) -> str:
    """`Karim changed the duration of “Piling” from 5 to 7 days; 12 tasks moved, finish 3 Mar 2027 (+2 days).`"""
    speech = _SPEECHES[language]
    told = speech.who(entry.user_name or entry.user, _done(entry, speech))
    effects = list(_effects(entry, speech))
    return "; ".join([told, ", ".join(effects)] if effects else [told]) + speech.end


def _done(entry: Entry, speech: Speech) -> str:
    match entry.type:
        case "project.created":
            return speech.began(entry.project_name)
        case "project.deleted":
            return speech.ended(entry.project_name)
        case "plan.replaced":
            imported = speech.imported(entry.source)
            return f"{imported}: {_summed(entry.counts, speech)}" if entry.counts else imported
        case _:
            return _taken_back(entry, speech) or _applied(entry, speech) or _changes(entry, speech)


def _taken_back(entry: Entry, speech: Speech) -> str | None:
    if entry.redoes is not None:
        return speech.redone(entry.redoes)
    return None if entry.undoes is None else speech.undone(entry.undoes)


def _applied(entry: Entry, speech: Speech) -> str | None:
    """What the optimizer had proposed: `levelling of revision 12`."""
    what, _, revision = entry.source.partition(" of revision ")
    if what not in COMPUTED or not revision.isdigit():
        return None
    applied = speech.applied(what, int(revision))
    return f"{applied}: {_summed(_own(entry.counts), speech)}" if entry.counts else applied


def _changes(entry: Entry, speech: Speech) -> str:
    counts = _own(entry.counts)
    if not counts:
        return speech.nothing()
    baselines = [fact for fact in entry.facts if fact.kind is Kind.BASELINE and fact.fields.keys() != {"name"}]
    rest = [count for count in counts if count.kind is not Kind.BASELINE]
    if baselines and not rest:
        return speech.listed([speech.baseline(fact) for fact in baselines])
    if sum(count.records for count in counts) > 1:
        return _summed(counts, speech)
    [one] = counts
    return _single(next(fact for fact in entry.facts if (fact.kind, fact.op) == (one.kind, one.op)), entry, speech)


def _own(counts: Sequence[Count]) -> list[Count]:
    """Without what only follows: links and assignments go with their task, and work follows its duration."""
    there = {(count.kind, count.op) for count in counts}

    def follows(count: Count) -> bool:
        if count.op == "deleted" and count.kind in (Kind.LINK, Kind.ASSIGNMENT):
            gone = {(Kind.TASK, "deleted")}
            return bool(there & (gone if count.kind is Kind.LINK else gone | {(Kind.RESOURCE, "deleted")}))
        return (count.kind, count.op) == (Kind.ASSIGNMENT, "updated") and (Kind.TASK, "updated") in there

    return [count for count in counts if not follows(count)]


def _summed(counts: Sequence[Count], speech: Speech) -> str:
    by_op = {op: [count for count in counts if count.op == op] for op in _OPS}
    return ", ".join(speech.summed(op, those) for op, those in by_op.items() if those)


def _single(fact: Fact, entry: Entry, speech: Speech) -> str:
    if fact.op != "updated":
        return speech.made(fact)
    fields = [field for field in fact.fields if field not in _FOLLOWING] or list(fact.fields)
    if len(fields) > 1 or not is_told(fact, fields[0]):
        return speech.touched(fact, fields[:_LISTED_FIELDS])
    before, after = (speech.value(fact, fields[0], side, entry.minutes_per_day) for side in (0, 1))
    if fields[0] == "name" and before and after:
        return speech.renamed(fact, before, after)
    return speech.changed(fact, fields[0], before, after)


def _effects(entry: Entry, speech: Speech) -> Iterator[str]:
    if entry.type in ("project.created", "project.deleted"):
        return
    if entry.moved:
        yield speech.moved(entry.moved)
    before, after = entry.finish
    if before and after and before[:10] != after[:10]:
        shift = date.fromisoformat(after[:10]) - date.fromisoformat(before[:10])
        yield speech.finishes(speech.date(after), shift.days)
