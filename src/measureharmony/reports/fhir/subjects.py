"""Outcomes person by person, a chunk at a time: however many people there are, only a chunk of them is in Python."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.evaluation.columns import Bools, Ints
from measureharmony.measures.measure import POPULATIONS
from measureharmony.payers.variant import Variant
from measureharmony.reports.outcome_rows import encoded, runs
from measureharmony.reports.results import Results

#: How many outcomes are in Python at a time, give or take one person's.
CHUNK = 20_000
_COLUMNS = (
    "measure", "rate", "person_id", "subject_id", *POPULATIONS, "first_failing", "close_by", "observation",
    "evidence_id", "evidence_value", "evidence_values",
)  # fmt: skip

#: An outcome with the kinds of its subject and its evidence (None where the subject is the person).
Row = Mapping[str, object]


class Subjects:
    """The outcomes of results, found by variant, with what reports need to know of events."""

    def __init__(self, results: Results):
        outcomes = results.outcomes.arrow
        outcomes = outcomes.select(("program", *_COLUMNS)).filter(outcomes["member"]).combine_chunks()
        self._runs = runs(outcomes)
        self._rates, self._rate_words = encoded(outcomes["rate"])
        self._person, self._people = encoded(outcomes["person_id"])
        self._inside = {name: outcomes[name].to_numpy() for name in POPULATIONS}
        self._outcomes = _with_kinds(outcomes.select(_COLUMNS), results)

    def of(
        self, variants: Sequence[Variant], *, outsiders: bool = False, chunk: int = CHUNK
    ) -> Iterator[tuple[str, list[Row]]]:
        """Each person of these variants with their rows: variants as they come, rates as they come, then episodes.

        Rows of a variant in whose initial population somebody is not are left out, unless ``outsiders``.
        """
        rows = np.concatenate([self._own(variant, outsiders) for variant in variants] or [np.empty(0, dtype=np.int64)])
        if not len(rows):
            return
        order = rows[np.argsort(self._person[rows], kind="stable")]
        whose = self._person[order]
        ends = np.flatnonzero(np.append(whose[1:] != whose[:-1], True)) + 1
        for start, stop in _chunks(ends, chunk):
            table = self._outcomes.take(pa.array(order[start:stop]))
            for person_id, own in groupby(table.to_pylist(), key=itemgetter("person_id")):
                yield str(person_id), list(own)

    def people_in(self, variant: Variant, rate: str, population: str) -> list[str]:
        """Who is in a population of a rate (with an episode, where these are counted), each once."""
        rows = self._rows(variant)
        inside: Bools = self._inside[population][rows]
        if rate not in self._rate_words:
            return []
        inside = inside & (self._rates[rows] == self._rate_words.index(rate))
        return [self._people[number] for number in np.unique(self._person[rows[inside]]).tolist()]

    def _rows(self, variant: Variant) -> Ints:
        spans = self._runs.get((variant.program, variant.measure.measure), [])
        return np.concatenate([np.arange(start, stop) for start, stop in spans] or [np.empty(0, dtype=np.int64)])

    def _own(self, variant: Variant, outsiders: bool) -> Ints:
        rows = self._rows(variant)
        if outsiders:
            return rows
        insiders = np.zeros(len(self._people), dtype=bool)
        insiders[self._person[rows[self._inside["initial_population"][rows]]]] = True
        return rows[insiders[self._person[rows]]]


def _with_kinds(outcomes: pa.Table, results: Results) -> pa.Table:
    """The outcomes with ``subject_kind`` and ``evidence_kind``: what sort of event each of them is."""
    columns = {name: outcomes[f"{name}_id"].cast(pa.string()) for name in ("subject", "evidence")}
    used = pc.unique(pa.chunked_array([chunk for column in columns.values() for chunk in column.chunks], pa.string()))
    events = results.practice.table("event", ["event_id", "kind"])
    ids = events["event_id"].cast(pa.string())
    kept = pc.is_in(ids, value_set=used)
    known, kinds = ids.filter(kept).combine_chunks(), events["kind"].cast(pa.string()).filter(kept).combine_chunks()
    for name, column in columns.items():
        kind = kinds.take(pc.index_in(column, value_set=known).combine_chunks())
        outcomes = outcomes.append_column(f"{name}_kind", kind.dictionary_encode())
    return outcomes


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
