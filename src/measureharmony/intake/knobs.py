"""What the parameters of a measure mean, taken from where its criteria use them, and which one a payer's words mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz

from measureharmony.intake.vocabulary import is_same, vocabulary, words_of
from measureharmony.intake.written import Side
from measureharmony.measures.criterion import Age, Count, DaysCovered, Enrolled
from measureharmony.measures.event_set import AgeAtEvent, NumberTest, ValueTest
from measureharmony.measures.measure import POPULATIONS, Measure, Parameter
from measureharmony.measures.names import ParameterName, walk
from measureharmony.measures.references import Part, references
from measureharmony.measures.window import Point, Window
from measureharmony.payers.parts import reachable

#: ``youngest`` and ``oldest`` bound an age; ``lookback`` is how far before the period a window begins that
#: ends with it; ``bound`` is what a value is compared with; ``gaps`` and ``gap_days`` are allowed in an enrolment.
Role = Literal["youngest", "oldest", "lookback", "bound", "count", "gaps", "gap_days", "other"]
#: Likeness (0 to 100) from which a heading may mean a parameter by its text alone, and its lead over the next one.
LIKE, LEAD = 80.0, 5.0


@dataclass(frozen=True)
class Knob:
    """A parameter, what it does (``role``), and where it counts.

    ``side``: of a bound, which way it is compared. ``rates``: the rates whose numerators depend on it (empty: all or
    none). ``is_main``: it decides who counts or who is met, not merely who is excluded.
    """

    name: str
    parameter: Parameter
    role: Role
    side: Side | None = None
    rates: tuple[str, ...] = ()
    is_main: bool = True

    @property
    def words(self) -> str:
        """The words that tell it from other parameters."""
        return f"{self.name.replace('_', ' ').replace('.', ' ')} {self.parameter.text}"

    @property
    def is_plain(self) -> bool:
        """Whether it is the measure's own age, without any word that says whose: ``age_from``, ``age_to``."""
        return self.name.rpartition(".")[2] in ("age_from", "age_to", "age_from_months", "age_to_months")


def knobs(measure: Measure) -> tuple[Knob, ...]:
    """The parameters of a linked measure, each by the first use that says what it is."""
    uses: dict[str, tuple[Role, Side | None]] = {}
    for _, part in walk(measure):
        for used, role, side in _uses(part):
            uses.setdefault(used.key, (role, side))
    main = _names(measure, [name for name in POPULATIONS if "exclu" not in name and "exception" not in name])
    by_rate = {rate.id: _names(measure, ["numerator"], rate.id) for rate in measure.rates}
    found = []
    for name, parameter in measure.parameters.items():
        role, side = uses.get(name, ("other", None))
        rates = tuple(rate for rate, names in by_rate.items() if name in names)
        only_some = rates if len(rates) < len(by_rate) else ()
        found.append(Knob(name, parameter, role, side, only_some, name in main))
    return tuple(found)


def _uses(part: object) -> Iterator[tuple[ParameterName, Role, Side | None]]:
    match part:
        case Age() | AgeAtEvent():
            pairs: list[tuple[object, Role, Side | None]] = [(part.from_, "youngest", None), (part.to, "oldest", None)]
        case ValueTest() | NumberTest():
            pairs = [(bound, "bound", _side(side)) for side, bound in part.bounds.items()]
        case Enrolled():
            pairs = [(part.gaps, "gaps", None), (part.gap_days, "gap_days", None)]
        case Count():
            pairs = [(part.at_least, "count", "at_least"), (part.at_most, "count", "at_most")]
        case DaysCovered():
            pairs = [(part.share, "bound", "at_least"), (part.at_least, "count", "at_least")]
        case Window():
            pairs = [(_lookback(part), "lookback", None)]
        case _:
            pairs = []
    for named, role, side in pairs:
        if isinstance(named, ParameterName):
            yield named, role, side


def _side(side: str) -> Side | None:
    sides: dict[str, Side] = {"above": "above", "at_least": "at_least", "below": "below", "at_most": "at_most"}
    return sides.get(side)


def _lookback(window: Window) -> object:
    """The parameter by which a window that ends with the period begins before it."""
    starts = window.from_ or window.after or ()
    ends = window.to or window.before or ()
    if not any(_is_period(point, "end") and not point.shifts for point in ends):
        return None
    for point in starts:
        if _is_period(point, "start") and len(point.shifts) == 1 and point.shifts[0].sign == -1:
            return point.shifts[0].amount
    return None


def _is_period(point: Point, edge: str) -> bool:
    return point.anchor == "period" and point.edge == edge


def _names(measure: Measure, populations: Sequence[str], rate: str | None = None) -> set[str]:
    """The parameters on which these populations depend."""
    rates = [one for one in measure.rates if rate in (None, one.id)]
    start: list[Part] = [
        reference.part
        for one in rates
        for name in populations
        for reference in references(measure.population(one, name))
    ]
    return {name for section, name in reachable(measure, start) if section == "parameters"}


# --- which one a payer's words mean -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Match:
    """The parameter that words mean, or (``knob`` is ``None``) those among which they leave the choice.

    ``by_words``: some word pointed at it; otherwise it was the only one of its kind.
    """

    knob: Knob | None
    candidates: tuple[Knob, ...] = ()
    by_words: bool = False


def meant(words: str, among: Sequence[Knob]) -> Match:
    """Which of the parameters ``words`` mean: the one with most of them; without any, the only or the plain one."""
    scored = [(vocabulary().hits(words, own_words(knob, among)), knob) for knob in among]
    best = max((score for score, _ in scored), default=0)
    if best:
        top = [knob for score, knob in scored if score == best]
        return Match(top[0], by_words=True) if len(top) == 1 else _only(top)
    return _only(among)


def _only(among: Sequence[Knob]) -> Match:
    if len(among) == 1:
        return Match(among[0])
    plain = [knob for knob in among if knob.is_plain and knob.is_main]
    own = [knob for knob in plain if "." not in knob.name] or plain
    return Match(own[0]) if len(own) == 1 else Match(None, tuple(among))


def own_words(knob: Knob, among: Sequence[Knob]) -> str:
    """The words of a parameter that not all the others have, too."""
    others = [set(words_of(other.words)) for other in among if other.name != knob.name]
    common = set.intersection(*others) if others else set()
    return " ".join(word for word in words_of(knob.words) if not any(is_same(word, other) for other in common))


def by_text(heading: str, among: Sequence[Knob]) -> Match:
    """The parameter whose text or name is like a heading, if one is clearly more so than the others."""
    scored = sorted(((_likeness(heading, knob), knob) for knob in among), key=lambda one: -one[0])
    if not scored or scored[0][0] < LIKE:
        return Match(None)
    close = [knob for score, knob in scored if scored[0][0] - score < LEAD]
    return Match(close[0], by_words=True) if len(close) == 1 else Match(None, tuple(close))


def _likeness(heading: str, knob: Knob) -> float:
    asked = " ".join(words_of(heading))
    texts = (knob.parameter.text, knob.name.replace("_", " ").replace(".", " "))
    if len(vocabulary().content(heading)) == 0:
        return 0.0
    return max(float(fuzz.token_sort_ratio(asked, " ".join(words_of(text)))) for text in texts)


def with_unit(knob: Knob, number: float, unit: str) -> float | int | None:
    """A payer's number in the parameter's unit; ``None`` where there is no exact conversion.

    Without a unit the number is taken to be in the parameter's own.
    """
    factor = _FACTORS.get((unit or knob.parameter.unit, knob.parameter.unit))
    if knob.parameter.unit == unit or not unit:
        factor = 1.0
    if knob.parameter.unit == "1" and unit == "%":
        factor = 0.01
    if factor is None:
        return None
    value = round(number * factor, 9)
    whole = float(value).is_integer()
    return int(value) if whole else (None if knob.parameter.unit in _CALENDAR else value)


_CALENDAR = ("years", "months", "weeks", "days")
_FACTORS = {("years", "months"): 12.0, ("months", "years"): 1 / 12, ("weeks", "days"): 7.0, ("mmhg", "mm[Hg]"): 1.0,
            ("mm[hg]", "mm[Hg]"): 1.0, ("mg/dl", "mg/dL"): 1.0, ("visits", "days"): 1.0}  # fmt: skip


__all__ = ["Knob", "Match", "Role", "by_text", "knobs", "meant", "own_words", "with_unit"]
