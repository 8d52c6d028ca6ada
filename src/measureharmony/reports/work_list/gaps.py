"""Which gaps a work list is made of: the open ones, and, where payers' views are known, what each payer lacks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.payers.variant import Variant

_KEY = ["person_id", "subject_id", "measure", "rate"]
_COLUMNS = ("person_id", "measure", "rate", "programs", "due", "evidence_date")


def workable(care_gaps: pa.Table, program_gaps: pa.Table | None, variants: Sequence[Variant], day: dt.date) -> pa.Table:
    """Person, measure, rate, programs, due day, evidence date and ``action`` of each gap that somebody can close.

    With ``program_gaps``, what closes a gap for a payer is its own matter: care, or evidence to be sent. A claim in
    run-out closes it without anybody's doing, and makes no line.
    """
    is_open = _still_counting(care_gaps.filter(pc.equal(care_gaps["status"], "open")))
    if program_gaps is None:
        return _with_actions(is_open.select(_COLUMNS), variants, "")
    theirs = program_gaps.filter(pc.fill_null(pc.greater_equal(program_gaps["due"], pa.scalar(day)), fill_value=True))
    needed = pc.is_in(theirs["reason"], value_set=pa.array(["needs_care", "not_accepted"]))
    unified = is_open.join(program_gaps.select(_KEY).group_by(_KEY).aggregate([]), _KEY, join_type="left anti")
    sent = _by_gap(theirs.filter(pc.equal(theirs["reason"], "send_evidence")))
    parts = (
        _with_actions(unified.select(_COLUMNS), variants, ""),
        _with_actions(_by_gap(theirs.filter(needed)), variants, ""),
        _with_actions(sent, variants, "Send the record: "),
    )
    return pa.concat_tables(parts)


def _still_counting(gaps: pa.Table) -> pa.Table:
    """The gaps with those programs only for which closing them still counts."""
    pairs = pc.binary_join_element_wise(gaps["programs"], gaps["missed_for"], "/")
    encoded = pairs.combine_chunks().dictionary_encode()
    named = [tuple(set(words.split()) for words in pair.split("/")) for pair in encoded.dictionary.to_pylist()]
    still = pa.array([" ".join(sorted(all_of - missed)) for all_of, missed in named], pa.string())
    place = gaps.column_names.index("programs")
    return gaps.set_column(place, "programs", still.take(encoded.indices))


def _by_gap(gaps: pa.Table) -> pa.Table:
    """One row per gap, with the programs that have it."""
    ordered = gaps.sort_by([(name, "ascending") for name in (*_KEY, "program")])
    found = ordered.group_by(_KEY, use_threads=False).aggregate(
        [("program", "list"), ("due", "min"), ("evidence_date", "max")]
    )
    columns = {name: found[name] for name in ("person_id", "measure", "rate")}
    programs = pc.binary_join(found["program_list"], " ")
    return pa.table(
        {**columns, "programs": programs, "due": found["due_min"], "evidence_date": found["evidence_date_max"]}
    )


def _with_actions(gaps: pa.Table, variants: Sequence[Variant], sending: str) -> pa.Table:
    """The gaps that some action closes, with the action; a record that is to be sent is called by its measure."""
    actions = {
        f"{v.measure.measure}/{rate.id}": f"{sending}{v.measure.title}" if sending else v.measure.action_of(rate)
        for v in variants
        for rate in v.measure.rates
        if sending or v.measure.action_of(rate)
    }
    key = pc.binary_join_element_wise(gaps["measure"], gaps["rate"], "/")
    place = pc.index_in(key, value_set=pa.array(list(actions), pa.string()))
    action = pa.array(list(actions.values()), pa.string()).take(place)
    return gaps.append_column("action", action).filter(pc.is_valid(action))


__all__ = ["workable"]
