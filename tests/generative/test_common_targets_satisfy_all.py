"""Whoever meets a common target meets the rate of every version that counts them, where that is said to be proved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hypothesis import assume, given, reject
from hypothesis import strategies as st

from measureharmony.common_target.goals import AskedRate
from measureharmony.common_target.targets import GoalTarget, goal_targets
from measureharmony.evaluation.population_order import counts_above, counts_below
from measureharmony.measures.measure import POPULATIONS, Measure
from measureharmony.payers.variant import CANONICAL, Variant
from measureharmony.practice import Practice
from tests.generative.budget import examples
from tests.generative.outcomes import from_engine
from tests.generative.practices import VALUE_SETS, Tables, practices, read
from tests.generative.test_alignment_is_sound import two_versions

#: Program and rate; who is counted by it, and who of them has what it wants.
Found = dict[tuple[str, str], tuple[set[str], set[str]]]


def counted(practice: Practice, versions: list[Variant]) -> Found:
    """Who counts below the line of each rate, and who is good for it, by the engine."""
    lower = {
        (version.program, rate.id): version.measure.direction_of(rate) == "lower"
        for version in versions
        for rate in version.measure.rates
    }
    found: Found = {key: (set(), set()) for key in lower}
    for row in from_engine(practice, versions).to_pylist():
        key, members = (row["program"], row["rate"]), {name: row[name] for name in POPULATIONS}
        if counts_below(members):
            found[key][0].add(row["subject_id"])
            if counts_above(members) != lower[key]:
                found[key][1].add(row["subject_id"])
    return found


def proved(goals: tuple[GoalTarget, ...]) -> Iterator[tuple[str, str, str]]:
    """Each goal with the programs and rates that are proved to be met with it."""
    for goal in goals:
        if goal.standing != "contradiction":
            for asked, within in zip(goal.goal.asked, goal.proofs.within, strict=True):
                if within:
                    yield goal.goal.id, asked.program, asked.rate.id


def contradicting(goal: GoalTarget) -> Iterator[list[AskedRate]]:
    """The rates that nobody is said to be good for at once."""
    for clash in goal.proofs.clashes:
        yield [goal.goal.asked[number] for number in clash.rates]


def as_programs(pair: list[Variant]) -> list[Variant]:
    """Two versions as those of two programs, as proportions and without what is only shown beside them."""
    return [
        replace(version, program=name, measure=_plain(version.measure))
        for version, name in zip(pair, ("one", "other"), strict=True)
    ]


def _plain(measure: Measure) -> Measure:
    shown = {"evidence": (), "values": (), "observation": None}
    rates = tuple(rate.model_copy(update=shown) for rate in measure.rates)
    return measure.model_copy(update={"scoring": "proportion", "aggregate": None, "strata": (), "rates": rates})


@examples(0.1)
@given(pair=two_versions(), tables=st.lists(practices(), min_size=1, max_size=3))
def test_whoever_meets_the_target_meets_all(pair: list[Variant], tables: list[Tables]) -> None:
    versions = as_programs(pair)
    assume(all(v.measure.population(rate, "numerator") is not None for v in versions for rate in v.measure.rates))
    canonical = replace(versions[0], program=CANONICAL, sources={}, own=None)
    try:
        goals, target = goal_targets(canonical, versions, {}, VALUE_SETS)
    except KeyError:  # what was changed refers to a part that is gone
        reject()
    for rows in tables:
        with read(rows) as practice:
            found = counted(practice, [*versions, *([target] if target else [])])
        for goal, program, rate in proved(goals):
            below, good = found[program, rate]
            assert found["common_target", goal][1] & below <= good, (goal, program, rate)
        for clash in [clash for goal in goals for clash in contradicting(goal)]:
            assert not set.intersection(*(found[asked.program, asked.rate.id][1] for asked in clash)), clash
