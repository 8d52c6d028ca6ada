"""Why one population is narrower or wider than another: the criteria that differ, in words, and what each does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

from measureharmony.alignment.claims import TITLES, Claim, Effect, Reason
from measureharmony.alignment.finding import Group
from measureharmony.alignment.logic import negated
from measureharmony.alignment.versions import COUNTED
from measureharmony.evaluation.conjuncts import label, resolved
from measureharmony.evaluation.nodes import NodeId
from measureharmony.measures.criterion import Criterion, CriterionRef
from measureharmony.measures.event_set import EventSet, RowFilter
from measureharmony.measures.measure import SECTIONS, Anchor, Measure
from measureharmony.measures.number import SubjectNumber
from measureharmony.measures.plain_words import listed, plain
from measureharmony.measures.references import Part, lookup, references
from measureharmony.measures.window import Window
from measureharmony.measures.words import Wording

Join: TypeAlias = Literal["all", "any"]
_EFFECTS: dict[str, Effect] = {"narrower": "fewer", "wider": "more", "incomparable": "others"}
_TURNED: dict[Effect, Effect] = {"fewer": "more", "more": "fewer", "others": "others", "unclear": "unclear"}
#: Which populations decide who is counted, and whether more of them is more counted.
_DECIDE = {
    "denominator_counted": (
        "initial_population", "denominator", "denominator_exclusion", "denominator_exception",
    ),
    "numerator_counted": (
        "initial_population", "denominator", "denominator_exclusion", "numerator", "numerator_exclusion",
    ),
}  # fmt: skip


class Reasons:
    """Finds the reasons of claims about two versions of a group, each given by its number."""

    def __init__(self, group: Group, one: int, other: int):
        self._group, self._numbers = group, (one, other)
        self._versions = group.versions
        self._variants = (self._versions.variants[one], self._versions.variants[other])
        self._words = tuple(Wording(variant.measure) for variant in self._variants)
        self._effects: dict[tuple[NodeId, NodeId], Effect] = {}

    @property
    def _measures(self) -> tuple[Measure, Measure]:
        return self._variants[0].measure, self._variants[1].measure

    def of(self, claim: Claim, raw: Sequence[Claim] = ()) -> tuple[Reason, ...]:
        """The reasons of a claim; of one about who is counted, from the claims about each population in ``raw``."""
        if claim.relation == "equal":
            return ()
        if claim.place in COUNTED:
            return tuple(self._of_populations(claim, raw))
        found = dict.fromkeys((*self._of_criteria(claim.rate, claim.place), *self._of_surroundings(claim.place)))
        if len(found) == 1:  # what the claim says of all reasons together, it says of the only one
            found = {Reason(reason.text, _EFFECTS.get(claim.relation, reason.effect)): None for reason in found}
        return tuple(found) or (Reason("the versions differ in ways that have no words", "unclear"),)

    def _of_populations(self, claim: Claim, raw: Sequence[Claim]) -> Iterator[Reason]:
        for other in raw:
            if other.rate == claim.rate and other.place in _DECIDE[claim.place] and other.relation != "equal":
                effect = _EFFECTS.get(other.relation, "unclear")
                takes_out = other.place not in ("initial_population", "denominator", "numerator")
                yield Reason(f"its {TITLES[other.place]} is {other.relation}", _TURNED[effect] if takes_out else effect)

    def _of_surroundings(self, place: str) -> Iterator[Reason]:
        """What differs around the criteria: the period, and the sources of evidence."""
        one, other = self._variants
        if one.period != other.period:
            yield Reason(f"the period is {one.period} instead of {other.period}", "others")
        mine, theirs = one.sources.get(place), other.sources.get(place)
        if mine != theirs:
            accepted = [listed(plain(source) for source in some) if some else "any" for some in (mine, theirs)]
            yield Reason(f"events count from {accepted[0]} source instead of {accepted[1]}", "others")

    # --- criteria ----------------------------------------------------------------------------------------------------

    def _of_criteria(self, rate: str, place: str) -> Iterator[Reason]:
        refs = []
        for number, variant in zip(self._numbers, self._variants, strict=True):
            own = self._versions.rate(number, rate)
            assert own is not None
            refs.append(variant.measure.population(own, place))
        one, other = refs
        join: Join = "all" if place in ("initial_population", "denominator") else "any"
        if one is None or other is None:
            yield from self._missing(one, other, place)
            return
        yield from self._differences(place, one, other, join)

    def _missing(self, one: CriterionRef | None, other: CriterionRef | None, place: str) -> Iterator[Reason]:
        here = one is not None
        ref = one if one is not None else other
        assert ref is not None
        words = self._words[0 if here else 1].criterion(ref)
        asks = place == "denominator"
        text = f"{'only here' if here else 'only there'}: {words}"
        yield Reason(text, "fewer" if here == asks else "more")

    def _differences(self, place: str, one: CriterionRef, other: CriterionRef, join: Join) -> Iterator[Reason]:
        mine, theirs = self._node(0, place, one), self._node(1, place, other)
        if mine == theirs:
            return
        first, second = resolved(self._measures[0], one), resolved(self._measures[1], other)
        if first.not_ is not None and second.not_ is not None:
            for reason in self._differences(place, first.not_, second.not_, _other(join)):
                yield Reason(reason.text, _TURNED[reason.effect])
            return
        kind = _common_join(first, second, join)
        if kind is None:
            yield from self._leaf(place, one, other)
            return
        yield from self._parts(place, _parts(first, one, kind), _parts(second, other, kind), kind)

    def _parts(
        self, place: str, mine: Sequence[CriterionRef], theirs: Sequence[CriterionRef], join: Join
    ) -> Iterator[Reason]:
        """Parts that are the same are passed over; those of one name are compared; the others are new or gone."""
        same = {self._node(0, place, ref) for ref in mine} & {self._node(1, place, ref) for ref in theirs}
        new = [ref for ref in mine if self._node(0, place, ref) not in same]
        gone = [ref for ref in theirs if self._node(1, place, ref) not in same]
        for one in tuple(new):
            other = next((ref for ref in gone if _alike(self._measures, one, ref)), None)
            if other is not None:
                new.remove(one)
                gone.remove(other)
                yield from self._differences(place, one, other, join)
        also, without = ("also asked", "not asked") if join == "all" else ("also met by", "not met by")
        for ref in new:
            yield Reason(f"{also}: {self._words[0].criterion(ref)}", "fewer" if join == "all" else "more")
        for ref in gone:
            yield Reason(f"{without}: {self._words[1].criterion(ref)}", "more" if join == "all" else "fewer")

    def _leaf(self, place: str, one: CriterionRef, other: CriterionRef) -> Iterator[Reason]:
        first, second = (resolved(m, ref) for m, ref in zip(self._measures, (one, other), strict=True))
        mine, theirs = self._words[0].criterion(first), self._words[1].criterion(second)
        texts = list(self._of_parts(one, other))
        if mine != theirs and (first.type != second.type or not texts):
            texts = [f"{mine} instead of {theirs}"]
        if not texts and first.enrolled is not None and self._variants[0].own != self._variants[1].own:
            payers = [variant.own.payer if variant.own else "any payer" for variant in self._variants]
            texts = [f"enrolled with {payers[0]} instead of {payers[1]}"]
        for text in texts:
            yield Reason(text, self._effect(place, one, other))

    def _of_parts(self, one: CriterionRef, other: CriterionRef) -> Iterator[str]:
        """Named parts that the criteria lead to and that are not what they are in the other version."""
        there = _reached(self._measures[1], other)
        for part in _reached(self._measures[0], one):
            mine, theirs = (lookup(part, measure) for measure in self._measures)
            if part in there and mine != theirs and part[0] != "criteria":
                said = [self._said(number, content) for number, content in enumerate((mine, theirs))]
                if said[0] != said[1]:
                    yield f"{plain(part[1])} is {said[0]} instead of {said[1]}"

    def _said(self, number: int, content: object) -> str:
        words = self._words[number]
        match content:
            case EventSet():
                return words.event_set(content)
            case RowFilter():
                return words.row_filter(content)
            case Window():
                return words.window(content)
            case Anchor():
                return words.anchor(content)
            case SubjectNumber():
                return words.number_text(content)
        return str(content)

    # --- what a difference does --------------------------------------------------------------------------------------

    def _node(self, which: int, place: str, ref: CriterionRef) -> NodeId:
        return self._versions.node_of(self._numbers[which], place, ref)

    def _effect(self, place: str, one: CriterionRef, other: CriterionRef) -> Effect:
        key = self._node(0, place, one), self._node(1, place, other)
        if key not in self._effects:
            solving = self._group.apart(*self._numbers)
            mine, theirs = (solving.questions.subjects.holds(number) for number in key)
            fewer, more = solving.can_be(mine, negated(theirs)), solving.can_be(theirs, negated(mine))
            if fewer == "nobody":
                self._effects[key] = "fewer"
            elif more == "nobody":
                self._effects[key] = "more"
            else:
                self._effects[key] = "unclear" if "unknown" in (fewer, more) else "others"
        return self._effects[key]


def _other(join: Join) -> Join:
    return "any" if join == "all" else "all"


def _common_join(one: Criterion, other: Criterion, wanted: Join) -> Join | None:
    """By what two criteria can be taken apart together; what is no combination is one of a single part."""
    joins = {"all" if c.all is not None else "any" if c.any is not None else None for c in (one, other)}
    if joins == {None}:
        return None
    kinds = joins - {None}
    if len(kinds) > 1:
        return None
    found: Join = "all" if "all" in kinds else "any"
    return found


def _parts(criterion: Criterion, ref: CriterionRef, join: Join) -> tuple[CriterionRef, ...]:
    found: tuple[CriterionRef, ...] | None = criterion.all if join == "all" else criterion.any
    return (ref,) if found is None else found


def _alike(measures: tuple[Measure, Measure], one: CriterionRef, other: CriterionRef) -> bool:
    """The same name, or the same sort of criterion written out in place."""
    if isinstance(one, Criterion) and isinstance(other, Criterion):
        return one.type == other.type and (one.type not in ("exists", "count") or label(one) == label(other))
    return label(one) == label(other)


def _reached(measure: Measure, ref: object) -> list[Part]:
    """The named parts that a criterion leads to, by others, the farthest first."""
    found: dict[Part, None] = {}

    def visit(content: object) -> None:
        for reference in references(content):
            part = reference.part
            if not reference.is_built_in and part[0] in SECTIONS and part not in found:
                inner = lookup(part, measure)
                found[part] = None
                if inner is not None:
                    visit(inner)

    visit(ref)
    return list(reversed(found))


__all__ = ["Reasons"]
