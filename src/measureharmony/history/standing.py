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


def standings(outcomes: pa.Table, variants: Sequence[Variant]) -> pa.Table:
    """Program, measure, rate, person, subject, ``standing`` (gap, met, excluded, excepted) and the evidence shown.

    One row per subject of a program's own (everybody, for the canonical rates) in the denominator of a proportion.
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
    table = pa.table({**plain, **{name: outcomes[name] for name in _SHOWN}, "number": number})
    table = table.filter(outcomes["member"]).join(
        pa.Table.from_pylist(rates), ["program", "measure", "rate"], join_type="inner"
    )
    words = [pa.array([of.get(category) for category in CATEGORIES]) for of in (_STANDING, _INVERSE)]
    number = table["number"].to_numpy()
    higher, lower = (of.take(pa.array(number)) for of in words)
    standing = pc.if_else(table["inverse"], lower, higher)
    kept = table.select([*names, *_SHOWN]).append_column("standing", standing)
    return kept.filter(pc.is_valid(kept["standing"]))


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
