"""Whoever adds a key, a kind of criterion or a choice to the spec language must also teach it to the generators."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import get_args

import pytest
from hypothesis import find, settings
from pydantic import BaseModel

from measureharmony.measures.criterion import CRITERION_TYPES
from measureharmony.measures.event_set import CHOICES, Kind
from measureharmony.measures.measure import POPULATIONS, SECTIONS, Identifier, Measure
from measureharmony.measures.names import walk
from measureharmony.measures.number import NUMBER_TYPES
from measureharmony.measures.window import RELATIONS
from measureharmony.payers.variant import Membership, OwnCoverage, Variant
from tests.generative.measures import KEYS, measures
from tests.generative.practices import KINDS, RARE_KINDS

#: What a measure says that no outcome depends on.
WORDS_ONLY = {"measure", "title", "edition", "description", "identifiers", "steward", "domain", "scoring", "subject",
              "aliases", "action", "aggregation", "methods", "sources", "updated"}  # fmt: skip
#: What ``tests.generative.measures`` puts together by itself.
ASSEMBLED = {
    Measure: {*WORDS_ONLY, *SECTIONS, "direction", "populations", "rates", "strata", "aggregate"},
    # What payers see is generated where its laws are; how much is disputed is words only; on the last day on which care
    # counts no outcome depends, only what can still be done about a gap.
    Variant: {
        "program",
        "measure",
        "period",
        "own",
        "sources",
        "membership",
        "risk_tables",
        "seen",
        "disputed",
        "cut_off",
    },
    OwnCoverage: {"payer", "product_lines"},
    Membership: {"program", "by_roster", "coverage", "any_day"},
}


def models(part: object, seen: set[type[BaseModel]]) -> Iterator[type[BaseModel]]:
    """Every model that a type mentions, itself and within."""
    if isinstance(part, type) and issubclass(part, BaseModel) and part not in seen:
        seen.add(part)
        yield part
        for field in part.model_fields.values():
            yield from models(field.annotation, seen)
    for argument in get_args(part):
        yield from models(argument, seen)


MODELS = sorted(set(models(Measure, set())) - {Measure, Identifier}, key=lambda model: model.__name__)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_key_of_every_model_has_a_generator(model: type[BaseModel]) -> None:
    assert set(KEYS[model]) == {field.alias or name for name, field in model.model_fields.items()}  # type: ignore[index]


def test_every_part_of_a_variant_has_a_generator() -> None:
    assert ASSEMBLED[Measure] == set(Measure.model_fields)
    for type_ in (Variant, OwnCoverage, Membership):
        assert ASSEMBLED[type_] == {field.name for field in dataclasses.fields(type_)}
    assert set(KINDS) | set(RARE_KINDS) == set(get_args(Kind))


def test_measures_are_found_that_use_every_model_relation_choice_and_criterion() -> None:
    wanted = {model.__name__ for model in MODELS} - {"Parameter"}  # replaced by its value when a measure is bound
    wanted |= {*RELATIONS, *CHOICES, *CRITERION_TYPES, *NUMBER_TYPES, *POPULATIONS}
    seen: set[str] = set()

    def shows_all(measure: Measure) -> bool:
        for _, part in walk(measure):
            if isinstance(part, BaseModel):
                given = {name for name in type(part).model_fields if getattr(part, name) is not None}
                seen.update({type(part).__name__, *given})
        return wanted <= seen

    find(measures(), shows_all, settings=settings(max_examples=500, database=None, phases=["generate"]))
