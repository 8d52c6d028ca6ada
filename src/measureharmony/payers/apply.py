"""Carrying changes out: a pure function from a linked measure and a set of changes to another measure.

The order in which changes are written means nothing. They are carried out kind by kind, from the inside out: value
sets, parameters and parts first, then populations, then rates and strata. What the changes themselves write is taken as
written: swapping a value set does not reach into the parts that the same overlay defines.

Nothing is checked here (``payers.check`` does); on changes that fit, nothing is raised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from measureharmony.measures.criterion import Criterion, CriterionRef
from measureharmony.measures.measure import Measure, Rate, Stratum
from measureharmony.measures.names import CodeRef, rewrite
from measureharmony.payers.change import PartChange
from measureharmony.payers.changes_of_contract import RequireEnrolment
from measureharmony.payers.changes_of_measure import (
    AddStratum,
    AddTo,
    AnyPart,
    ChooseRates,
    DropFrom,
    DropStratum,
    ExtendValueSet,
    ReplacePopulation,
    SetDirection,
    SetEvidence,
    SetParameter,
    SwapValueSet,
)

#: How the criteria of a population are joined: everyone must meet all of them, or any one is enough.
JOINS: Mapping[str, str] = {
    "initial_population": "all",
    "denominator": "all",
    "denominator_exclusion": "any",
    "numerator": "any",
    "numerator_exclusion": "any",
    "denominator_exception": "any",
}


def applied(measure: Measure, changes: Iterable[PartChange]) -> Measure:
    """``measure`` after ``changes``; the same object when there are none.

    Changes of the period, of evidence sources, targets and payment do not touch the measure and are passed over.
    """
    ordered = sorted(changes, key=lambda change: change.path)
    measure = with_other_codes(measure, _codes_instead(ordered))
    kinds = [change.kind for change in ordered]
    for kind, carry_out in _STEPS:
        for own, change in zip(kinds, ordered, strict=True):
            if own == kind:
                measure = carry_out(measure, change.what)
    return measure


# --- value sets -----------------------------------------------------------------------------------------------------


def _codes_instead(changes: Iterable[PartChange]) -> dict[CodeRef, tuple[CodeRef, ...]]:
    instead: dict[CodeRef, tuple[CodeRef, ...]] = {}
    for change in changes:
        if isinstance(change.what, SwapValueSet):
            instead[change.what.value_set] = (change.what.with_,)
        elif isinstance(change.what, ExtendValueSet):
            instead[change.what.value_set] = (change.what.value_set, *change.what.with_)
    return instead


def with_other_codes(measure: Measure, instead: Mapping[CodeRef, tuple[CodeRef, ...]]) -> Measure:
    """``measure`` with other value sets or codes; all at once, so that a for b and b for c do not chain."""
    if not instead:
        return measure

    def other_codes(part: object) -> object:
        if not (isinstance(part, tuple) and any(isinstance(code, CodeRef) and code in instead for code in part)):
            return part
        return tuple(dict.fromkeys(other for code in part for other in instead.get(code, (code,))))

    return rewrite(measure, other_codes)


# --- parameters and parts -------------------------------------------------------------------------------------------


def _set_parameter(measure: Measure, change: SetParameter) -> Measure:
    parameter = measure.parameters[change.name].model_copy(update={"value": change.to})
    return measure.model_copy(update={"parameters": {**measure.parameters, change.name: parameter}})


def _put_part(measure: Measure, change: AnyPart) -> Measure:
    section: Mapping[str, object] = getattr(measure, change.section)
    return measure.model_copy(update={change.section: {**section, change.name: change.with_}})


# --- populations ----------------------------------------------------------------------------------------------------


def members(population: CriterionRef | None, join: str) -> tuple[CriterionRef, ...]:
    """The criteria of a population that are joined by ``join`` (``all`` or ``any``)."""
    if population is None:
        return ()
    inside: tuple[CriterionRef, ...] | None = None if isinstance(population, str) else getattr(population, join)
    return (population,) if inside is None else inside


def joined(criteria: tuple[CriterionRef, ...], join: str) -> CriterionRef | None:
    """The inverse of :func:`members`."""
    if not criteria:
        return None
    if len(criteria) == 1:
        return criteria[0]
    return Criterion(all=criteria) if join == "all" else Criterion(any=criteria)


def _add_to(measure: Measure, change: AddTo) -> Measure:
    join = JOINS[change.population]
    return _in_population(
        measure, change.population, change.rate, lambda old: joined((*members(old, join), change.criterion), join)
    )


def _drop_from(measure: Measure, change: DropFrom) -> Measure:
    join = JOINS[change.population]

    def without(old: CriterionRef | None) -> CriterionRef | None:
        kept = tuple(criterion for criterion in members(old, join) if criterion != change.criterion)
        return old if len(kept) == len(members(old, join)) else joined(kept, join)

    return _in_population(measure, change.population, change.rate, without)


def _replace_population(measure: Measure, change: ReplacePopulation) -> Measure:
    return _in_population(measure, change.population, change.rate, lambda old: change.with_)


def _require_enrolment(measure: Measure, change: RequireEnrolment) -> Measure:
    criterion = Criterion(enrolled=change.enrolled)
    return _add_to(measure, AddTo(population="initial_population", criterion=criterion))


def _in_population(
    measure: Measure, name: str, rate_id: str | None, change: Callable[[CriterionRef | None], CriterionRef | None]
) -> Measure:
    """``change`` what ``name`` means for one rate, or for every rate: the common criterion and the rates' own."""
    if rate_id is not None:
        rates = tuple(
            _rate_with(rate, name, change(measure.population(rate, name))) if rate.id == rate_id else rate
            for rate in measure.rates
        )
        return measure.model_copy(update={"rates": rates})
    own = [getattr(rate.populations, name) for rate in measure.rates]
    rates = tuple(
        rate if criterion is None else _rate_with(rate, name, change(criterion))
        for rate, criterion in zip(measure.rates, own, strict=True)
    )
    common = getattr(measure.populations, name)
    if common is not None or None in own:
        common = change(common)
    populations = measure.populations.model_copy(update={name: common})
    return measure.model_copy(update={"populations": populations, "rates": rates})


def _rate_with(rate: Rate, name: str, criterion: CriterionRef | None) -> Rate:
    """``rate`` with its own ``name``; nothing left means "nobody" or "everybody", not "as the measure has it"."""
    if criterion is None:
        criterion = Criterion(always=JOINS[name] == "all")
    return rate.model_copy(update={"populations": rate.populations.model_copy(update={name: criterion})})


# --- rates and strata -----------------------------------------------------------------------------------------------


def _choose_rates(measure: Measure, change: ChooseRates) -> Measure:
    return measure.model_copy(update={"rates": tuple(rate for rate in measure.rates if rate.id in change.rates)})


def _set_direction(measure: Measure, change: SetDirection) -> Measure:
    if change.rate is not None:
        return _with_rate(measure, change.rate, {"direction": change.to})
    rates = tuple(rate.model_copy(update={"direction": None}) for rate in measure.rates)
    return measure.model_copy(update={"direction": change.to, "rates": rates})


def _set_evidence(measure: Measure, change: SetEvidence) -> Measure:
    return _with_rate(measure, change.rate, {"evidence": change.evidence, "values": change.values})


def _with_rate(measure: Measure, rate_id: str, update: Mapping[str, object]) -> Measure:
    rates = tuple(rate.model_copy(update=update) if rate.id == rate_id else rate for rate in measure.rates)
    return measure.model_copy(update={"rates": rates})


def _add_stratum(measure: Measure, change: AddStratum) -> Measure:
    stratum = Stratum(id=change.id, title=change.title, criterion=change.criterion)
    return measure.model_copy(update={"strata": (*measure.strata, stratum)})


def _drop_stratum(measure: Measure, change: DropStratum) -> Measure:
    kept = tuple(stratum for stratum in measure.strata if stratum.id != change.stratum)
    return measure.model_copy(update={"strata": kept})


_STEPS: tuple[tuple[str, Callable[..., Measure]], ...] = (
    ("set_parameter", _set_parameter),
    ("replace", _put_part),
    ("define", _put_part),
    ("replace_population", _replace_population),
    ("drop_from", _drop_from),
    ("add_to", _add_to),
    ("require_enrolment", _require_enrolment),
    ("choose_rates", _choose_rates),
    ("set_direction", _set_direction),
    ("set_evidence", _set_evidence),
    ("drop_stratum", _drop_stratum),
    ("add_stratum", _add_stratum),
)

__all__ = ["JOINS", "applied", "joined", "members", "with_other_codes"]
