"""Divergence in people as tables: who ends up elsewhere and why, what each cause does, how far payers agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa

from measureharmony.evaluation.columns import Ints
from measureharmony.evaluation.outcome import Subjects
from measureharmony.evaluation.population_order import CATEGORIES, CATEGORIES_IN
from measureharmony.evaluation.responsibility import CauseSets, RateDivergence
from measureharmony.measures.measure import POPULATIONS
from measureharmony.payers.causes import Cause
from measureharmony.payers.contrast import Contrast
from measureharmony.payers.variant import CANONICAL, Variant
from measureharmony.reports.tables import ResultTable

#: What ``cause`` says where no single cause is meant.
ALL, MEMBERSHIP = "all", "membership"

_RATES = ("rate_before", "rate_after", "rate_without", "points")
_WHICH: Mapping[str, str] = {
    "program": "The program whose version is compared.",
    "against": "What it is compared with: `canonical`, or another program.",
    "measure": "Key of the measure.",
    "rate": "Which rate of the measure.",
}
#: Columns of the table of people, with what they hold.
PEOPLE_COLUMNS: Mapping[str, str] = {
    "person_id": "Who.",
    "subject_id": "What is counted: the person, or (for episode measures) the event.",
    **_WHICH,
    "member": "Whether the person is the program's own.",
    "before": "The innermost population that the subject is in as `against` has it; `outside` if in none.",
    "after": "The same, as the program has it.",
    "how": (
        "`alone`: one cause, and no other, is enough for it; `each alone`: any one of several is; `together`: only "
        "several causes at once are; `several ways`: some sets of causes are, of different sizes or several at once."
    ),
    "causes": (
        "The responsible sets of causes: their numbers in table divergence_counts, `+` within a set, blanks between "
        "sets. Each set, put on `against` without any other cause, gives the program's outcome; no part of it does."
    ),
    "undone_by": "The smallest sets of causes without which the program gives the outcome of `against`.",
    "responsible": "The responsible sets in words.",
    "search": "`all sets` of causes were tried, or, where a rate has very many, only `small sets`.",
}
#: Columns of the table of counts, with what they hold.
COUNT_COLUMNS: Mapping[str, str] = {
    **_WHICH,
    "cause": (
        "Number of the cause; `all`: what all of them do together; `membership`: who is counted at all, the program's "
        "people instead of everybody."
    ),
    "path": "What the cause touches.",
    "sentence": "What it says, in plain words.",
    "subjects": "How many subjects are compared.",
    "moved": "How many of them end up elsewhere by this cause only (with no other change).",
    **{
        f"{name}_{way}": f"How many of these {'come into' if way == 'in' else 'leave'} the {name.replace('_', ' ')}."
        for name in POPULATIONS
        for way in ("in", "out")
    },
    "rate_before": "The rate of these subjects as `against` has it; empty where the rate is no proportion.",
    "rate_after": "Their rate with this cause only.",
    "points": "The difference in percentage points.",
    "rate_without": "Their rate as the program has it, but without this cause.",
    "alone": "Of the people whose outcome differs: for how many this cause alone is responsible, and no other set.",
    "one_of_several": "For how many it is in one of several responsible sets.",
    "together": "For how many it is in the only responsible set, with other causes.",
}
#: Columns of the table of agreement, with what they hold.
AGREEMENT_COLUMNS: Mapping[str, str] = {
    **_WHICH,
    "subjects": "How many subjects are compared.",
    "in_either": "How many of them are in the denominator of one of the two, or of both.",
    "same": "How many of those end up in the same place.",
    "agreement": "same ÷ in_either; empty when nobody is in either denominator.",
    "rate_before": "The rate of the subjects as `against` has it; empty where the rate is no proportion.",
    "rate_after": "Their rate as the program has it.",
    "points": "The difference in percentage points.",
}


@dataclass(frozen=True)
class Divergence:
    """Whom it moves that programs mean the same measures differently, and which changes are responsible.

    ``notes`` are sentences on what could not be compared.
    """

    rates: tuple[RateDivergence, ...]
    subjects: Subjects
    notes: tuple[str, ...] = ()

    @cached_property
    def people(self) -> ResultTable:
        """One row per subject, rate and program whose outcome is another than that of ``against``."""
        parts = [_people(found, self.subjects) for found in self.rates if len(found.why)]
        table = pa.concat_tables(parts).unify_dictionaries() if parts else _NOBODY
        return ResultTable("divergence_people", table, PEOPLE_COLUMNS)

    @cached_property
    def counts(self) -> ResultTable:
        """One row per program, rate and cause; and one for all causes of a rate, and for who is counted at all."""
        rows = [_as_scored(found, row) for found in self.rates for row in _counts(found)]
        return ResultTable("divergence_counts", pa.Table.from_pylist(rows, schema=_COUNT_SCHEMA), COUNT_COLUMNS)

    @cached_property
    def agreement(self) -> ResultTable:
        """One row per program and rate: how many subjects end up in the same place."""
        rows = [_as_scored(found, _agreement(found)) for found in self.rates]
        return ResultTable(
            "divergence_agreement", pa.Table.from_pylist(rows, schema=_AGREEMENT_SCHEMA), AGREEMENT_COLUMNS
        )

    @cached_property
    def matrix(self) -> ResultTable:
        """The agreement as a matrix: a row per measure and rate, a column per program."""
        rows = self.agreement.to_dicts()
        programs = list(dict.fromkeys(str(row["program"]) for row in rows))
        lines: dict[tuple[object, object], dict[str, object]] = {}
        for row in rows:
            line = lines.setdefault((row["measure"], row["rate"]), {"measure": row["measure"], "rate": row["rate"]})
            line[str(row["program"])] = row["agreement"]
        schema = pa.schema([("measure", pa.string()), ("rate", pa.string()), *((p, pa.float64()) for p in programs)])
        told = {program: f"Share of subjects in the same place as {program} has them." for program in programs}
        columns = {"measure": _WHICH["measure"], "rate": _WHICH["rate"], **told}
        ordered = [lines[key] for key in sorted(lines, key=str)]
        return ResultTable("divergence_matrix", pa.Table.from_pylist(ordered, schema=schema), columns)

    @property
    def tables(self) -> tuple[ResultTable, ...]:
        """All tables."""
        return self.people, self.counts, self.agreement, self.matrix

    def write(self, folder: str | Path) -> list[Path]:
        """Write all tables (Parquet and CSV) into ``folder``; returns the paths."""
        return [path for table in self.tables for path in table.write(folder)]

    def __repr__(self) -> str:
        lines = [f"Divergence of {len(self.rates)} rates: {len(self.people):,} outcomes differ"]
        for row in self.agreement.to_dicts():
            share = "     –" if row["agreement"] is None else f"{100 * float(str(row['agreement'])):5.1f} %"
            name = f"{row['measure']}/{row['rate']}"
            lines.append(f"  {row['program']:<26} {name:<22} {share} the same  (of {row['in_either']})")
        return "\n".join([*lines, *(f"  {note}" for note in self.notes), "  .people .counts .agreement .matrix"])


def not_compared(variants: Sequence[Variant], against: str) -> Iterator[str]:
    """What a program measures and ``against`` does not, and what ``against`` measures otherwise: in sentences."""
    others = {variant.measure.measure: variant.measure for variant in variants if variant.program == against}
    for variant in variants:
        if variant.program in (against, CANONICAL):
            continue
        key = variant.measure.measure
        if key not in others:
            yield f"{against} does not measure {key}, which {variant.program} does."
            continue
        own, other = ({rate.id for rate in measure.rates} for measure in (variant.measure, others[key]))
        for one, program, without in ((own - other, variant.program, against), (other - own, against, variant.program)):
            if one:
                yield f"{without} does not count {key}/{f', {key}/'.join(sorted(one))}, which {program} does."


# --- people ----------------------------------------------------------------------------------------------------------


def _people(found: RateDivergence, subjects: Subjects) -> pa.Table:
    contrast = found.toggled.contrast
    count = len(found.why)
    answers = [_answer(one.responsible, one.undone_by, contrast) for one in found.responsibilities]
    person = subjects.person_id.take(pa.array(found.person)).cast(pa.string())
    event = person if found.event is None else subjects.event_id.take(pa.array(found.event)).cast(pa.string())
    columns: dict[str, pa.Array] = {
        "person_id": person,
        "subject_id": event,
        **{name: _words(np.zeros(count, np.int64), [value]) for name, value in _names(found).items()},
        "member": pa.array(found.member),
        "before": _words(found.before, CATEGORIES),
        "after": _words(found.after, CATEGORIES),
        **{name: _words(found.why, [answer[name] for answer in answers]) for name in _ANSWER},
        "search": _words(np.zeros(count, np.int64), ["all sets" if found.toggled.exact else "small sets"]),
    }
    return pa.table({name: columns[name] for name in PEOPLE_COLUMNS})


_ANSWER = ("how", "causes", "undone_by", "responsible")
_NOBODY = pa.table({
    name: pa.array([], pa.bool_() if name == "member" else pa.string()) for name in PEOPLE_COLUMNS
})  # fmt: skip


def _words(codes: Ints, words: Sequence[str]) -> pa.DictionaryArray:
    """The words that ``codes`` number, each different word once in the dictionary."""
    different = list(dict.fromkeys(words))
    place = np.array([different.index(word) for word in words], dtype=np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(place[codes]), pa.array(different, pa.string()))


def _answer(responsible: CauseSets, undone_by: CauseSets, contrast: Contrast) -> dict[str, str]:
    spoken = [", together with: ".join(contrast.causes[place].sentence for place in some) for some in responsible]
    return {
        "how": _how(responsible),
        "causes": _numbered(responsible),
        "undone_by": _numbered(undone_by),
        "responsible": "; or: ".join(spoken),
    }


def _how(responsible: CauseSets) -> str:
    if len(responsible) == 1:
        return "alone" if len(responsible[0]) == 1 else "together"
    return "each alone" if all(len(some) == 1 for some in responsible) else "several ways"


def _numbered(sets: CauseSets) -> str:
    return " ".join("+".join(str(place + 1) for place in some) for some in sets)


def _names(found: RateDivergence) -> dict[str, str]:
    contrast = found.toggled.contrast
    return {
        "program": contrast.after.variant.program,
        "against": contrast.before.variant.program,
        "measure": contrast.after.variant.measure.measure,
        "rate": found.toggled.rate,
    }


# --- counts ----------------------------------------------------------------------------------------------------------


def _counts(found: RateDivergence) -> Iterator[dict[str, object]]:
    names = _names(found)
    compared = found.tally.sum(axis=1)
    if found.everybody.sum() != compared.sum() and names["against"] == CANONICAL:
        yield {**names, "cause": MEMBERSHIP, "path": MEMBERSHIP, "sentence": _MEMBERSHIP, **_of_members(found)}
    told = "All of these together" if found.toggled.causes else "Nothing differs"
    yield {**names, "cause": ALL, "path": "", "sentence": told, **_moves(found.tally)}
    for bit, place in enumerate(found.toggled.causes):
        cause: Cause = found.toggled.contrast.causes[place]
        without = found.with_all_but[bit].sum(axis=0)
        yield {
            **names, "cause": str(place + 1), "path": cause.path, "sentence": cause.sentence,
            **_moves(found.with_only[bit]), "rate_without": _rate(without), **_share(found, place),
        }  # fmt: skip


_MEMBERSHIP = "The program counts its own people, not everybody"


def _moves(tally: Ints) -> dict[str, object]:
    """What a tally of categories before and after says of populations and rates."""
    counts: dict[str, object] = {}
    for name in POPULATIONS:
        inside = np.isin(np.arange(len(CATEGORIES)), CATEGORIES_IN[name])
        counts[f"{name}_in"] = int(tally[~inside][:, inside].sum())
        counts[f"{name}_out"] = int(tally[inside][:, ~inside].sum())
    moved = int(tally.sum() - np.trace(tally))
    return {"subjects": int(tally.sum()), "moved": moved, **counts, **_rates(tally.sum(axis=1), tally.sum(axis=0))}


def _of_members(found: RateDivergence) -> dict[str, object]:
    """Canonical over everybody, and over the program's people: nobody comes in, and others leave."""
    here = found.tally.sum(axis=1)
    gone = found.everybody - here
    counts: dict[str, object] = {}
    for name in POPULATIONS:
        counts |= {f"{name}_in": 0, f"{name}_out": int(gone[list(CATEGORIES_IN[name])].sum())}
    rates = _rates(found.everybody, here)
    return {"subjects": int(found.everybody.sum()), "moved": int(gone[1:].sum()), **counts, **rates}


def _rates(before: Ints, after: Ints) -> dict[str, object]:
    old, new = _rate(before), _rate(after)
    points = None if old is None or new is None else 100 * (new - old)
    return {"rate_before": old, "rate_after": new, "points": points}


def _rate(counts: Ints) -> float | None:
    below, above = (int(counts[list(CATEGORIES_IN[name])].sum()) for name in ("below", "above"))
    return above / below if below else None


def _as_scored(found: RateDivergence, row: dict[str, object]) -> dict[str, object]:
    """The row without rates where the measure's value is no proportion: who is counted does not say what it is."""
    if found.toggled.contrast.after.variant.measure.scoring == "proportion":
        return row
    return {name: None if name in _RATES else value for name, value in row.items()}


def _share(found: RateDivergence, place: int) -> dict[str, object]:
    """For how many subjects a cause is responsible alone, as one of several, or with others."""
    number = np.bincount(found.why, minlength=len(found.responsibilities)).tolist()
    shares = {"alone": 0, "one_of_several": 0, "together": 0}
    for one, count in zip(found.responsibilities, number, strict=True):
        if any(place in some for some in one.responsible):
            how = _how(one.responsible)
            shares[how if how in shares else "one_of_several"] += count
    return dict(shares)


def _agreement(found: RateDivergence) -> dict[str, object]:
    tally = found.tally
    inside = np.isin(np.arange(len(CATEGORIES)), CATEGORIES_IN["denominator"])
    either = int(tally.sum() - tally[~inside][:, ~inside].sum())
    same = int(np.trace(tally[inside][:, inside]))
    return {
        **_names(found), "subjects": int(tally.sum()), "in_either": either, "same": same,
        "agreement": same / either if either else None, **_rates(tally.sum(axis=1), tally.sum(axis=0)),
    }  # fmt: skip


def _schema(columns: Mapping[str, str]) -> pa.Schema:
    text = {*_WHICH, "cause", "path", "sentence"}
    share = {*_RATES, "agreement"}
    return pa.schema(
        [(name, pa.string() if name in text else pa.float64() if name in share else pa.int64()) for name in columns]
    )


_COUNT_SCHEMA, _AGREEMENT_SCHEMA = _schema(COUNT_COLUMNS), _schema(AGREEMENT_COLUMNS)

__all__ = ["AGREEMENT_COLUMNS", "COUNT_COLUMNS", "PEOPLE_COLUMNS", "Divergence", "not_compared"]
