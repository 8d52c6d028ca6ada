"""Where two versions of a measure are said not to differ, nobody moves; and rephrasing is no difference."""

from __future__ import annotations

from random import Random

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from measureharmony.measures.measure import POPULATIONS, Measure
from measureharmony.measures.names import CodeRef, Name, rewrite
from measureharmony.payers.variant import CANONICAL, Variant
from measureharmony.periods import Period
from tests.generative.budget import examples
from tests.generative.measures import measures
from tests.generative.outcomes import from_engine
from tests.generative.practices import Tables, practices, read
from tests.generative.rephrasing import rephrased
from tests.unit.comparison.compared import between

#: Words of the language that another one can stand for.
_OTHER_WORDS = {
    "first": "last", "last": "first", "start": "end", "end": "start", "latest": "earliest", "lowest": "highest",
    "female": "male", "male": "female", "event": "day", "day": "event", "years": "months", "claim": "ehr",
    "final": "draft", "lab": "simple", "observation": "condition", "any": "own", "own": "any", "%": "1",
}  # fmt: skip


def with_one_thing_else(measure: Measure, chance: Random) -> Measure:
    """``measure`` with one number, word or yes-or-no another one; wherever it stands, whether it matters or not."""
    count = 0

    def counted(part: object) -> object:
        nonlocal count
        count += _other(part) is not part
        return part

    rewrite(measure.model_copy(update={"strata": ()}), counted)
    chosen, count = chance.randrange(max(count, 1)), 0

    def changed(part: object) -> object:
        nonlocal count
        other = _other(part)
        if other is part:
            return part
        count += 1
        return other if count == chosen + 1 else part

    return rewrite(measure.model_copy(update={"strata": ()}), changed)


def _other(part: object) -> object:
    if isinstance(part, bool):
        return not part
    if isinstance(part, (int, float)):
        return part + 1
    if isinstance(part, CodeRef):
        return CodeRef("delta" if part != "delta" else "alpha")
    if isinstance(part, str) and not isinstance(part, Name):
        return _OTHER_WORDS.get(part, part)
    return part


def who_is_where(outcomes: pa.Table) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = outcomes.select(["rate", "subject_id", *POPULATIONS]).to_pylist()
    return rows


@examples(0.5)
@given(measure=measures(), chance=st.randoms(use_true_random=False))
def test_rephrasing_is_no_difference(measure: Measure, chance: Random) -> None:
    other = rephrased(measure, chance)
    assert between(measure, other) == []


@examples(1)
@given(tables=practices(), measure=measures(), chance=st.randoms(use_true_random=False))
def test_where_nothing_differs_nobody_moves(tables: Tables, measure: Measure, chance: Random) -> None:
    other = with_one_thing_else(measure, chance)
    if between(measure, other):
        return
    with read(tables) as practice:
        both = [Variant(CANONICAL, one, Period.calendar_year(2026)) for one in (measure, other)]
        one, two = (who_is_where(from_engine(practice, [variant])) for variant in both)
        assert one == two
