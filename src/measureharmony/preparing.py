"""What a run needs that no practice changes: made once, and kept for the runs that ask for the same again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypedDict

from measureharmony.attribution import Asked, questions
from measureharmony.choosing import choose, left_out, measurement_year
from measureharmony.evaluation.compile import compile_plan
from measureharmony.evaluation.plan import EvaluationPlan
from measureharmony.evaluation.terminology import Terminology
from measureharmony.payers import CANONICAL, Variant
from measureharmony.payers.contract import Contract, contracts
from measureharmony.payers.unsettled import unsettled
from measureharmony.reports.finality import Finality
from measureharmony.specs import Specs


class Scope(TypedDict, total=False):
    """What a run is about, as keywords; what each of them means :func:`measureharmony.harmonize.evaluate` says."""

    year: int | None
    edition: int | None
    as_of: dt.date | None
    programs: Iterable[str] | None
    measures: Iterable[str] | None


@dataclass(frozen=True)
class Prepared:
    """The variants that were asked for, and what follows from them and the specs alone; each part when it is needed."""

    specs: Specs
    variants: tuple[Variant, ...]
    year: int
    edition: int | None
    as_of: dt.date | None
    programs: frozenset[str]
    measures: frozenset[str]

    @cached_property
    def plan(self) -> EvaluationPlan:
        """The graph of all variants; it is shared, so nothing may be added to it."""
        return compile_plan(self.variants, self.as_of)

    @cached_property
    def terminology(self) -> Terminology:
        """Where the codes of the plan are looked up."""
        return Terminology.of(self.specs.value_sets)

    @cached_property
    def finality(self) -> Finality:
        """Which rates may be called final."""
        return Finality(self.variants, self.specs.value_sets, self.as_of)

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What is left out or not settled, in sentences."""
        lacking = left_out(self.specs, self.edition, self.programs, self.measures)
        return (*lacking, *unsettled(self.specs.programs.overlays, self.variants, self.as_of))

    @cached_property
    def contracts(self) -> Mapping[str, Contract]:
        """Targets and payments by program."""
        return contracts(self.specs.programs, self.variants, self.year, self.as_of)

    @property
    def attribution(self) -> tuple[Asked, ...]:
        """How each program says whose patient somebody is; asked each time, since rules can be registered."""
        named = dict.fromkeys(v.program for v in self.variants if v.program != CANONICAL)
        listed = [self.specs.programs.programs[key] for key in named]
        return tuple(questions(listed, self.specs.attribution_rules, self.year, self.as_of))


def prepare(
    specs: Specs,
    year: int | None = None,
    as_of: dt.date | None = None,
    programs: Iterable[str] | None = None,
    measures: Iterable[str] | None = None,
    edition: int | None = None,
) -> Prepared:
    """Everything for a run over the variants of :func:`measureharmony.choosing.choose`, which says the arguments."""
    named, wanted = frozenset(programs or ()), frozenset(measures or ())
    variants = choose(specs, year, as_of, named, wanted, edition)
    question = measurement_year(year, edition), edition, as_of, named, wanted
    return specs.kept.of(Prepared, question, specs, variants, *question)


__all__ = ["Prepared", "Scope", "prepare"]
