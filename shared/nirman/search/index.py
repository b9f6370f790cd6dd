"""Names in memory, and which of them a text means while it is still being typed.

Every word of the text must be a word of the name or begin one, with a typo or two if it is long enough. Words are few
where names are many, so typos are looked for among words, and only names that have such a word are scored.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from nirman.search.text import folded

_OF_WORDS = 0.7
_OF_WHOLE = 0.3
"""What the words count for, and the name as a whole."""
_MOST_WORDS = 10
"""Of the text; what more is typed only orders what was found."""
_FEW = 4
"""Times as many names as are asked for are compared as a whole."""


@dataclass
class Index:
    """Of names in the order given; each is one or more texts, of which the first is what it is called."""

    names: Sequence[Sequence[str]]
    folded: list[str] = field(init=False)
    others: dict[int, tuple[str, ...]] = field(init=False)
    """Further texts of those that have any."""
    words: dict[str, list[int]] = field(init=False)
    """In which names a word is, each once and ascending."""

    def __post_init__(self) -> None:
        self.folded = [folded(texts[0]) for texts in self.names]
        self.others = {
            row: tuple(filter(None, map(folded, texts[1:]))) for row, texts in enumerate(self.names) if any(texts[1:])
        }
        self.words = {}
        for row, text in enumerate(self.folded):
            whole = " ".join((text, *self.others[row])) if row in self.others else text
            for word in dict.fromkeys(whole.split()):
                self.words.setdefault(word, []).append(row)

    def texts(self, row: int) -> tuple[str, ...]:
        return (self.folded[row], *self.others.get(row, ()))


@dataclass(frozen=True, slots=True)
class Match:
    """`source` and `row` say which name of which index; `score` from 0 to 1, and 1 for the very same text."""

    score: float
    source: int
    row: int


def best(text: str, indexes: Sequence[Index], *, limit: int) -> list[Match]:
    """The names meant, best first; ties in the order of the indexes and rows."""
    looked_for = folded(text)
    tokens = list(dict.fromkeys(looked_for.split()))[:_MOST_WORDS]
    if not tokens:
        return []
    vocabulary = list(set().union(*(index.words for index in indexes)))
    meanings = [_meanings(token, vocabulary) for token in tokens]
    few = heapq.nsmallest(limit * _FEW, _guesses(indexes, meanings, len(looked_for)))
    compared = (
        Match(_compared(-guess, looked_for, indexes[source].texts(row)), source, row) for guess, source, row in few
    )
    return sorted(compared, key=lambda match: (-match.score, match.source, match.row))[:limit]


def _guesses(
    indexes: Sequence[Index], meanings: Sequence[Mapping[str, float]], length: int
) -> Iterator[tuple[float, int, int]]:
    """Less than nothing, the less the better: by the words, and by how much of the name was typed."""
    words = -_OF_WORDS / len(meanings)
    for source, index in enumerate(indexes):
        names = index.folded
        for row, score in _rows(index, meanings).items():
            whole = len(names[row])
            yield words * score - (_OF_WHOLE if length >= whole else _OF_WHOLE * length / whole), source, row


def _meanings(token: str, vocabulary: Sequence[str]) -> dict[str, float]:
    """The words that a token can be, or be going to be, and how well: from 0 to 1."""
    length = len(token)
    found = {word: _begun(length, len(word)) for word in vocabulary if word.startswith(token)}
    if typos := _typos(token):
        # A word that is being typed is compared with as much of each, give or take a letter.
        for size in (None, length - 1, length, length + 1):
            cut = vocabulary if size is None else [word[:size] for word in vocabulary]
            for _, distance, place in process.extract(token, cut, scorer=OSA.distance, score_cutoff=typos, limit=None):
                word = vocabulary[place]
                score = (1 - distance / length) * (0.9 if size is None else 0.8 * _begun(length, len(word)))
                if score > found.get(word, 0):
                    found[word] = score
    return found


def _typos(token: str) -> int:
    """How many are forgiven; none in numbers: another floor is another floor."""
    if any(character.isdigit() for character in token):
        return 0
    return 0 if len(token) < 4 else 1 if len(token) < 8 else 2


def _begun(typed: int, whole: int) -> float:
    """Of a word that was typed from the beginning, more or less of it."""
    return 1.0 if typed >= whole else 0.75 + 0.2 * typed / whole


def _rows(index: Index, meanings: Iterable[Mapping[str, float]]) -> dict[int, float]:
    """The names that have every token, with the sum of how well."""
    rows: dict[int, float] | None = None
    for meaning in meanings:
        having: dict[int, float] = {}
        present = (
            meaning.items()
            if len(meaning) < len(index.words)
            else ((w, meaning[w]) for w in index.words if w in meaning)
        )
        for word, score in present:
            for row in index.words.get(word, ()):
                if score > having.get(row, 0):
                    having[row] = score
        rows = having if rows is None else {row: rows[row] + score for row, score in having.items() if row in rows}
        if not rows:
            break
    return rows or {}


def _compared(guess: float, looked_for: str, texts: Sequence[str]) -> float:
    """The final score: the whole is compared letter by letter, not by length alone."""
    if looked_for in texts:
        return 1.0
    length = min(1.0, len(looked_for) / (len(texts[0]) or 1))
    alike = max(fuzz.ratio(looked_for, text) for text in texts) / 100
    return min(0.99, max(0.0, guess + _OF_WHOLE * (alike - length)))
