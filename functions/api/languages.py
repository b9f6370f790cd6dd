"""In which language a caller reads."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Depends, Header, Query

from nirman.activity.sentences import Language


def preferred(accept_language: str | None) -> Language:
    """Of an Accept-Language header (RFC 9110, 12.5.4) the heaviest language that we speak; else English."""
    best, best_weight = Language.ENGLISH, 0.0
    for part in (accept_language or "").split(","):
        tag, _, parameter = part.partition(";")
        language = tag.strip().lower().partition("-")[0]
        weight = _weight(parameter)
        if language in set(Language) and weight > best_weight:
            best, best_weight = Language(language), weight
    return best


def _weight(parameter: str) -> float:
    name, _, value = parameter.partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(1.0, max(0.0, float(value)))
    except ValueError:
        return 0.0


def _language(
    lang: Annotated[
        Literal["en", "bn"] | None, Query(description="Language of the sentences; else by Accept-Language.")
    ] = None,
    accept_language: Annotated[str | None, Header()] = None,
) -> Language:
    return Language(lang) if lang else preferred(accept_language)


Read = Annotated[Language, Depends(_language)]
