"""The names that are most like a given one, among thousands, without comparing every pair.

Two texts cannot be more alike than the characters they share allow. That bound is one operation on
two numbers, so nearly all names are left out by it; the others are compared, the likeliest first,
until none of the rest can be better. The answers are those of comparing every pair.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from heapq import nlargest
from itertools import islice
from typing import Final, Generic, TypeVar

from ipaas.mapping.likeness import ALIKE, Like, ends

T = TypeVar("T")

_COPIES: Final = 6
"""So many of one character are told apart."""
_LEAST_UNLIKE: Final = 12
_OF_ONE_FORM: Final = 60


class Names:
    """Texts that can be searched for the most alike ones; each text counts once."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._places: dict[str, int] = {}
        self._by_length: dict[int, list[tuple[int, str]]] = {}
        for text in dict.fromkeys(texts):
            self._by_length.setdefault(len(text), []).append((self._bag(text), text))

    def _bag(self, text: str) -> int:
        """The characters of a text as bits: one for each copy of each."""
        bits = 0
        for character, count in Counter(text).items():
            place = self._places.setdefault(character, len(self._places))
            bits |= ((1 << min(count, _COPIES)) - 1) << (place * _COPIES)
        return bits

    def bounded(self, word: str, cutoff: float) -> list[tuple[float, str]]:
        """Texts with the most that their likeness can be, those of at least ``cutoff``."""
        bag, length = self._bag(word), len(word)
        many = max(Counter(word).values(), default=0) > _COPIES
        found: list[tuple[float, str]] = []
        for other, entries in self._by_length.items():
            both = length + other
            if 2 * min(length, other) < cutoff * both:
                continue
            if not both:
                found += [(1.0, text) for _, text in entries]
                continue
            if many:
                found += [(2 * min(length, other) / both, text) for _, text in entries]
                continue
            least = cutoff * both / 2
            found += [
                (2 * shared / both, text)
                for bits, text in entries
                if (shared := (bag & bits).bit_count()) >= least
            ]
        return found

    def close(self, word: str, count: int, cutoff: float) -> list[str]:
        """The texts that are most like ``word``, best first, as ``get_close_matches`` has them."""
        best: list[tuple[float, str]] = []
        matcher = SequenceMatcher(None, "", word)
        for bound, text in sorted(self.bounded(word, cutoff), reverse=True):
            if len(best) == count and bound < best[-1][0]:
                break
            matcher.set_seq1(text)
            score = matcher.ratio()
            if score >= cutoff:
                best = sorted([*best, (score, text)], reverse=True)[:count]
        return [text for _, text in best]


class Endings:
    """Paths by what they end in: the last name, and the last two joined."""

    def __init__(self, ends: Sequence[tuple[str, str]]) -> None:
        self._by_last: dict[str, list[int]] = {}
        self._by_both: dict[str, list[int]] = {}
        for number, (last, both) in enumerate(ends):
            self._by_last.setdefault(last, []).append(number)
            self._by_both.setdefault(both, []).append(number)
        self._last, self._both = Names(self._by_last), Names(self._by_both)

    def bounds(self, end: tuple[str, str], cutoff: float) -> dict[int, float]:
        """Numbers of the paths that may be as alike as ``cutoff``, each with its bound."""
        found: dict[int, float] = {}
        for number, bound in self._each(end, cutoff):
            if bound > found.get(number, -1.0):
                found[number] = bound
        return found

    def few(self, last: str, count: int) -> dict[int, float]:
        """Numbers of the paths whose last names share most with one, each with 1 as its bound."""
        names = nlargest(count, self._last.bounded(last, 0.0))
        numbers = (number for _, text in names for number in self._by_last[text])
        return dict.fromkeys(islice(numbers, count), 1.0)

    def _each(self, end: tuple[str, str], cutoff: float) -> Iterator[tuple[int, float]]:
        last, both = end
        for bound, text in self._last.bounded(last, cutoff):
            for number in self._by_last[text]:
                yield number, bound
        for word in dict.fromkeys((last, both)):
            for bound, text in self._both.bounded(word, cutoff):
                for number in self._by_both[text]:
                    yield number, bound


class Fields(Generic[T]):
    """Fields to choose from, each with its path and what it is worth beyond its name."""

    def __init__(self, fields: Iterable[tuple[str, T]]) -> None:
        self.fields = list(fields)
        self.ends = [ends(path) for path, _ in self.fields]
        self._endings = Endings(self.ends)

    def best(
        self, name: str, count: int, bonus: Callable[[T], float], most_bonus: float = 0.0
    ) -> list[tuple[float, str]]:
        """The fields that are most like a name, best first; the first of equals is first.

        Where none is alike, what is least unlike is sought among the few with most in common.
        """
        like = Like(name)
        cutoff = max(0.0, (ALIKE - most_bonus) / 0.98)
        best = self._best(like, self._endings.bounds(like.end, cutoff), count, bonus, ALIKE)
        if not best:
            few = self._endings.few(like.end[0], _LEAST_UNLIKE)
            better = (at for at, (_, told) in enumerate(self.fields) if bonus(told) > 0)
            few |= dict.fromkeys(islice(better, _OF_ONE_FORM), 1.0)
            best = self._best(like, few, count, bonus, 0.0)
        return [(score, self.fields[-at][0]) for score, at in best]

    def _best(
        self, like: Like, bounds: dict[int, float], count: int, bonus: Callable[[T], float],
        least: float,
    ) -> list[tuple[float, int]]:  # fmt: skip
        most = {at: bound + bonus(self.fields[at][1]) for at, bound in bounds.items()}
        best: list[tuple[float, int]] = []
        for bound, at in sorted(((bound, -at) for at, bound in most.items()), reverse=True):
            if bound < least or (len(best) == count and bound < best[-1][0]):
                break
            score = like.to(self.ends[-at]) + bonus(self.fields[-at][1])
            if score >= least:
                best = sorted([*best, (score, at)], reverse=True)[:count]
        return best
