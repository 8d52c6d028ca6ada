"""What is possible for versions by themselves: seen of worked people by the engine, else asked of the solver."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np

from measureharmony.alignment.codes import CodeFacts
from measureharmony.alignment.confirming import Engine, Seat
from measureharmony.alignment.finding import Group
from measureharmony.alignment.somebody import Somebody
from measureharmony.alignment.versions import PLACES, Place, Versions
from measureharmony.alignment.worked import worked_people
from measureharmony.evaluation.columns import Bools
from measureharmony.payers.variant import Variant
from measureharmony.specs import Specs


class Seen:
    """Several variants, each by itself, with the worked people of their measures evaluated all at once."""

    def __init__(self, specs: Specs, variants: Sequence[Variant]):
        self._specs, self._variants = specs, tuple(variants)
        facts = CodeFacts(specs.value_sets)
        self._groups = {id(one): Group(Versions([one]), facts, number) for number, one in enumerate(self._variants)}

    def group(self, variant: Variant) -> Group:
        """The variant before the solver."""
        return self._groups[id(variant)]

    def people(self, variant: Variant, rate: str, inside: Place, outside: Place | None = None) -> Iterator[Somebody]:
        """Worked people in one place of a rate, in the order of populations, and not in another one."""
        here = self._seated[self._seat(variant, rate, inside)]
        if outside is not None:
            here = here & ~self._seated[self._seat(variant, rate, outside)]
        worked = self._worked[self.group(variant).number]
        yield from (worked[number] for number in np.flatnonzero(here).tolist())

    def _seat(self, variant: Variant, rate: str, place: Place) -> Seat:
        return Seat(self.group(variant).number, 0, rate, place, in_order=True)

    @cached_property
    def _worked(self) -> dict[int, list[Somebody]]:
        return {group.number: worked_people(self._specs, group.versions) for group in self._groups.values()}

    @cached_property
    def _seated(self) -> dict[Seat, Bools]:
        engine = Engine(self._specs, [group.versions for group in self._groups.values()])
        rates = [(variant, rate.id) for variant in self._variants for rate in variant.measure.rates]
        return engine.seated(self._worked, [self._seat(*rate, place) for rate in rates for place in PLACES])


__all__ = ["Seen"]
