"""One event that nobody has seen yet: what the solver may choose about it, made as questions ask for it.

A row's unknowns allow at least what data allow: an answer that holds for all of them holds for every dataset.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from measureharmony.alignment.codes import CodeFacts
from measureharmony.alignment.logic import (
    Formula,
    Logic,
    Whole,
    all_of,
    any_of,
    choice,
    implies,
    negated,
    same_truth,
)  # fmt: skip
from measureharmony.alignment.moments import DAY, Moment, earliest, latest
from measureharmony.evaluation.columns import NEVER_ENDS, SINCE_EVER
from measureharmony.evaluation.nodes import NodeId
from measureharmony.practice.contract import DEFAULT_STATUS, EVENT, EVENT_KINDS, EVENT_SOURCES, ORDER_KINDS

#: Stands for an empty cell among the numbers of words.
EMPTY = -1


class Words:
    """Numbers for the words of each column, the same for all rows."""

    def __init__(self) -> None:
        self._numbers: dict[str, dict[str, int]] = {
            "kind": {kind: number for number, kind in enumerate(EVENT_KINDS)},
            "source": {source: number for number, source in enumerate(EVENT_SOURCES)},
            "value_type": {word: number for number, word in enumerate(EVENT.column("value_type").allowed)},
            "status": {status: number for number, status in enumerate(dict.fromkeys(DEFAULT_STATUS.values()))},
        }

    def number(self, column: str, word: str | None) -> int:
        """The number of a word; :data:`EMPTY` for none."""
        if word is None:
            return EMPTY
        known = self._numbers.setdefault(column, {})
        return known.setdefault(word, len(known))

    def word(self, column: str, number: int) -> str | None:
        """The word of a number; one that nothing asks for is made up."""
        if number == EMPTY:
            return None
        found = [word for word, n in self._numbers.get(column, {}).items() if n == number]
        return found[0] if found else "something-else"


class Row:
    """An event: whether it is there (``present``), and everything that may be asked about it.

    ``origin`` is the set it was made for, ``depth`` how many relations lead to it. ``require`` takes constraints.
    """

    def __init__(  # noqa: PLR0913 - what it is made of, once
        self, name: str, logic: Logic, words: Words, facts: CodeFacts, require: Callable[[Formula], None],
        *, present: Formula, origin: NodeId, kinds: tuple[str, ...], depth: int = 0,
    ):  # fmt: skip
        self.name, self.present, self.origin, self.depth = name, present, origin, depth
        self._logic, self._words, self._facts, self._require = logic, words, facts, require
        self.kinds = kinds
        self.kind: Whole = words.number("kind", kinds[0]) if len(kinds) == 1 else self._one_of_kinds(kinds)
        self.not_done: Formula = logic.truth(f"{name}.not_done")
        self.columns: dict[str, Whole] = {}
        self.several: dict[tuple[str, str], Formula] = {}
        self.codes: dict[tuple[str, str], Formula] = {}
        self.times: dict[str, Moment] = {}
        self.numbers: dict[tuple[str, object], tuple[Formula, Whole]] = {}
        self.ages: dict[str, tuple[Formula, Whole, Whole]] = {}
        #: What else is asked of the row: relations, choices, being the same as another one.
        self.others: dict[object, Formula] = {}
        #: Its place in the source's order, which breaks ties.
        self.rank: Whole = logic.whole(f"{name}.rank")

    def _one_of_kinds(self, kinds: tuple[str, ...]) -> Whole:
        kind = self._logic.whole(f"{self.name}.kind")
        self._require(any_of(kind == self._words.number("kind", one) for one in kinds or EVENT_KINDS))
        return kind

    def is_of_kind(self, kinds: Iterable[str]) -> Formula:
        """It is of one of the kinds."""
        numbers = [self._words.number("kind", kind) for kind in kinds]
        if isinstance(self.kind, int):
            return self.kind in numbers
        return any_of(self.kind == number for number in numbers)

    # --- words and codes -------------------------------------------------------------------------------------------

    def word(self, column: str) -> Whole:
        """The number of the word in a column."""
        if column not in self.columns:
            cell = self.columns[column] = self._logic.whole(f"{self.name}.{column}")
            self._require(cell >= EMPTY)
            if column in ("source", "value_type"):  # closed lists
                self._require(cell < len(EVENT.column(column).allowed))
            if column == "source":  # an empty cell is given its word by the readers
                self._require(cell >= 0)
            if column == "status":
                self._require(implies(self.is_of_kind(k for k, word in DEFAULT_STATUS.items() if word), cell >= 0))
            if column == "intent":
                self._require(implies(self.is_of_kind(ORDER_KINDS), cell >= 0))
        return self.columns[column]

    def has_word(self, column: str, words: Iterable[str | None]) -> Formula:
        """The column holds one of the words (``None``: nothing)."""
        cell = self.word(column)
        return any_of(cell == self._words.number(column, word) for word in words)

    def has_any_word(self, column: str, words: Iterable[str]) -> Formula:
        """The column of several words holds one of these, or nothing at all."""
        empty = self._several(column, "")
        return any_of([empty, *(self._several(column, word) for word in words)])

    def _several(self, column: str, word: str) -> Formula:
        if (column, word) not in self.several:
            self.several[column, word] = self._logic.truth(f"{self.name}.{column}.{word or 'empty'}")
            if word:
                self._require(implies(self._several(column, ""), negated(self.several[column, word])))
        return self.several[column, word]

    def is_coded(self, role: str, ref: str) -> Formula:
        """It has a coding in the role that the reference matches."""
        if (role, ref) not in self.codes:
            mine = self._logic.truth(f"{self.name}.{role}.{ref}")
            for (other_role, other), coded in self.codes.items():
                if other_role == role and self._facts.holds(other, ref):
                    self._require(implies(mine, coded))
                if other_role == role and self._facts.holds(ref, other):
                    self._require(implies(coded, mine))
            self.codes[role, ref] = mine
        return self.codes[role, ref]

    # --- times and numbers -----------------------------------------------------------------------------------------

    def moment(self, name: str) -> Moment:
        """One of its moments, as a timing means it."""
        if name not in self.times:
            if name == "latest":
                self.times[name] = latest(self.moment("start"), self.moment("end"))
            elif name == "earliest":
                self.times[name] = earliest(self.moment("start"), self.moment("end"))
            else:
                self.times[name] = any_moment(self._logic, f"{self.name}.{name}", self._require)
        return self.times[name]

    def number(self, column: str, unit: object) -> tuple[Formula, Whole]:
        """Whether a number column (in the unit) holds a usable number, and that number."""
        if (column, unit) not in self.numbers:
            known = self._logic.truth(f"{self.name}.{column}.known")
            self.numbers[column, unit] = known, self._logic.real(f"{self.name}.{column}")
            if column == "value":  # whatever has a number has a result
                self._require(implies(known, self.word("value_type") >= 0))
        return self.numbers[column, unit]

    def age(self, moment: str) -> tuple[Formula, Whole, Whole]:
        """Whether the person's age at a moment is known at all, and the lowest and highest it can be."""
        if moment not in self.ages:
            youngest, oldest = self._logic.whole(f"{self.name}.youngest"), self._logic.whole(f"{self.name}.oldest")
            self._require(youngest <= oldest)
            self.ages[moment] = self._logic.truth(f"{self.name}.age_known"), youngest, oldest
        return self.ages[moment]

    def free(self, what: object, name: str) -> Formula:
        """A truth about the row of which nothing is known but what is required of it elsewhere."""
        if what not in self.others:
            self.others[what] = self._logic.truth(f"{self.name}.{name}")
        return self.others[what]


def any_moment(logic: Logic, name: str, require: Callable[[Formula], None]) -> Moment:
    """A time that can be anything that data can say."""
    lo, hi = logic.whole(f"{name}.lo"), logic.whole(f"{name}.hi")
    require(all_of([lo <= hi, lo >= SINCE_EVER, hi <= NEVER_ENDS]))

    def time() -> tuple[Formula, Whole]:
        dated, instant = logic.truth(f"{name}.dated"), logic.whole(f"{name}.instant")
        # An instant's day is the day as written, which can differ by one from its day in UTC.
        close = all_of([lo == hi, instant >= (lo - 1) * DAY, instant < (lo + 2) * DAY])
        require(any_of([dated, close]))
        return dated, instant

    return Moment(lo, hi, time)


def order_key(moment: Moment) -> Whole:
    """What moments are ordered by: the instant, or the beginning of the earliest day."""
    return choice(moment.dated, moment.lo * DAY, moment.instant)


__all__ = ["EMPTY", "Row", "Words", "any_moment", "order_key", "same_truth"]
