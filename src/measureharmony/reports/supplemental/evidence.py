"""The evidence that goes into a supplemental-data file: found, looked up in the practice, put into columns."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.evaluation.population_order import counts_above, counts_below
from measureharmony.measures.measure import POPULATIONS
from measureharmony.payers.program import Program
from measureharmony.reports.member_numbers import member_numbers
from measureharmony.reports.results import Results
from measureharmony.reports.supplemental.codes import payers_codes
from measureharmony.reports.supplemental.columns import beside, mapped, text, written_dates
from measureharmony.reports.supplemental.profile import PayerProfile
from measureharmony.reports.supplemental.write import SupplementalData

#: What of an outcome, or of a gap, names a piece of evidence.
_EVIDENCE = ("person_id", "measure", "rate", "event_id", "values")
_EVENT = ("event_id", "start", "source", "value", "unit", "provider_id", "code_system", "code")


def supplemental_data(
    results: Results, profile: PayerProfile, program: Program, gaps: pa.Table | None = None
) -> SupplementalData:
    """The evidence of a program's people that its payer lacks, as the payer's file has it.

    ``gaps`` is the table of programs' gaps with the reason of each. Without it, all evidence is taken by which somebody
    has what a measure wants, unless it comes from a source that the payer has anyway.
    """
    found = _of_gaps(gaps, profile, program.program) if gaps is not None else _of_outcomes(results, program.program)
    if profile.evidence.measures:
        found = found.filter(pc.is_in(found["measure"], value_set=pa.array(profile.evidence.measures, pa.string())))
    events = text(results.practice.table("event", _EVENT))
    found = beside(found, events, "event_id")
    source = pc.fill_null(found["source"], "ehr")
    found = found.set_column(found.column_names.index("source"), "source", source)
    if gaps is None:
        had = pc.is_in(source, value_set=pa.array(profile.evidence.not_from, pa.string()))
        found = found.filter(pc.invert(had))
    columns = _columns(found, results, profile, program)
    name = profile.file.name.format(
        profile=profile.profile, program=program.program, payer=program.payer, as_of=results.as_of or "all"
    )
    return SupplementalData.of(profile, name, columns)


# --- what is sent -----------------------------------------------------------------------------------------------------


def _of_gaps(gaps: pa.Table, profile: PayerProfile, program: str) -> pa.Table:
    """The evidence of gaps with one of the profile's reasons."""
    wanted = pc.is_in(gaps["reason"].cast(pa.string()), value_set=pa.array(profile.evidence.reasons, pa.string()))
    own = pc.and_(pc.equal(gaps["program"], program), pc.and_(wanted, pc.is_valid(gaps["evidence_id"])))
    kept = gaps.filter(own)
    none = pa.nulls(kept.num_rows, pa.string())
    cells = (kept["person_id"], kept["measure"], kept["rate"], kept["evidence_id"], none)
    return text(pa.table(dict(zip(_EVIDENCE, cells, strict=True))))


def _of_outcomes(results: Results, program: str) -> pa.Table:
    """The evidence of the program's people who have what the measure wants."""
    outcomes = results.outcomes.arrow
    kept = outcomes.filter(
        pc.and_(
            pc.equal(outcomes["program"], program), pc.and_(outcomes["member"], pc.is_valid(outcomes["evidence_id"]))
        )
    )
    members = {name: kept[name].to_numpy() for name in POPULATIONS}
    below, above = pa.array(counts_below(members)), pa.array(counts_above(members))
    lower = [
        f"{variant.measure.measure}/{rate.id}"
        for variant in results.variants
        for rate in variant.measure.rates
        if variant.program == program and variant.measure.direction_of(rate) == "lower"
    ]
    key = pc.binary_join_element_wise(kept["measure"].cast(pa.string()), kept["rate"].cast(pa.string()), "/")
    met = pc.xor(pc.is_in(key, value_set=pa.array(lower, pa.string())), above)
    kept = kept.filter(pc.and_(below, met))
    cells = (kept["person_id"], kept["measure"], kept["rate"], kept["evidence_id"], kept["evidence_values"])
    return text(pa.table(dict(zip(_EVIDENCE, cells, strict=True))))


# --- what is said of it -----------------------------------------------------------------------------------------------


def _columns(found: pa.Table, results: Results, profile: PayerProfile, program: Program) -> pa.Table:
    """Everything that a column of a profile can hold (``profile.Content``), as text."""
    practice, count = results.practice, found.num_rows
    people = beside(found, text(practice.table("person", ["person_id", "name", "birth", "sex"])), "person_id")
    providers = text(practice.table("provider", ["provider_id", "npi", "name", "group_id"]))
    provider = beside(found.select(["provider_id"]), providers, "provider_id")
    codes = beside(found.select(["event_id"]), payers_codes(practice, profile, found["event_id"]), "event_id")
    titles = {v.measure.measure: v.measure.title for v in results.variants if v.program == program.program}
    ids = {entry.measure: entry.id or entry.measure for entry in program.measures}
    form = profile.file.date_format
    flags = {str(source): flag for source, flag in profile.source_flags.items()}
    return pa.table(
        {
            **{name: found[name] for name in ("person_id", "measure", "rate", "event_id", "unit", "values", "source")},
            "member_id": beside(found.select(["person_id"]), member_numbers(practice, program.payer), "person_id")[
                "member_id"
            ],
            "name": people["name"],
            "birth": written_dates(people["birth"], form),
            "sex": people["sex"],
            "program": pa.repeat(pa.scalar(program.program), count),
            "measure_id": mapped(found["measure"], ids),
            "measure_title": mapped(found["measure"], titles),
            "service_date": written_dates(found["start"], form),
            "code": codes["code"],
            "code_system": codes["system"],
            "value": found["value"],
            "source_flag": mapped(found["source"], flags),
            "npi": provider["npi"],
            "provider_name": provider["name"],
            "group_id": provider["group_id"],
        }
    )


__all__ = ["supplemental_data"]
