"""Care gaps as people work on them: who, what is missing for whom, what was last seen, by when."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.measures.plain_words import plain
from measureharmony.payers.variant import CANONICAL
from measureharmony.practice import Practice
from measureharmony.reports.content.also import Also
from measureharmony.reports.content.figures import Figure
from measureharmony.reports.results import Results
from measureharmony.reports.tables import shown

#: Columns of a gap list, with what they hold.
GAP_LIST_COLUMNS: Mapping[str, str] = {
    "person_id": "Whose gap.",
    "name": "The person's name, where the practice gives it.",
    "clinician": "To whom the practice attributes the person.",
    "measure": "Key of the measure.",
    "rate": "Which rate of it.",
    "title": "Both in words.",
    "programs": "Programs that the gap counts for, blank-separated; empty when only the unified rate asks for it.",
    "status": (
        "`open` while some program still counts it, `missed` afterwards; `closed here`: not a gap to us, but to "
        "payers, who lack or do not accept the evidence."
    ),
    "due": "The earliest last day on which closing it counts.",
    "reason": "What it takes: care, evidence to send, …; where programs say so.",
    "missing": "The first criterion that is not met, in words.",
    "evidence": "The latest evidence there is: its number and unit.",
    "evidence_date": "Its date.",
    "how_to_close": "What closes it, where programs say so.",
}
#: What reasons are called.
REASONS: Mapping[str, str] = {
    "needs_care": "needs care",
    "send_evidence": "send evidence",
    "not_accepted": "evidence not accepted",
    "in_run_out": "claims still to come",
    "too_late": "too late",
}
#: The status of what is a gap to payers only.
CLOSED_HERE = "closed here"
_KEY = ("person_id", "subject_id", "measure", "rate")


def gap_list(results: Results, figures: Sequence[Figure], attributed: pa.Table, also: Also) -> pa.Table:
    """All care gaps with the columns of :data:`GAP_LIST_COLUMNS`: those due soonest first, missed ones last."""
    gaps = results.care_gaps.arrow
    if also.program_gaps is not None:
        gaps = pa.concat_tables([gaps, _only_at_payers(also.program_gaps.arrow, gaps)], promote_options="permissive")
    titles = {(one.measure, one.rate): one.title for one in reversed(figures)}
    spoken = pc.binary_join_element_wise(gaps["measure"], gaps["rate"], "/")
    reason, how = _to_do(gaps, also)
    columns = {
        **{name: gaps[name] for name in ("person_id", "measure", "rate", "programs", "status", "due", "evidence_date")},
        "name": _names(results.practice, gaps["person_id"]),
        "clinician": _clinicians(results.practice, attributed, gaps["person_id"]),
        "title": _each(spoken, lambda key: titles[key.split("/", 1)[0], key.split("/", 1)[1]]),
        "missing": _each(gaps["first_failing"], plain),
        "evidence": _evidence(gaps),
        "reason": reason,
        "how_to_close": how,
    }
    table = pa.table({name: columns[name] for name in GAP_LIST_COLUMNS})
    return table.take(
        pc.sort_indices(table, [("due", "ascending"), ("person_id", "ascending"), ("title", "ascending")])
    )


def of_program(gaps: pa.Table, program: str) -> pa.Table:
    """The rows of a gap list that count for a program; for ``canonical``, all."""
    if program == CANONICAL:
        return gaps
    padded = pc.binary_join_element_wise("", gaps["programs"], "", " ")
    return gaps.filter(pc.match_substring(padded, f" {program} "))


def _each(column: pa.ChunkedArray, say: Callable[[str], str]) -> pa.ChunkedArray:
    """What ``say`` makes of each value; each different value is said once."""
    encoded = pc.dictionary_encode(column).combine_chunks()
    words = pa.array([say(value) for value in encoded.dictionary.to_pylist()], pa.string())
    return pa.chunked_array([words.take(encoded.indices)])


def _names(practice: Practice, people: pa.ChunkedArray) -> pa.ChunkedArray:
    person = practice.table("person")
    return _looked_up(people, person["person_id"], person["name"])


def _clinicians(practice: Practice, attributed: pa.Table, people: pa.ChunkedArray) -> pa.ChunkedArray:
    """The clinician's name, else the identifier."""
    provider, whose = practice.table("provider"), attributed["provider_id"].cast(pa.string())
    named = _looked_up(whose, provider["provider_id"], provider["name"])
    return _looked_up(people, attributed["person_id"], pc.coalesce(named, whose))


def _looked_up(keys: pa.ChunkedArray, known: pa.ChunkedArray, values: pa.ChunkedArray) -> pa.ChunkedArray:
    """The value of each key; null where the key is not known."""
    place = pc.index_in(keys.cast(pa.string()), value_set=known.cast(pa.string()).combine_chunks())
    return pa.chunked_array([values.cast(pa.string()).combine_chunks().take(place.combine_chunks())])


def _evidence(gaps: pa.Table) -> pa.ChunkedArray:
    """The numbers to be read together where there are such, else the number, with the unit behind it."""
    number = _each(pc.cast(gaps["evidence_value"], pa.string()), lambda text: shown(float(text)))
    numbers = pc.coalesce(gaps["evidence_values"], number)
    unit = pc.coalesce(_each(gaps["evidence_unit"], lambda text: "" if text == "1" else text), "")
    return pc.utf8_trim_whitespace(pc.binary_join_element_wise(numbers, unit, " "))


def _to_do(gaps: pa.Table, also: Also) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    """The different reasons of the programs for each gap, and what closes it; nulls where nobody says."""
    nothing = pa.chunked_array([pa.nulls(gaps.num_rows, pa.string())])
    if also.program_gaps is None:
        return nothing, nothing
    told = also.program_gaps.arrow
    key = _joined(told)
    rows = pa.table(
        {"key": key, "reason": told["reason"].cast(pa.string()), "how": told["how_to_close"].cast(pa.string())}
    )
    counted = rows.group_by("key", use_threads=False).aggregate([("reason", "distinct"), ("how", "first")])
    reasons = [
        ", ".join(REASONS.get(one, plain(one)) for one in some) for some in counted["reason_distinct"].to_pylist()
    ]
    here = _joined(gaps)
    return (
        _looked_up(here, counted["key"], pa.chunked_array([pa.array(reasons, pa.string())])),
        _looked_up(here, counted["key"], counted["how_first"]),
    )


def _only_at_payers(told: pa.Table, gaps: pa.Table) -> pa.Table:
    """What is a gap to programs and not to us, once per subject and rate, with columns of the care gap table."""
    ours = pc.is_in(_joined(told), value_set=_joined(gaps).combine_chunks())
    theirs = told.filter(pc.invert(ours)).sort_by("program")
    theirs = theirs.set_column(theirs.column_names.index("program"), "program", theirs["program"].cast(pa.string()))
    shown = ("evidence_date", "evidence_value", "evidence_unit")
    found = theirs.group_by(list(_KEY), use_threads=False).aggregate(
        [("program", "list"), ("due", "min"), *((name, "first") for name in shown)]
    )
    return pa.table(
        {
            **{name: found[name].cast(pa.string()) for name in _KEY},
            "programs": pc.binary_join(found["program_list"], " "),
            "due": found["due_min"],
            "status": pa.array([CLOSED_HERE] * found.num_rows, pa.string()),
            **{name: found[f"{name}_first"].cast(gaps[name].type) for name in shown},
        }
    )


def _joined(table: pa.Table) -> pa.ChunkedArray:
    """The four columns that name a gap as one text; no identifier holds the separator."""
    return pc.binary_join_element_wise(*(table[name].cast(pa.string()) for name in _KEY), "\x1f")


__all__ = ["CLOSED_HERE", "GAP_LIST_COLUMNS", "REASONS", "gap_list", "of_program"]
