"""What is different between two versions of a measure, found by comparing them, not by asking for the changes.

This is the structural comparison: it names the places at which two specs differ. Which way they differ (narrower,
wider) and whom that moves is asked elsewhere. For a measure and what one overlay (or one edition) makes of it, the
places are those that its changes touch: no more, no less.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from measureharmony.measures.criterion import Criterion, CriterionRef
from measureharmony.measures.measure import POPULATIONS, Measure, Rate
from measureharmony.measures.names import CodeRef, rewrite, walk
from measureharmony.measures.references import definitions, lookup
from measureharmony.measures.words import Wording
from measureharmony.payers.apply import JOINS, members, with_other_codes
from measureharmony.payers.changes_of_measure import EVERY_RATE, Path
from measureharmony.payers.words import SECTION_WORDS, title, written


@dataclass(frozen=True, order=True)
class Difference:
    """One place at which two versions differ; ``before`` and ``after`` say how, empty where there is nothing."""

    path: Path
    before: str
    after: str

    @property
    def sentence(self) -> str:
        """Such as: "Parameter age_from: 52 years instead of 42 years", "Stratum age_42_51: no longer there"."""
        place = _place_in_words(self.path)
        if not self.after:
            return f"{place}: no longer {self.before}"
        return f"{place}: {self.after}" + (f" instead of {self.before}" if self.before else ", which is new")


def _place_in_words(path: Path) -> str:
    """The places of :data:`Difference.path` as people say them."""
    section, *inside = path
    word = SECTION_WORDS.get(section, _PLACES.get(section, section)).capitalize()
    if section == "populations":
        rate = "" if inside[1] == EVERY_RATE else f" (rate {inside[1]} only)"
        return title(inside[0]) + rate
    return " ".join([word, *(step for step in inside if step != EVERY_RATE)])


_PLACES = {
    "parameters": "parameter", "value_sets": "value set", "strata": "stratum",
    "evidence": "evidence of",
}  # fmt: skip


def divergence(before: Measure, after: Measure) -> tuple[Difference, ...]:
    """The differences between two versions of one measure, both linked and not bound.

    To see changes of shared parts that ``before`` does not use, give it together with all of them
    (:func:`~measureharmony.payers.parts.with_shared_parts`); parts of ``before`` that ``after`` lacks are not
    differences by themselves, because nothing in ``after`` asks for them.
    """
    instead = _codes_instead(before, after)
    found = [Difference(("value_sets", code), code, ", ".join(others)) for code, others in instead.items()]
    recoded = with_other_codes(before, instead)
    found += [*_parameters(before, after), *_parts(recoded, after), *_rates(before, after)]
    found += [*_directions(before, after), *_evidence(before, after), *_strata(recoded, after)]
    for name in POPULATIONS:
        found += _population(recoded, after, name)
    return tuple(sorted(set(found)))


# --- value sets -----------------------------------------------------------------------------------------------------


def _codes_instead(before: Measure, after: Measure) -> dict[CodeRef, tuple[CodeRef, ...]]:
    """Which codes stand for which others, in parts that are otherwise the same."""
    instead: dict[CodeRef, tuple[CodeRef, ...]] = {}
    for part, content in definitions(before):
        other = lookup(part, after)
        if other is not None and other != content and _without_codes(content) == _without_codes(other):
            for old, new in zip(_code_lists(content), _code_lists(other), strict=True):
                instead |= _aligned(old, new)
    return instead


def _code_lists(content: object) -> list[tuple[CodeRef, ...]]:
    return [part for _, part in walk(content) if _is_codes(part)]  # type: ignore[misc]


def _is_codes(part: object) -> bool:
    return isinstance(part, tuple) and bool(part) and isinstance(part[0], CodeRef)


def _without_codes(content: object) -> object:
    return rewrite(content, lambda part: (CodeRef("any"),) if _is_codes(part) else part)


def _aligned(old: tuple[CodeRef, ...], new: tuple[CodeRef, ...]) -> dict[CodeRef, tuple[CodeRef, ...]]:
    """What became of each code of ``old`` in ``new``: additions stand behind the code that they extend."""
    instead: dict[CodeRef, tuple[CodeRef, ...]] = {}
    waiting = list(new)
    for index, code in enumerate(old):
        becomes: list[CodeRef] = []
        if code in waiting:
            becomes.append(waiting.pop(waiting.index(code)))
        next_stays = index + 1 == len(old) or old[index + 1] in new
        while waiting and waiting[0] not in old and (not becomes or (becomes[0] == code and next_stays)):
            becomes.append(waiting.pop(0))
        if becomes != [code]:
            instead[code] = tuple(becomes)
    return instead


# --- parameters, parts, rates -----------------------------------------------------------------------------------------


def _parameters(before: Measure, after: Measure) -> Iterator[Difference]:
    for name, parameter in after.parameters.items():
        old = before.parameters.get(name)
        if old is not None and old.value != parameter.value:
            yield Difference(("parameters", name), f"{old.value} {old.unit}", f"{parameter.value} {parameter.unit}")


def _parts(before: Measure, after: Measure) -> Iterator[Difference]:
    was, is_ = Wording(before), Wording(after)
    for part, content in definitions(after):
        old = lookup(part, before)
        if part[0] != "parameters" and old != content:
            yield Difference(part, "" if old is None else was.part(old), is_.part(content))


def _rates(before: Measure, after: Measure) -> Iterator[Difference]:
    old, new = [rate.id for rate in before.rates], [rate.id for rate in after.rates]
    if old != new:
        yield Difference(("rates",), ", ".join(old), ", ".join(new))


def _directions(before: Measure, after: Measure) -> Iterator[Difference]:
    """Which way is better: once where that is so for every rate, else rate by rate."""
    old = {rate.id: before.direction_of(rate) for rate in before.rates}
    new = {rate.id: after.direction_of(rate) for rate in after.rates if rate.id in old}
    turned = [rate for rate in new if new[rate] != old[rate]]
    for rate in turned if turned != list(new) else [EVERY_RATE] if turned else []:
        some = turned[0] if rate == EVERY_RATE else rate
        yield Difference(("direction", rate), f"{old[some]} is better", f"{new[some]} is better")


def _evidence(before: Measure, after: Measure) -> Iterator[Difference]:
    old = {rate.id: (rate.evidence, rate.values) for rate in before.rates}
    for rate in after.rates:
        if rate.id in old and old[rate.id] != (rate.evidence, rate.values):
            yield Difference(("evidence", rate.id), ", ".join(old[rate.id][0]), ", ".join(rate.evidence))


def _strata(before: Measure, after: Measure) -> Iterator[Difference]:
    old, new = ({stratum.id: stratum for stratum in measure.strata} for measure in (before, after))
    for key in dict.fromkeys((*old, *new)):
        if old.get(key) != new.get(key):
            titles = [strata[key].title if key in strata else "" for strata in (old, new)]
            yield Difference(("strata", key), *titles)


# --- populations ----------------------------------------------------------------------------------------------------


def _population(before: Measure, after: Measure, name: str) -> Iterator[Difference]:
    """Members added and dropped: once where that is so for every rate, else rate by rate."""
    old_rates = {rate.id: rate for rate in before.rates}
    common = [rate for rate in after.rates if rate.id in old_rates]
    was, is_ = _Side(before, Wording(before)), _Side(after, Wording(after))
    by_rate = {rate.id: set(_members(was, is_, old_rates[rate.id], rate, name)) for rate in common}
    everywhere = set.intersection(*by_rate.values()) if by_rate else set()
    for difference in everywhere:
        yield _placed(difference, name, EVERY_RATE)
    for rate_id, differences in by_rate.items():
        for difference in differences - everywhere:
            yield _placed(difference, name, rate_id)


@dataclass(frozen=True)
class _Side:
    measure: Measure
    says: Wording

    def members(self, rate: Rate, name: str) -> tuple[CriterionRef, ...]:
        return members(self.measure.population(rate, name), JOINS[name])


def _members(was: _Side, is_: _Side, old: Rate, new: Rate, name: str) -> Iterator[Difference]:
    """Differences whose paths are only the last step of the whole one, or empty for the population as such."""
    before, after = was.members(old, name), is_.members(new, name)
    if before and after and not set(map(written, before)) & set(map(written, after)):
        yield Difference((), "; ".join(map(was.says.criterion, before)), "; ".join(map(is_.says.criterion, after)))
        return
    for criterion in before:
        if criterion not in after:
            yield Difference((written(criterion),), was.says.criterion(criterion), "")
    for criterion in after:
        if criterion not in before:
            step = "enrolment" if name == "initial_population" and _is_own_enrolment(criterion) else written(criterion)
            yield Difference((step,), "", is_.says.criterion(criterion))


def _is_own_enrolment(criterion: CriterionRef) -> bool:
    """Whether the criterion is what ``require_enrolment`` joins."""
    return isinstance(criterion, Criterion) and criterion.enrolled is not None and criterion.enrolled.payer == "own"


def _placed(difference: Difference, population: str, rate: str) -> Difference:
    if difference.path == ("enrolment",):
        return difference
    return Difference(("populations", population, rate, *difference.path), difference.before, difference.after)


__all__ = ["Difference", "divergence"]
