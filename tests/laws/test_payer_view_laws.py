"""Laws of payers' views: who sees everything sees what we see; what a payer sees is a run over what has reached it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import duckdb
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from measureharmony.engines import local
from measureharmony.evaluation.compile import compile_plan
from measureharmony.evaluation.payer_views import compile_payer_views
from measureharmony.evaluation.program_gaps import PayersSee, payers_see
from measureharmony.evaluation.rates import rate_table
from measureharmony.evaluation.terminology import Terminology
from measureharmony.payers import Variant
from measureharmony.payers.evidence import HAS_EVERYTHING, EvidencePolicy
from measureharmony.payers.payer_view import EvidenceTerms, payer_view
from measureharmony.periods import day_number
from measureharmony.practice import Practice
from tests.generative.budget import examples
from tests.generative.outcomes import from_engine
from tests.generative.practices import AS_OF, VALUE_SETS, Tables, practices, read
from tests.generative.variants import program_variants

LATE = dt.date(2200, 1, 1)
DAYS = st.sampled_from([dt.date(2026, 6, 30), dt.date(2026, 12, 31), dt.date(2027, 3, 1)])
POLICY = EvidencePolicy.model_validate({
    "has": [{"sources": ["claim"], "run_out": 90}, {"sources": ["payer_feed", "supplemental_standard"]}],
    "send": [{"sources": ["ehr"], "form": "standard_file", "sent": ["2026-03-01", "2026-07-01"]}],
    "source": {"document": "Contract"},
})  # fmt: skip


def look(
    practice: Practice, variants: list[Variant], policy: EvidencePolicy, on: dt.date, as_of: dt.date | None = None
) -> PayersSee:
    plan = compile_plan(variants, as_of)
    views = [
        payer_view(one, EvidenceTerms(one.measure.measure, policy, None, one.sources, on, as_of)) for one in variants
    ]
    rates = compile_payer_views(plan, views, as_of)
    evaluated = local.run(practice, plan, Terminology.of(VALUE_SETS), as_of, workers=1)
    return payers_see(on, views, plan, rates, evaluated)


def counted(rates: pa.Table) -> list[tuple[object, ...]]:
    """What the table of rates says of each rate as a whole."""
    rows = [row for row in rates.to_pylist() if not row["stratum"]]
    return [(row["program"], row["rate"], row["below"], row["above"], row["value"]) for row in rows]


def seen(rates: pa.Table, view: str) -> list[tuple[object, ...]]:
    rows = [row for row in rates.to_pylist() if row["view"] == view]
    return [(row["program"], row["rate"], row["denominator"], row["numerator"], row["value"]) for row in rows]


@examples(1 / 20)
@given(tables=practices(), variants=program_variants(), as_of=AS_OF)
def test_who_has_everything_sees_what_we_see(tables: Tables, variants: list[Variant], as_of: dt.date | None) -> None:
    unrestricted = [replace(one, program=f"program{i}", sources={}) for i, one in enumerate(variants)]
    with read(tables) as practice:
        found = look(practice, unrestricted, HAS_EVERYTHING, LATE, as_of)
        known = counted(rate_table(from_engine(practice, unrestricted, as_of), unrestricted))
    assert seen(found.rates, "known") == seen(found.rates, "payer") == known
    assert set(found.gaps["reason"].to_pylist()) <= {"needs_care", "too_late"}
    assert found.gaps["here"].to_pylist() == found.gaps["at_payer"].to_pylist()


@examples(1 / 20)
@given(tables=practices(), variants=program_variants(), on=DAYS)
def test_a_payers_view_is_a_run_over_what_has_reached_it(tables: Tables, variants: list[Variant], on: dt.date) -> None:
    unrestricted = [replace(one, program=f"program{i}", sources={}) for i, one in enumerate(variants)]
    with read(tables) as practice:
        found = look(practice, unrestricted, POLICY, on)
        everything = seen(found.rates, "known")
        assert everything == counted(rate_table(from_engine(practice, unrestricted), unrestricted))
        keep_what_has_reached(practice.connection, on)
        assert seen(found.rates, "payer") == counted(rate_table(from_engine(practice, unrestricted, on), unrestricted))


def keep_what_has_reached(connection: duckdb.DuckDBPyConnection, on: dt.date) -> None:
    """Take out of a practice what a payer of :data:`POLICY` has not got on a day."""
    today = day_number(on)
    sent = max(day for day in map(day_number, POLICY.send[0].sent) if day <= today)
    connection.execute(
        f"""
        DELETE FROM accepted_event WHERE NOT coalesce(
            source IN ('payer_feed', 'supplemental_standard') AND coalesce(received_day, start_lo) <= {today}
            OR source = 'claim' AND coalesce(received_day, start_lo + 90) <= {today}
            OR source = 'ehr' AND coalesce(received_day, start_lo) <= {sent}, false)
        """
    )
