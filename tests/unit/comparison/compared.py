"""What the tests of this folder share: a canonical measure compared with what some changes make of it."""

from __future__ import annotations

from measureharmony.comparison import AxisDifference, compare
from measureharmony.comparison.contracts import Sides
from measureharmony.comparison.forms import Forms
from measureharmony.comparison.measures import measure_differences
from measureharmony.comparison.version import MeasureVersion, Version
from measureharmony.measures.measure import Measure
from measureharmony.payers import Editions, Programs
from measureharmony.payers.change import Change
from measureharmony.periods import Period
from measureharmony.specs import Specs
from measureharmony.value_sets import ValueSets
from tests.unit.payers.canonical import canonical, overlay, program


def specs_with(measure: str, *changes: str | Change, **of_program: object) -> Specs:
    """The canonical measures, and a program ``contract`` with one overlay."""
    contract = program(measures=[{"measure": measure, "overlay": True}], **of_program)
    programs = Programs({"contract": contract}, {("contract", measure): overlay(measure, *changes)})
    return Specs(canonical(), programs, ValueSets(()), editions=Editions({2026: canonical()}))


def differences(measure: str, *changes: str | Change) -> tuple[AxisDifference, ...]:
    """What changes of a measure make different, the contract's own differences left out."""
    return compare(specs_with(measure, *changes), "canonical", "contract").of(measure)


def between(before: Measure, after: Measure) -> list[AxisDifference]:
    """What two linked measures differ by in meaning."""
    whole = Version("canonical", specs_with("bcs"), canonical(), 2026)
    old, new = (MeasureVersion(one, Forms(one), Period.calendar_year(2026), 2026) for one in (before, after))
    return list(measure_differences(Sides(whole, whole, old, new, before.measure)))
