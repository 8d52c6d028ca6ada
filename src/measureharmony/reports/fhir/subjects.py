"""Outcomes person by person, a chunk at a time: however many people there are, only a chunk of them is in Python."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.evaluation.columns import Ints
from measureharmony.measures.measure import POPULATIONS
from measureharmony.payers.variant import Variant
from measureharmony.reports.outcome_rows import encoded, runs
from measureharmony.reports.results import Results

#: How many outcomes are in Python at a time, give or take one person's.
CHUNK = 20_000
_COLUMNS = (
    "measure", "rate", "person_id", "subject_id", *POPULATIONS, "first_failing", "observation", "evidence_id",
    "evidence_value", "evidence_values",
)  # fmt: skip

#: An outcome with the kinds of its subject and its evidence (None where the subject is the person).
Row = Mapping[str, object]


class Subjects:
    """The outcomes of results, found by variant, with what reports need to know of events."""

    def __init__(self, results: Results):
        outcomes = results.outcomes.arrow
        self._outcomes = outcomes.filter(outcomes["member"])
        self._runs = runs(self._outcomes)
        self._kinds = _event_kinds(results, self._outcomes)

    def of(self, variants: Sequence[Variant], chunk: int = CHUNK) -> Iterator[tuple[str, list[Row]]]:
        """Each person of these variants with their rows: variants as they come, rates as they come, then episodes."""
        spans = [span for v in variants for span in self._runs.get((v.program, v.measure.measure), [])]
        if not spans:
            return
        rows = np.concatenate([np.arange(start, stop) for start, stop in spans])
        person, _ = encoded(self._outcomes["person_id"])
        order = rows[np.argsort(person[rows], kind="stable")]
        whose = person[order]
        ends = np.flatnonzero(np.append(whose[1:] != whose[:-1], True)) + 1
        for start, stop in _chunks(ends, chunk):
            table = self._with_kinds(self._outcomes.select(_COLUMNS).take(pa.array(order[start:stop])))
            for person_id, own in groupby(table.to_pylist(), key=itemgetter("person_id")):
                yield str(person_id), list(own)

    def _with_kinds(self, table: pa.Table) -> pa.Table:
        for whose in ("subject", "evidence"):
            index = pc.index_in(table[f"{whose}_id"], value_set=self._kinds["event_id"])
            table = table.append_column(f"{whose}_kind", self._kinds["kind"].take(index))
        return table


def _event_kinds(results: Results, outcomes: pa.Table) -> pa.Table:
    """``event_id`` and ``kind`` of the events that are a subject or evidence."""
    named = [outcomes[name].cast(pa.string()) for name in ("evidence_id", "subject_id")]
    used = pc.unique(pa.chunked_array([chunk for column in named for chunk in column.chunks], pa.string()))
    events = results.practice.table("event", ["event_id", "kind"])
    ids = events["event_id"].cast(pa.string())
    events = pa.table({"event_id": ids, "kind": events["kind"].cast(pa.string())})
    kept = events.filter(pc.is_in(ids, value_set=used)).combine_chunks()
    return pa.table({name: kept[name].combine_chunks() for name in kept.column_names})


def _chunks(ends: Ints, size: int) -> Iterator[tuple[int, int]]:
    """Stretches of about ``size`` rows that end where a person ends."""
    start = 0
    while start < ends[-1]:
        stop = int(ends[np.searchsorted(ends, min(start + size, int(ends[-1])))])
        yield start, stop
        start = stop


def chosen(
    results: Results, programs: Collection[str] | None = None, measures: Collection[str] | None = None
) -> list[Variant]:
    """The variants of these programs and measures; left out: of all."""
    return [
        v
        for v in results.variants
        if (not programs or v.program in programs) and (not measures or v.measure.measure in measures)
    ]


__all__ = ["CHUNK", "Row", "Subjects", "chosen"]
