"""Names are found while they are typed, in spite of typos, in both scripts."""

from __future__ import annotations

import pytest

from nirman.search.index import Index, best
from nirman.search.text import folded, words

NAMES = (
    *("Pile boring", "Pile cap casting", "Piling rig hire", "Column shuttering", "Slab casting, floor 7"),
    *("Slab casting, floor 17", "Plaster", "পাইল বোরিং", "পাইল ক্যাপ ঢালাই", "কলামের রড বাঁধাই", "ছাদ ঢালাই, তলা ৭", "Slab"),
)


def found(text: str, names=NAMES, limit: int = 20) -> list[str]:
    index = Index([name if isinstance(name, tuple) else (name,) for name in names])
    return [index.names[match.row][0] for match in best(text, [index], limit=limit)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("তলা ৭", "তলা 7"),
        ("PILE  Cap", "pile cap"),
        ("য়", "\u09af\u09bc"),
        ("ক্\u200cষ", "ক্ষ"),
        ("Straße", "STRASSE"),
        ("cafe\u0301", "CAFÉ"),
        ("A-1020/b", "a 1020 B"),
    ],
)
def test_texts_that_people_take_for_the_same_are_folded_alike(one, other):
    assert folded(one) == folded(other)


def test_signs_of_vowels_do_not_part_words():
    assert words("পাইলিং, কলামের") == ["পাইলিং", "কলামের"]


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_a_beginning_finds_its_names(size):
    assert {"Pile boring", "Pile cap casting"} <= set(found("Pile"[:size]))


def test_words_may_come_in_any_order_and_all_must_be_there():
    assert found("cast pile") == ["Pile cap casting"]
    assert found("pile slab") == []


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("colum shutering", "Column shuttering"),
        ("shtutering", "Column shuttering"),
        ("plsater", "Plaster"),
        ("plastr", "Plaster"),
        ("plster", "Plaster"),
        ("borign", "Pile boring"),
        ("shuttre", "Column shuttering"),
        ("পাইর বোরিং", "পাইল বোরিং"),
        ("কলমের রড", "কলামের রড বাঁধাই"),
        ("ছাদ ঢালই ৭", "ছাদ ঢালাই, তলা ৭"),
    ],
)
def test_typos_are_forgiven_in_both_scripts(typed, meant):
    assert found(typed)[0] == meant


def test_a_number_is_meant_as_it_is_typed():
    assert found("slab 7") == ["Slab casting, floor 7"]
    assert found("ঢালাই 7") == found("ঢালাই ৭") == ["ছাদ ঢালাই, তলা ৭"]
    assert set(found("slab 1")) == {"Slab casting, floor 17"}


def test_short_words_are_not_guessed_at():
    assert found("cup") == []


def test_the_very_same_comes_first_then_what_begins_so_then_what_was_mistyped():
    assert found("slab")[0] == "Slab"
    assert found("piling")[0] == "Piling rig hire"
    index = Index([("Slab",), ("Slab casting",), ("Slob",)])
    scores = {match.row: match.score for match in best("slab", [index], limit=5)}
    assert 1.0 == scores[0] > scores[1] > scores[2] > 0


def test_codes_and_labels_are_names_too():
    names = [("Piling", "A1020", "north"), ("Piling", "A1030", "south"), ("Cap", "", "north")]
    assert found("a1020", names) == ["Piling"]
    assert sorted(found("north", names)) == ["Cap", "Piling"]


@pytest.mark.parametrize("text", ["", "  ", "…!?", "\u200c"])
def test_nothing_typed_finds_nothing(text):
    assert found(text) == []


def test_of_a_long_text_the_first_ten_words_must_be_there():
    ten = " ".join(f"word{number}" for number in range(10))
    assert found(f"{ten} more", [(ten,), ("more",)]) == [ten]


def test_no_more_are_given_than_asked_for_and_the_best_of_all_indexes():
    indexes = [Index([(f"Pile {row}",) for row in range(500)]), Index([("Pile",)])]
    matches = best("pile", indexes, limit=3)
    assert len(matches) == 3
    assert (matches[0].source, matches[0].score) == (1, 1.0)
