"""Night after night, evaluating only what has changed gives the very table that evaluating everything gives."""

from __future__ import annotations

import datetime as dt
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from measureharmony.incremental import ToEvaluate, evaluate_changes
from measureharmony.measures.library import Library
from measureharmony.payers import Programs, Variant
from measureharmony.preparing import Prepared
from measureharmony.specs import Specs
from measureharmony.value_sets import ValueSet, ValueSets
from tests.generative.budget import examples
from tests.generative.practices import AS_OF, LOINC, SNOMED, VALUE_SETS, Row, Tables, practices, read
from tests.generative.variants import program_variants

_OTHER_CODES = frozenset({(LOINC, "A2"), (SNOMED, "A1")})
#: The value sets, and others in which one set has other codes.
CODES = st.sampled_from((
    VALUE_SETS, VALUE_SETS, VALUE_SETS, VALUE_SETS.overlaid([ValueSet("alpha", "", "", _OTHER_CODES)]),
))  # fmt: skip


@dataclass(frozen=True)
class Night:
    tables: Tables
    variants: list[Variant]
    value_sets: ValueSets
    as_of: dt.date | None
    everybody: bool

    def prepared(self) -> Prepared:
        specs = Specs(Library(), Programs({}, {}), self.value_sets)
        return Prepared(specs, tuple(self.variants), 2026, None, self.as_of, frozenset(), frozenset())


@st.composite
def nights(draw: st.DrawFn) -> list[Night]:
    """A night, and others in which some of the people, variants, value sets or terms are other ones."""
    tables, variants = draw(practices(max_people=5)), draw(program_variants().filter(_all_different))
    as_of, everybody = draw(AS_OF), draw(st.booleans())
    found = [Night(tables, variants, VALUE_SETS, as_of, everybody)]
    for _ in range(draw(st.integers(1, 2))):
        tables = draw(changed_practices(tables))
        if draw(st.integers(0, 3)) == 0:
            others = draw(program_variants().filter(_all_different))
            variants = [*variants[:1], *(one for one in others if one.id != variants[0].id)]
        if draw(st.integers(0, 9)) == 0:
            as_of, everybody = draw(AS_OF), draw(st.booleans())
        found.append(Night(tables, variants, draw(CODES), as_of, everybody))
    return found


def _all_different(variants: list[Variant]) -> bool:
    return len({variant.id for variant in variants}) == len(variants)


@st.composite
def changed_practices(draw: st.DrawFn, before: Tables) -> Tables:
    """Some people gone, some new, some with rows of somebody else's life; now and then one cell is another."""
    other = draw(practices(max_people=6))
    ids = sorted({row["person_id"] for row in (*before["person"], *other["person"])})
    # Most people stay as they are, so that there is something to keep.
    fates = {person: draw(st.sampled_from(("same", "same", "same", "other", "gone"))) for person in ids}
    if set(fates.values()) == {"gone"} or not any(
        _exists(person, fate, before, other) for person, fate in fates.items()
    ):
        fates[before["person"][0]["person_id"]] = "same"
    found: Tables = {name: [] for name in before}
    for name in ("person", "coverage", "roster", "event"):
        for fate, tables in (("same", before), ("other", other)):
            found[name] += [dict(row) for row in tables[name] if fates[row["person_id"]] == fate]
    there = {row["event_id"] for row in found["event"]}
    found["event_code"] = [row for row in before["event_code"] if row["event_id"] in there]
    if found["event"] and draw(st.booleans()):
        draw(st.sampled_from(found["event"]))["start"] = "2026-06-30"
    return found


def _exists(person: str, fate: str, before: Tables, other: Tables) -> bool:
    rows: dict[str, list[Row]] = {"same": before["person"], "other": other["person"], "gone": []}
    return any(row["person_id"] == person for row in rows[fate])


@examples(1 / 12)
@given(nights())
def test_only_what_changed_equals_everything(some_nights: list[Night]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for night in some_nights:
            with read(night.tables) as practice:
                asked = ToEvaluate(practice, night.prepared(), night.everybody)
                outcomes, kept = evaluate_changes(asked, Path(folder))
                if night is not some_nights[0]:
                    everything = asked.outcomes(asked.variants)
                    assert outcomes.equals(everything)
                    assert as_file(outcomes) == as_file(everything)
                pq.write_table(outcomes, Path(folder, "outcomes.parquet"))
                kept.write(Path(folder))


def as_file(outcomes: pa.Table) -> bytes:
    written = pa.BufferOutputStream()
    pq.write_table(outcomes, written)
    return bytes(written.getvalue())
