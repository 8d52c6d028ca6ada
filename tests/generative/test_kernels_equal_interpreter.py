"""The kernels, reached by the whole way of a run, say of everybody exactly what the reference interpreter says."""

from __future__ import annotations

import datetime as dt

from hypothesis import given

from measureharmony.engines.loading import FEW_EVENTS
from measureharmony.evaluation.evaluating import FEW
from measureharmony.payers.variant import Variant
from tests.generative.budget import examples
from tests.generative.outcomes import from_engine, from_interpreter
from tests.generative.practices import AS_OF, Tables, practices, read
from tests.generative.variants import program_variants

#: As many people are evaluated, and few: in order or on demand, codes matched by DuckDB or looked up.
_MANY = {"few": 0, "few_events": 0}
_FEW = {"few": FEW, "few_events": FEW_EVENTS}


@examples(1)
@given(tables=practices(), variants=program_variants(), as_of=AS_OF)
def test_the_kernels_equal_the_interpreter(tables: Tables, variants: list[Variant], as_of: dt.date | None) -> None:
    with read(tables) as practice:
        for known, few in {None: _MANY, as_of: _FEW}.items():
            engine = from_engine(practice, variants, known, **few).drop_columns("close_by").to_pylist()
            assert engine == from_interpreter(practice, variants, known)
