"""What the tests of this folder share: programs with made-up contracts about one measure."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from measureharmony.payers import Programs
from measureharmony.payers.change import Change
from measureharmony.specs import Specs, load_specs
from tests.unit.payers.canonical import overlay, program


@cache
def shipped() -> Specs:
    return load_specs()


def contracts(measure: str, **changes: tuple[str | Change, ...]) -> Specs:
    """The shipped measures, and programs of these names, each with its changes of ``measure``."""
    of_measure = [{"measure": measure, "overlay": True}]
    programs = {name: program(program=name, payer=f"pays_{name}", measures=of_measure) for name in changes}
    overlays = {(name, measure): overlay(measure, *own) for name, own in changes.items()}
    return replace(shipped(), programs=Programs(programs, overlays))


def last_test(bound: str) -> tuple[str, ...]:
    """Only the rate of good control of ``gsd``, met by a last result like this."""
    test = f"{{exists: {{from: latest_assessment, where: {{value: {{{bound}, unit: '%'}}}}}}}}"
    return (
        "choose_rates: {rates: [good_control]}",
        f"replace: {{section: criteria, name: latest_below, with: {test}}}",
    )
