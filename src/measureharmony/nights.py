"""A night in parts: the files are written anew of those parts of the people in which somebody has changed.

They are the files that a run over everything writes, to the byte. All others are left as they are.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from measureharmony.engines.matching import Matching, looked_for
from measureharmony.engines.parts import evaluate_parts, store_of
from measureharmony.evaluation.columns import Bools, Ints
from measureharmony.evaluation.compile import compile_plan
from measureharmony.evaluation.joined_outcomes import OutcomeOrder
from measureharmony.evaluation.outcome import Evaluated, outcome_table
from measureharmony.incremental import Changes, ToEvaluate, changes_since, of_changed_people
from measureharmony.payers.variant import Variant
from measureharmony.practice.stretches import Stretches
from measureharmony.reports.fingerprints import PARTS, Earlier, Fingerprints, read_earlier
from measureharmony.reports.part_records import files_of, gap_terms, gaps_hold, read_records
from measureharmony.reports.stored import PartWriter, is_whole, part_file


@dataclass(frozen=True)
class Night:
    """What has to be done of ``asked``, whose people are cut into ``parts``, where an ``earlier`` run left its results.

    ``records`` is what it left known of each of its parts.
    """

    asked: ToEvaluate
    parts: Stretches
    now: Fingerprints
    earlier: Earlier
    records: pa.Table
    changes: Changes

    @property
    def evaluates(self) -> bool:
        """Whether anything has to be evaluated."""
        return bool(self.changes.anew) or not self.changes.unchanged.all()

    @cached_property
    def keeps(self) -> Ints:
        """For each part, the number of the earlier part whose files are its own; -1 where they are written anew."""
        names = pa.array(self.parts.names)
        same = pc.index_in(names, value_set=self.records["name"]).fill_null(-1).to_numpy()
        part = np.repeat(np.arange(len(names)), self.parts.people)
        stay = self.changes.unchanged & (self.earlier_part == same[part])
        staying = np.bincount(part[stay], minlength=len(names))
        holds = (same >= 0) & (staying == np.array(self.parts.people))
        holds &= self._people_before[same] == staying
        return np.where(holds & self._tables_hold()[same], same, -1)

    @cached_property
    def earlier_part(self) -> Ints:
        """For each person, the number of the earlier part that has their outcomes; -1 where they were not there."""
        part = np.repeat(np.arange(len(self._people_before)), self._people_before)
        return np.where(self.changes.place < 0, -1, part[self.changes.place])

    @property
    def _people_before(self) -> Ints:
        return np.asarray(self.records["people"].to_numpy())

    def _tables_hold(self) -> Bools:
        """For each earlier part, whether outcomes and care gaps of unchanged people are in its files as they are today.

        With variants that are others, or that the day moves for everybody, there are other rows in all of them.
        """
        if self.changes.anew or list(self.earlier.variants.items()) != list(self.now.variants.items()):
            return np.zeros(len(self.records), dtype=bool)
        prepared = self.asked.prepared
        return gaps_hold(self.records, gap_terms(prepared.finality, prepared.as_of))

    def renewed(self, writer: PartWriter, at_once: int, store: Path) -> pa.Table:
        """Write the parts that are not kept; what is known of each part afterwards.

        ``at_once``: people in memory. ``store``: a folder for what has to be looked at of everybody.
        """
        person_id = self.now.people["person_id"]
        found = [_Found(table, person_id) for table in of_changed_people(self.asked, self.changes, at_once)]
        written = np.flatnonzero(self.keeps < 0)
        records, place = [self.records], self.keeps.copy()
        place[written] = np.arange(len(written)) + len(self.records)
        groups = list(together(written, self.parts, at_once))
        for group, table in zip(groups, self._of_other_variants(groups, store), strict=True):
            records.append(self._written(group, [*found, *(_Found(one, person_id) for one in table)], writer))
        return pa.concat_tables(records).take(pa.array(place))

    def _of_other_variants(self, groups: Sequence[Ints], store: Path) -> Iterator[list[pa.Table]]:
        """The outcomes of the people of each group under the variants that are others than they were."""
        if not self.changes.anew:
            yield from ([] for _ in groups)
            return
        # With other variants, no part is kept: the groups are everybody.
        asked, prepared = self.asked, self.asked.prepared
        plan = compile_plan(self.changes.anew, prepared.as_of)
        people = [sum(self.parts.people[number] for number in group) for group in groups]
        sought = looked_for(plan, prepared.terminology)
        looked_at = store_of(store, plan, lambda: Matching(asked.practice, sought, prepared.as_of), people)
        finish = partial(_outcomes, self.changes.anew, asked.everybody)
        yield from ([table] for _, table in evaluate_parts(looked_at, plan, finish, range(len(groups)), workers=1))

    def _written(self, some: Ints, found: Sequence[_Found], writer: PartWriter) -> pa.Table:
        """Write some of the parts, given by their numbers."""
        parts = Stretches(tuple(self.parts.names[i] for i in some), tuple(self.parts.people[i] for i in some))
        ends = np.cumsum(self.parts.people)
        people = np.concatenate([np.arange(ends[i] - self.parts.people[i], ends[i]) for i in some])
        person_id = self.now.people["person_id"].take(pa.array(people)).combine_chunks()
        unchanged = self.changes.unchanged[people]
        own = [one.of(people) for one in found]
        tables = [self._earlier(number) for number in np.unique(self.earlier_part[people][unchanged]).tolist()]
        earlier = pa.concat_tables(tables) if tables else own[0].slice(0, 0)
        order = OutcomeOrder(self.asked.variants, person_id)
        return writer.write_outcomes(parts, order.joined(earlier, self.changes.same, unchanged, own), person_id)

    def _earlier(self, number: int) -> pa.Table:
        """The outcomes of a part of the earlier run."""
        with pq.ParquetFile(part_file(self.earlier.folder, "outcomes", self.records["name"][number].as_py())) as file:
            return file.read()

    def copy_kept(self, folder: Path) -> None:
        """Copy the files of parts that are kept into another folder."""
        for number in np.flatnonzero(self.keeps >= 0).tolist():
            for name in ("outcomes", "care_gaps"):
                target = part_file(folder, name, self.parts.names[number])
                target.parent.mkdir(exist_ok=True)
                shutil.copyfile(part_file(self.earlier.folder, name, self.parts.names[number]), target)


def _outcomes(variants: Sequence[Variant], everybody: bool, group: int, evaluated: Evaluated) -> pa.Table:
    return outcome_table(variants, evaluated, everybody=everybody)


class _Found:
    """Outcomes of some of the people, found just now; ``person_id`` is everybody."""

    def __init__(self, outcomes: pa.Table, person_id: pa.ChunkedArray):
        self._outcomes = outcomes
        whose = outcomes["person_id"].combine_chunks()
        self._person = pc.index_in(whose.dictionary, value_set=person_id).to_numpy()[whose.indices.to_numpy()]

    def of(self, people: Ints) -> pa.Table:
        """Those of some people, given by their numbers in ascending order."""
        place = np.searchsorted(people, self._person)
        rows = np.flatnonzero(people[np.minimum(place, len(people) - 1)] == self._person)
        return self._outcomes.take(pa.array(rows))


def night_since(asked: ToEvaluate, now: Fingerprints, parts: Stretches, previous: Path) -> Night | str:
    """What there is to be done since the run in parts whose results are in ``previous``; or why that is everything."""
    earlier = read_earlier(previous, PARTS)
    if isinstance(earlier, str):
        return earlier
    records = read_records(previous / PARTS)
    if records is None:
        return f"{PARTS} is damaged"
    intact = np.array([is_whole(previous, part) for part in files_of(records)], dtype=bool)
    # Nobody's rows are known to be those of a fingerprint that is empty.
    lost = pa.array(np.repeat(~intact, records["people"].to_numpy()))
    fingerprints = pc.if_else(lost, None, earlier.people["fingerprint"])
    earlier = replace(earlier, people=earlier.people.set_column(1, "fingerprint", fingerprints))
    changes = changes_since(earlier, now, asked)
    if isinstance(changes, str):
        return changes
    told = replace(changes.told, damaged=int(np.count_nonzero(~intact)))
    return Night(asked, parts, now, earlier, records, replace(changes, told=told))


def together(numbers: Ints, parts: Stretches, at_once: int) -> Iterator[Ints]:
    """``numbers`` of parts, one after the other, with ``at_once`` people together at most, but for a larger part."""
    ends = np.cumsum(np.array(parts.people)[numbers])
    first = 0
    while first < len(numbers):
        before = ends[first - 1] if first else 0
        stop = max(first + 1, int(np.searchsorted(ends, before + at_once, side="right")))
        yield numbers[first:stop]
        first = stop


__all__ = ["Night", "night_since", "together"]
