"""The search for like names finds what comparing every pair finds."""

from __future__ import annotations

from difflib import get_close_matches

from hypothesis import given
from hypothesis import strategies as st

from ipaas.mapping.likeness import ALIKE, alike
from ipaas.mapping.nearest import Fields, Names

WORDS = ("customer", "email", "date", "line", "amount", "amounts", "tax", "code", "id", "no", "")
NAME = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map("_".join)
MISSPELT = st.builds(lambda name, at: name[:at] + name[at + 1 :], NAME, st.integers(0, 12))
PATH = st.lists(NAME.filter(bool), min_size=1, max_size=3).map(".".join)
LETTERS = st.text("aabcd._[]", max_size=20)


@given(st.lists(NAME | LETTERS, max_size=40), MISSPELT | LETTERS, st.sampled_from([0.6, 0.75]))
def test_close_names_are_those_that_comparing_all_of_them_gives(
    known: list[str], word: str, cutoff: float
) -> None:
    expected = get_close_matches(word, list(dict.fromkeys(known)), n=2, cutoff=cutoff)
    assert Names(known).close(word, 2, cutoff) == expected


@given(st.lists(st.tuples(PATH, st.booleans()), max_size=30, unique_by=lambda each: each[0]), PATH)
def test_like_fields_are_those_that_comparing_all_of_them_gives(
    known: list[tuple[str, bool]], name: str
) -> None:
    def bonus(same_form: bool) -> float:
        return 0.2 if same_form else 0.0

    every = [(alike(path, name) + bonus(form), path) for path, form in known]
    expected = sorted(every, key=lambda pair: -pair[0])[:3]
    found = Fields(known).best(name, 3, bonus, 0.2)
    if expected and expected[0][0] >= ALIKE:
        assert found == [pair for pair in expected if pair[0] >= ALIKE]
    else:
        assert {path for _, path in found} <= {path for path, _ in known}
        assert len(found) == len(expected)


def test_a_character_that_comes_often_does_not_hide_a_name() -> None:
    assert Names(["x" * 20, "y"]).close("x" * 19, 1, 0.9) == ["x" * 20]
