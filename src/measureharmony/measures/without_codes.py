"""What criteria say of everybody when value sets have no codes, found for many such cases at once.

A *case* says which value sets have no codes. There is one in which all have some, one in which the codeless ones have
none, and for each value set a further one, in which it has none either. Cases are numbered; a number's bits are a set
of cases, and a :class:`Truth` two of them. So every criterion is looked through once, whatever is asked afterwards.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import reduce
from operator import and_
from typing import NamedTuple, TypeAlias

from measureharmony.measures.criterion import AtLeast, Count, Criterion, CriterionRef, DaysCovered
from measureharmony.measures.event_set import Coded, EventSet, EventsRef, FilterRef, Relation, RowFilter
from measureharmony.measures.meanings import Meaning
from measureharmony.measures.names import CodeRef, FilterName
from measureharmony.measures.references import Part

#: The bits of the case in which all value sets have codes, and of that in which only the codeless ones have none.
ALL_HAVE_CODES, WITHOUT_THE_CODELESS = 1, 2
_EVERY_CASE, _NO_CASE = -1, 0


class Truth(NamedTuple):
    """The cases in which something holds for everybody, and those in which it does for nobody; else people differ."""

    yes: int
    no: int

    def negated(self) -> Truth:
        """The truth of the contrary."""
        return Truth(self.no, self.yes)

    @property
    def decided(self) -> int:
        """The cases in which it is the same for everybody."""
        return self.yes | self.no


_DIFFERS = Truth(_NO_CASE, _NO_CASE)
#: What the names in a part mean.
_Names: TypeAlias = Mapping[Part, Meaning]


class WithoutCodes:
    """What criteria say when the value sets ``codeless`` have no codes, and when one more has none."""

    def __init__(self, codeless: Collection[str] = ()):
        self._codeless = frozenset(codeless)
        self._numbers: dict[str, int] = {}
        self._truths: dict[Meaning, Truth] = {}

    def case(self, value_set: str) -> int:
        """The bit of the case in which this value set has no codes, either."""
        return ALL_HAVE_CODES << 2 + self._numbers.setdefault(value_set, len(self._numbers))

    def truth(self, meaning: Meaning) -> Truth:
        """In which cases a criterion or a filter holds for everybody, or for nobody; of a set of events: is there."""
        if meaning not in self._truths:
            self._truths[meaning] = self._found(meaning.part, meaning.names)
        return self._truths[meaning]

    def truth_of(self, ref: CriterionRef, names: _Names) -> Truth:
        """In which cases a criterion inside of a part holds for everybody, or for nobody."""
        return self._criterion(ref, names) if isinstance(ref, Criterion) else self.truth(names["criteria", ref])

    def _found(self, part: object, names: _Names) -> Truth:
        match part:
            case Criterion():
                return self._criterion(part, names)
            case RowFilter():
                return self._filter(part, names)
            case EventSet():
                return Truth(_NO_CASE, self._empty(part, names))
            case str() if len(names) == 1:
                return self.truth(*names.values())
        return _DIFFERS

    def _empties(self, code: CodeRef) -> int:
        """The cases in which there is no code of this value set; a code written out is there in all."""
        if code.is_code:
            return _NO_CASE
        return self.case(code) | (~ALL_HAVE_CODES if code in self._codeless else _NO_CASE)

    def _no_codes(self, codes: Iterable[CodeRef]) -> int:
        return _in_all(self._empties(code) for code in codes)

    # --- criteria ---

    def _criterion(self, criterion: Criterion, names: _Names) -> Truth:
        match criterion.type:
            case "all":
                return _all(self.truth_of(part, names) for part in criterion.all or ())
            case "any":
                return _any(self.truth_of(part, names) for part in criterion.any or ())
            case "not_" if criterion.not_ is not None:
                return self.truth_of(criterion.not_, names).negated()
            case "at_least" if criterion.at_least is not None:
                return self._at_least(criterion.at_least, names)
            case "exists" if criterion.exists is not None:
                return Truth(_NO_CASE, self._empty(criterion.exists, names))
            case "count" | "days_covered":
                return self._amount(criterion.count or criterion.days_covered, names)
            case "always":
                return Truth(_EVERY_CASE, _NO_CASE) if criterion.always else Truth(_NO_CASE, _EVERY_CASE)
        return _DIFFERS

    def _at_least(self, wanted: AtLeast, names: _Names) -> Truth:
        if not isinstance(wanted.n, int):
            return _DIFFERS
        truths = [self.truth_of(part, names) for part in wanted.of]
        most_failing = len(truths) - wanted.n
        return Truth(
            _in_at_least(wanted.n, [truth.yes for truth in truths]),
            _in_at_least(most_failing + 1, [truth.no for truth in truths]),
        )

    def _amount(self, wanted: Count | DaysCovered | None, names: _Names) -> Truth:
        """Of nothing there are none, and no day is covered by it."""
        if wanted is None:
            return _DIFFERS
        sets = wanted.of if isinstance(wanted, DaysCovered) else (wanted.of,)
        least = [wanted.at_least, wanted.share] if isinstance(wanted, DaysCovered) else [wanted.at_least]
        bounds = [bound for bound in least if bound is not None]
        if not all(isinstance(bound, (int, float)) for bound in bounds):
            return _DIFFERS
        empty = _in_all(self._empty(ref, names) for ref in sets)
        some = any(isinstance(bound, (int, float)) and bound > 0 for bound in bounds)
        return Truth(_NO_CASE, empty) if some else Truth(empty, _NO_CASE)

    # --- events and their rows ---

    def _empty(self, ref: EventsRef, names: _Names) -> int:
        """The cases in which nobody can have an event in the set."""
        if not isinstance(ref, EventSet):
            return self.truth(names["events", ref]).no
        empty = _all(self._passes(item, names) for item in ref.where).no
        if ref.codes is not None:
            empty |= self._no_codes(ref.codes)
        if ref.from_ is not None:
            empty |= _in_all(self._empty(part, names) for part in ref.from_)
        if ref.components_of is not None:
            empty |= self._empty(ref.components_of, names)
        return empty

    def _passes(self, ref: FilterRef, names: _Names) -> Truth:
        return self._filter(ref, names) if isinstance(ref, RowFilter) else self.truth(names["filters", ref])

    def _filter(self, rows: RowFilter, names: _Names) -> Truth:
        """What a filter says of every row."""
        return _all(self._key(key, getattr(rows, key), names) for key in rows.model_fields_set)

    def _key(self, key: str, value: object, names: _Names) -> Truth:
        """What one key of a filter says of every row."""
        match key, value:
            case "all", tuple():
                return _all(self._passes(part, names) for part in value)
            case "any", tuple():
                return _any(self._passes(part, names) for part in value)
            case "not_", FilterName() | RowFilter():
                return self._passes(value, names).negated()
            case "coded", Coded():
                return Truth(_NO_CASE, self._no_codes(value.codes))
            case "with_", Relation():
                return Truth(_NO_CASE, self._empty(value.events, names))
            case "without", Relation():
                return Truth(self._empty(value.events, names), _NO_CASE)
        return _DIFFERS


def _in_all(cases: Iterable[int]) -> int:
    """The cases that are in all of these sets."""
    return reduce(and_, cases, _EVERY_CASE)


def _in_at_least(least: int, cases: Collection[int]) -> int:
    """The cases that are in so many of these sets, or in more."""
    reached = [_EVERY_CASE, *[_NO_CASE] * max(least, 0)]
    for one in cases:
        for count in range(len(reached) - 1, 0, -1):
            reached[count] |= reached[count - 1] & one
    return reached[-1]


def _all(truths: Iterable[Truth]) -> Truth:
    yes, no = _EVERY_CASE, _NO_CASE
    for truth in truths:
        yes, no = yes & truth.yes, no | truth.no
    return Truth(yes, no)


def _any(truths: Iterable[Truth]) -> Truth:
    return _all(truth.negated() for truth in truths).negated()


__all__ = ["ALL_HAVE_CODES", "WITHOUT_THE_CODELESS", "Truth", "WithoutCodes"]
