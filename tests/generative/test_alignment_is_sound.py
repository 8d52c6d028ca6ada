"""No practice contradicts a proof: nobody is in a version's place who should not be, whatever the spec and the data."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import assume, given, reject
from hypothesis import strategies as st
from pydantic import ValidationError

from measureharmony.alignment.codes import CodeFacts
from measureharmony.alignment.confirming import Seat
from measureharmony.alignment.finding import Group
from measureharmony.alignment.logic import negated
from measureharmony.alignment.versions import PLACES, Versions
from measureharmony.measures.measure import POPULATIONS, Measure
from measureharmony.payers.variant import Variant
from tests.generative.budget import examples
from tests.generative.outcomes import from_engine
from tests.generative.practices import VALUE_SETS, Tables, practices, read
from tests.generative.seats import members, probes
from tests.generative.variants import variants as one_variant

Place = tuple[Any, ...]


def places(part: Any, path: Place = ()) -> Iterator[Place]:
    """Every place in a spec as plain data."""
    yield path
    if isinstance(part, dict):
        for key, inner in part.items():
            yield from places(inner, (*path, key))
    elif isinstance(part, list):
        for number, inner in enumerate(part):
            yield from places(inner, (*path, number))


def altered(spec: dict[str, Any], chance: Random) -> dict[str, Any]:
    """The spec with one thing in it changed a little, or gone."""
    spec = copy.deepcopy(spec)
    inside = [path for path in places(spec) if len(path) >= 2 and path[0] not in ("rates", "parameters", "strata")]
    path = chance.choice(inside)
    holder: Any = spec
    for step in path[:-1]:
        holder = holder[step]
    old = holder[path[-1]]
    if isinstance(old, bool):
        holder[path[-1]] = not old
    elif isinstance(old, (int, float)):
        holder[path[-1]] = old + chance.choice((-1, 1, 30, -30))
    elif isinstance(old, str) and " - 1 day" in old:
        holder[path[-1]] = old.replace(" - 1 day", " - 1 year")
    elif isinstance(old, str) and old.startswith("period.") and chance.random() < 0.7:
        holder[path[-1]] = chance.choice((f"{old} - 1 day", f"{old} + 1 month", old.replace("end", "start")))
    else:
        del holder[path[-1]]
    return spec


@st.composite
def two_versions(draw: st.DrawFn) -> list[Variant]:
    """A variant, and the same with a few things changed: in its spec, its period or its sources."""
    first = draw(one_variant())
    chance = draw(st.randoms(use_true_random=False))
    spec = first.measure.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    for _ in range(draw(st.integers(0, 3))):
        try:
            changed = altered(spec, chance)
            Measure.model_validate(changed)
        except (ValidationError, IndexError):
            continue
        spec = changed
    other = replace(first, measure=Measure.model_validate(spec))
    kind = draw(st.integers(0, 5))
    if kind == 0:
        other = replace(other, sources=dict.fromkeys(draw(st.sets(st.sampled_from(POPULATIONS))), ("claim",)))
    if kind == 1 and first.own is not None:
        other = replace(other, own=replace(first.own, product_lines=("medicaid",)))
    return [first, other]


def proofs(variants: list[Variant]) -> list[tuple[Seat, Seat]]:
    """Which place of a version is proved to lie within which of the other's; what is written alike is no question.

    The solver is told everything, or only by what the versions differ: both are proofs.
    """
    group = Group(Versions(variants), CodeFacts(VALUE_SETS))
    found = []
    for solving in (group.solving, group.apart(0, 1)):
        for one, other in ((0, 1), (1, 0)):
            for rate in group.versions.rates(0, 1):
                mine, theirs = (solving.questions.places(version, rate) for version in (one, other))
                for place in PLACES:
                    asked = mine[place], negated(theirs[place])
                    alike = not any(isinstance(part, bool) for part in asked) and mine[place].eq(theirs[place])
                    if not alike and solving.can_be(*asked) == "nobody":
                        found.append((Seat(0, one, rate, place), Seat(0, other, rate, place)))
    return list(dict.fromkeys(found))


@examples(0.15)
@given(variants=two_versions(), tables=practices())
def test_no_practice_contradicts_a_proof(variants: list[Variant], tables: Tables) -> None:
    try:
        proved = proofs(variants)
    except KeyError:  # what was changed refers to a part that is gone
        reject()
    assume(proved)
    with read(tables) as practice:
        asked = probes(variants, [seat for pair in proved for seat in pair])
        seated = members(from_engine(practice, [one.variant for one in asked]), asked)
    for one, other in proved:
        assert seated[one] <= seated[other], (one, other)
