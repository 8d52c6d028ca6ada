"""Where each subject of a run stands under each rate: what is kept of the outcomes to compare the next run with."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.evaluation.population_order import CATEGORIES, categories
from measureharmony.measures.measure import POPULATIONS
from measureharmony.payers.variant import Variant
from measureharmony.reports.manifest import fingerprint

#: What a subject of the denominator can be, by the innermost population that it is in. Of an inverse rate, whoever is
#: in the numerator has the gap.
_STANDING = {
    "denominator": "gap", "numerator_exclusion": "gap", "numerator": "met",
    "denominator_exclusion": "excluded", "denominator_exception": "excepted",
}  # fmt: skip
_INVERSE = {**_STANDING, "denominator": "met", "numerator_exclusion": "met", "numerator": "gap"}

_SHOWN = ("evidence_id", "evidence_date", "evidence_value", "evidence_unit", "evidence_values")


def standings(outcomes: pa.Table, variants: Sequence[Variant], *, everybody: bool = False) -> pa.Table:
    """Program, measure, rate, person, subject, ``standing`` (gap, met, excluded, excepted) and the evidence shown.

    One row per subject of a program's own (everybody, for the canonical rates) in the denominator of a proportion. With
    ``everybody`` also those outside of it, whose ``standing`` is empty, and those who are not the program's own:
    ``member`` says who is.
    """
    rates = [
        {
            "program": v.program,
            "measure": v.measure.measure,
            "rate": rate.id,
            "inverse": v.measure.direction_of(rate) == "lower",
        }
        for v in variants
        for rate in v.measure.rates
        if v.measure.scoring == "proportion"
    ]
    names = ("program", "measure", "rate", "person_id", "subject_id")
    plain = {name: outcomes[name].cast(pa.string()) for name in names}
    number = categories({name: outcomes[name].to_numpy() for name in POPULATIONS})
    columns = {**plain, **{name: outcomes[name] for name in ("member", *_SHOWN)}, "number": number}
    table = pa.table(columns)
    table = table if everybody else table.filter(table["member"])
    table = table.join(pa.Table.from_pylist(rates), ["program", "measure", "rate"], join_type="inner")
    higher, lower = (
        pa.array([of.get(category) for category in CATEGORIES]).take(table["number"]) for of in (_STANDING, _INVERSE)
    )
    kept = table.select([*names, "member", *_SHOWN])
    kept = kept.append_column("standing", pc.if_else(table["inverse"], lower, higher))
    return kept if everybody else kept.filter(pc.is_valid(kept["standing"])).drop_columns("member")


def definitions(variants: Sequence[Variant]) -> pa.Table:
    """Each variant's measurement period, and the fingerprint of what it means."""
    rows = [
        {
            "program": v.program,
            "measure": v.measure.measure,
            "period_start": v.period.start,
            "period_end": v.period.end,
            "definition": fingerprint(v),
        }
        for v in variants
    ]
    days = {"period_start", "period_end"}
    names = ("program", "measure", "period_start", "period_end", "definition")
    return pa.Table.from_pylist(rows, pa.schema([(n, pa.date32() if n in days else pa.string()) for n in names]))


__all__ = ["definitions", "standings"]
