"""From the criteria and numbers of a measure to what they mean: see :mod:`measureharmony.comparison.form`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial

from measureharmony.comparison.form import Fact, Form, Json, all_of, always, any_of, negated
from measureharmony.comparison.forms_of_events import EventForms
from measureharmony.comparison.moments import point_key
from measureharmony.measures.criterion import (
    Age,
    AtLeast,
    Count,
    CoveredDays,
    Criterion,
    CriterionRef,
    DaysCovered,
    Enrolled,
    Moment,
    NumberIn,
)
from measureharmony.measures.names import Name
from measureharmony.measures.number import AmountSum, NumberRef, Risk
from measureharmony.measures.plain_words import amount
from measureharmony.measures.window import Timing


class Forms(EventForms):
    """The forms of the parts of one ``measure``, linked. Each named part is read once."""

    def criterion(self, ref: CriterionRef) -> Form:
        """What a criterion means."""
        if isinstance(ref, Name):
            return self.by_name("criteria", ref, self.criterion)
        if ref.all is not None:
            return all_of(map(self.criterion, ref.all), ref)
        if ref.any is not None:
            return any_of(map(self.criterion, ref.any), ref)
        if ref.not_ is not None:
            return negated(self.criterion(ref.not_), ref)
        if ref.always is not None:
            return always(ref.always, ref)
        if ref.sex or ref.gender:
            word = str(ref.sex or ref.gender)
            column = self.plain_fact(ref.type)
            return Form(
                "person", {"column": column, "word": Fact(word, word, lambda: self.say.criterion(ref))}, source=ref
            )
        return _LEAVES[ref.type](self, getattr(ref, ref.type), ref)

    # --- criteria of one key ---

    def at_least(self, of: AtLeast, ref: Criterion) -> Form:
        """One of several is any, all of them is all."""
        n, forms = self.value(of.n), [self.criterion(part) for part in of.of]
        if n <= 1:
            return any_of(forms, ref) if n == 1 else always(True, ref)
        if n == len(forms):
            return all_of(forms, ref)
        often = sorted(item for item in Counter(form.identity for form in forms).items() if item[1] > 1)
        facts = {
            "n": self.number_fact(n),
            "often": Fact(tuple(often), len(often), lambda: "one of them more than once"),
        }
        return Form("at_least", facts, members=tuple({form.identity: form for form in forms}.values()), source=ref)

    def age(self, age: Age, ref: Criterion) -> Form:
        """Years are compared as months: up to 65 years is up to 791 months."""
        facts = {"band": self.band(age.from_, age.to, age.unit), "at": self.point_fact(age.at)}
        return Form("age", facts, source=ref)

    def exists(self, of: object, ref: Criterion) -> Form:
        """There is an event of the set."""
        return Form("exists", roles={"events": self.events(of)}, source=ref)  # type: ignore[arg-type]

    def count(self, count: Count, ref: Criterion) -> Form:
        """At least one is some; at most none is not any."""
        limits = tuple(None if one is None else self.value(one) for one in (count.at_least, count.at_most))
        if count.distinct == "event" and limits in ((1, None), (None, 0)):
            some = self.exists(count.of, ref)
            return some if limits == (1, None) else negated(some, ref)
        facts = {"distinct": self.plain_fact(count.distinct)}
        facts |= {
            name: self.number_fact(n) for name, n in zip(("at_least", "at_most"), limits, strict=True) if n is not None
        }
        return Form("count", facts, {"events": self.events(count.of)}, source=ref)

    def days_covered(self, covered: DaysCovered, ref: Criterion) -> Form:
        """So many days, or such a share of them."""
        asked = {name: getattr(covered, name) for name in ("at_least", "share")}
        facts = {name: self.number_fact(value) for name, value in asked.items() if value is not None}
        return self._covered("days_covered", covered, facts, ref)

    def _covered(self, kind: str, covered: CoveredDays, facts: Mapping[str, Fact], ref: object) -> Form:
        sets = any_of(map(self.events, covered.of))
        excepted = any_of(map(self.events, covered.except_))
        # Early refills are saved up set by set, so that a union of two sets is not the two sets.
        saved = len({self.events(item).identity for item in covered.of}) if covered.shift else 0
        own = {"window": self.window_fact(covered.within), "saved_up": self.number_fact(saved)}
        return Form(kind, {**facts, **own}, {"sets": sets, "except": excepted}, source=ref)

    def number_test(self, test: NumberIn, ref: Criterion) -> Form:
        """A condition for each bound; all must hold."""
        number = self.number(test.of)
        return all_of(
            (self.bound(name, bound, "", {"number": number}, ref) for name, bound in test.bounds.items()), ref
        )

    def enrolled(self, enrolled: Enrolled, ref: Criterion) -> Form:
        """Enrolment; how long a gap may be means nothing where there may be none."""
        gaps = (self.value(enrolled.gaps), self.value(enrolled.gap_days))
        gaps = gaps if all(gaps) else (0, 0)
        shown: Json = {"gaps": gaps[0], "gap_days": gaps[1]}
        facts = {
            "window": self.window_fact(enrolled.window),
            "gaps": Fact(gaps, shown, partial(_gaps_in_words, *gaps)),
            "payer": self.plain_fact(enrolled.payer),
            "benefits": self.words_fact(enrolled.benefits),
        }
        if enrolled.anchor:
            facts["anchor"] = self.point_fact(enrolled.anchor)
        return Form("enrolled", facts, source=ref)

    def moment(self, moment: Moment, ref: Criterion) -> Form:
        """A point of time in a window."""
        timing = Timing(start=moment.in_, precision=moment.precision)
        exact = moment.precision == "exact"
        facts = {
            "point": Fact(
                point_key(self.point(moment.point), self.anchor_key, exact=exact),
                str(moment.point),
                partial(self.say.point, moment.point),
            ),
            "window": self.timing_fact((timing,)),
        }
        return Form("moment", facts, source=ref)

    # --- numbers ---

    def number(self, ref: NumberRef) -> Form:
        """What a number is."""
        if isinstance(ref, Name):
            return self.by_name("numbers", ref, self.number)
        part = getattr(ref, ref.type)
        match ref.type:
            case "count":
                return Form(
                    "number_of",
                    {"distinct": self.plain_fact(part.distinct)},
                    {"events": self.events(part.of)},
                    source=ref,
                )
            case "sum":
                return self._sum(part, ref)
            case "days_covered" | "share_covered":
                return self._covered(f"number_{ref.type}", part, {}, ref)
            case "days_in":
                return Form("days_in", {"window": self.window_fact(part)}, source=ref)
            case "age":
                facts = {"at": self.point_fact(part.at), "unit": self.plain_fact(part.unit)}
                return Form("age_number", facts, source=ref)
            case "risk":
                return self._risk(part, ref)
        return self._reckoned(ref.type, [self.number(inner) for inner in part], ref)

    def _reckoned(self, kind: str, numbers: list[Form], ref: object) -> Form:
        if kind == "plus" and len(numbers) == 1:
            return numbers[0]
        order = numbers if kind == "ratio" else sorted(numbers, key=lambda form: form.identity)
        return Form(kind, roles={str(place): form for place, form in enumerate(order)}, source=ref)

    def _sum(self, asked: AmountSum, ref: object) -> Form:
        facts = {"amount": self.plain_fact(asked.amount), "unit": self.plain_fact(asked.unit or "")}
        facts |= {"per": self.number_fact(asked.per or 1), "round": self.plain_fact(asked.round or "")}
        return Form("sum", facts, {"events": any_of(map(self.events, asked.of))}, source=ref)

    def _risk(self, risk: Risk, ref: object) -> Form:
        facts = {"table": self.plain_fact(risk.table), "link": self.plain_fact(risk.link)}
        return Form("risk", facts, {name: self.criterion(of) for name, of in risk.features.items()}, source=ref)


def _gaps_in_words(gaps: object, days: object) -> str:
    if not gaps:
        return "without a gap"
    each = "" if gaps == 1 else " each"
    return f"with at most {amount(str(gaps), 'gaps') if gaps != 1 else '1 gap'} of at most {days} days{each}"


_LEAVES: Mapping[str, Callable[..., Form]] = {
    "at_least": Forms.at_least, "age": Forms.age, "exists": Forms.exists, "count": Forms.count,
    "days_covered": Forms.days_covered, "number": Forms.number_test, "enrolled": Forms.enrolled, "moment": Forms.moment,
}  # fmt: skip

__all__ = ["Forms"]
