"""Which sex, race, ethnicity and payer people are counted under: one answer each, or not known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.evaluation.columns import Bools, Ints
from measureharmony.periods import Period
from measureharmony.practice import Practice
from measureharmony.reports.qrda.templates import ETHNICITIES, OTHER_RACE, PAYERS, RACES, SEX


@dataclass(frozen=True)
class Answers:
    """One question's answers: the codes that occur (None: not known), and whose is which, person by person."""

    codes: Sequence[str | None]
    whose: Ints

    def counted(self, people: Ints) -> dict[str | None, int]:
        """How many of ``people`` (their numbers, with repeats) give each answer, without those that nobody gives."""
        counts = np.bincount(self.whose[people], minlength=len(self.codes))
        return {code: int(count) for code, count in zip(self.codes, counts, strict=True) if count}


def answers(practice: Practice, person_ids: Sequence[str], period: Period) -> Mapping[str, Answers]:
    """The answers of the people ``person_ids``, by element of ``templates.SUPPLEMENTAL``.

    The payer is that of the coverage in the period; of several, Medicare comes first, then Medicaid, then private.
    """
    people = practice.table("person", ["person_id", "sex", "race", "ethnicity"])
    ids = pa.array(person_ids, pa.string())
    people = people.take(pc.index_in(ids, value_set=people["person_id"].cast(pa.string()).combine_chunks()))
    return {
        "sex": _answers(people["sex"], SEX.get),
        "race": _answers(people["race"], race),
        "ethnicity": _answers(people["ethnicity"], ethnicity),
        "payer": _payers(practice, ids, period),
    }


def race(written: str) -> str | None:
    """The race that codes stand for; several are one, "other"; codes that are none of the federal races are not known.

    >>> race("2106-3"), race("2106-3 2054-5"), race("white")
    ('2106-3', '2131-1', None)
    """
    known = {code for code in written.split() if code in RACES}
    return OTHER_RACE if len(known) > 1 else next(iter(known), None)


def ethnicity(written: str) -> str | None:
    """The ethnicity that codes stand for: Hispanic (2135-2), or not (2186-5); not known where both are said."""
    known = {code for code in written.split() if code in ETHNICITIES}
    return next(iter(known)) if len(known) == 1 else None


def _answers(column: pa.ChunkedArray, answer: Callable[[str], str | None]) -> Answers:
    """Each different word is thought about once."""
    array = column.cast(pa.string()).dictionary_encode().unify_dictionaries().combine_chunks()
    told = [answer(word) for word in array.dictionary.to_pylist()]
    codes: list[str | None] = [*sorted({code for code in told if code is not None}), None]
    places = np.array([*(codes.index(code) for code in told), len(codes) - 1])
    return Answers(codes, places[array.indices.fill_null(len(told)).to_numpy()])


def _payers(practice: Practice, ids: pa.Array, period: Period) -> Answers:
    coverage = practice.table("coverage", ["person_id", "product_line", "start", "end"])
    begun = pc.less_equal(coverage["start"], pa.scalar(period.end, pa.date32()))
    not_over = pc.fill_null(pc.greater_equal(coverage["end"], pa.scalar(period.start, pa.date32())), True)
    coverage = coverage.filter(pc.and_(begun, not_over))
    codes: list[str | None] = [*dict.fromkeys(PAYERS.values()), None]
    unknown = len(codes) - 1
    whose: Ints = np.full(len(ids), unknown)
    person = pc.index_in(coverage["person_id"].cast(pa.string()), value_set=ids)
    for place in reversed(range(unknown)):  # the first to be asked for is written last
        lines = pa.array([line for line, code in PAYERS.items() if code == codes[place]], pa.string())
        chosen: Bools = pc.is_in(coverage["product_line"].cast(pa.string()), value_set=lines).to_numpy()
        found = person.to_numpy(zero_copy_only=False)[chosen]
        whose[found[~np.isnan(found.astype(float))].astype(np.int64)] = place
    return Answers(codes, whose)


__all__ = ["Answers", "answers", "ethnicity", "race"]
