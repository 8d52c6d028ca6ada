"""What is compiled once for all versions in which it means the same is what compiling it each time gives."""

from __future__ import annotations

import datetime as dt
from unittest import mock

from hypothesis import given
from hypothesis import strategies as st

from measureharmony.evaluation.compile import compile_plan
from measureharmony.evaluation.compiled_parts import CompiledParts
from measureharmony.measures.bind import bound_with
from measureharmony.measures.measure import POPULATIONS, Measure
from measureharmony.payers.resolve import changed_measure
from measureharmony.payers.variant import ELSEWHERE, Arrival, Variant
from tests.generative.budget import examples
from tests.generative.changes import lively_measures, overlay_changes
from tests.generative.measures import unbound_measures
from tests.generative.numbers import RISK_TABLES
from tests.generative.practices import AS_OF
from tests.generative.variants import OWN, PERIODS, SOURCES

SEEN = st.dictionaries(
    st.sampled_from((*POPULATIONS, ELSEWHERE)),
    st.sampled_from(((Arrival("claim", None),), (Arrival("claim", 20_000, 30), Arrival("ehr", None)))),
    max_size=2,
)


@st.composite
def versions(draw: st.DrawFn) -> list[Variant]:
    """Versions of one measure, which differ by changes and by all that stands beside a measure."""
    measure = draw(lively_measures() | unbound_measures())
    changed = [changed_measure(measure, {}, draw(overlay_changes(measure, 2))) for _ in range(draw(st.integers(1, 3)))]
    return [draw(_versions_of(f"program{number}", one)) for number, one in enumerate([measure, measure, *changed])]


def _versions_of(program: str, measure: Measure) -> st.SearchStrategy[Variant]:
    bound = bound_with(measure, measure.parameters)
    return st.builds(
        Variant, st.just(program), st.just(bound), PERIODS, own=st.none() | OWN, sources=SOURCES,
        risk_tables=RISK_TABLES, seen=SEEN,
    )  # fmt: skip


@examples(0.5)
@given(variants=versions(), as_of=AS_OF)
def test_the_plan_is_the_same_node_for_node(variants: list[Variant], as_of: dt.date | None) -> None:
    with mock.patch.object(CompiledParts, "of", lambda parts, question, compiled: compiled()):
        each_time = compile_plan(variants, as_of)
    assert compile_plan(variants, as_of) == each_time
