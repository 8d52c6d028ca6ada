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
from measureharmony.alignment.confirming import Seat, probe
from measureharmony.alignment.finding import Group, Side
from measureharmony.alignment.questions import COUNTED, Questions
from measureharmony.evaluation.population_order import counts_above, counts_below
from measureharmony.measures.measure import POPULATIONS, Measure
from measureharmony.payers.variant import Variant
from measureharmony.practice import Practice
from tests.generative.budget import examples
from tests.generative.outcomes import from_engine
from tests.generative.practices import VALUE_SETS, Tables, practices, read
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


def proofs(variants: list[Variant]) -> list[Side]:
    """What the solver proves of two versions, either way."""
    group = Group(Questions(variants, CodeFacts(VALUE_SETS)))
    group.prepare([(0, 1)])
    return [side for side in group.sides(0, 1) if side.proved]


def inside(practice: Practice, variants: list[Variant], seats: list[Seat]) -> dict[Seat, set[str]]:
    """Who is in each seat, by the engine."""
    probes = [
        replace(probe(variants[seat.variant], seat.rate, seat.place), program=str(number))
        for number, seat in enumerate(seats)
    ]
    found: dict[Seat, set[str]] = {seat: set() for seat in seats}
    for row in from_engine(practice, probes).to_pylist():
        seat = seats[int(row["program"])]
        members = {name: row[name] for name in POPULATIONS}
        counted = {"denominator_counted": counts_below(members), "numerator_counted": counts_above(members)}
        if counted[seat.place] if seat.place in COUNTED else row["initial_population"]:
            found[seat].add(row["subject_id"])
    return found


@examples(0.25)
@given(variants=two_versions(), tables=st.lists(practices(), min_size=1, max_size=3))
def test_no_practice_contradicts_a_proof(variants: list[Variant], tables: list[Tables]) -> None:
    try:
        proved = proofs(variants)
    except KeyError:  # what was changed refers to a part that is gone
        reject()
    seats = list(dict.fromkeys(seat for side in proved for seat in (side.inside, side.outside)))
    assume(seats)
    for rows in tables:
        with read(rows) as practice:
            seated = inside(practice, variants, seats)
        for side in proved:
            assert seated[side.inside] <= seated[side.outside], (side.inside, side.outside)
