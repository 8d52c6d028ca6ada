"""Which value sets measures use, what is there of each, and which rates cannot do without it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa

from measureharmony.measures.measure import Measure
from measureharmony.measures.value_set_needs import ValueSetNeeds
from measureharmony.payers.variant import Variant
from measureharmony.reports.tables import ResultTable
from measureharmony.value_sets import ValueSet, ValueSets

#: Columns of the table of value sets, with what they hold.
COLUMNS: Mapping[str, str] = {
    "measure": "Key of the measure.",
    "value_set": "Name of a value set that some version of the measure uses.",
    "title": "What its publisher calls it.",
    "oid": "Its published object identifier, if it has one.",
    "state": "`complete`, `partial` (some of its codes are there) or `missing` (none is).",
    "codes": "How many codes are there; beginnings, such as `E11.*`, count as one.",
    "source": "`shipped`, or the loaded file.",
    "version": "Which version of the set the file gives.",
    "indispensable_for": "Rates that cannot do without it, blank-separated.",
    "populations": "Populations of those rates that need it, blank-separated.",
    "programs": "Whose versions of the measure use it, blank-separated; `canonical` is the measure's own.",
    "note": "Why not all codes are there, where the file says so.",
}
_ABSENT = ValueSet("", "", "", frozenset(), completeness="none")


def value_set_states(variants: Sequence[Variant], value_sets: ValueSets) -> ResultTable:
    """One row for each measure of ``variants`` and each value set that one of its versions uses."""
    needs = ValueSetNeeds(value_sets.codeless)
    uses: dict[tuple[str, str], dict[str, dict[str, None]]] = {}
    for variant in variants:
        for name, rates, populations in _used(variant.measure, needs):
            use = uses.setdefault((variant.measure.measure, name), {"rates": {}, "populations": {}, "programs": {}})
            use["rates"].update(dict.fromkeys(rates))
            use["populations"].update(dict.fromkeys(populations))
            use["programs"][variant.program] = None
    order = {measure: place for place, (measure, _) in enumerate(reversed(uses))}
    keys = sorted(uses, key=lambda key: (-order[key[0]], key[1]))
    rows = [_row(*key, value_sets.get(key[1], _ABSENT), uses[key]) for key in keys]
    return ResultTable("value_sets", pa.Table.from_pylist(rows, schema=SCHEMA), COLUMNS)


def _used(measure: Measure, needs: ValueSetNeeds) -> Iterator[tuple[str, list[str], list[str]]]:
    """Each value set that a measure uses, the rates that cannot do without it, and their populations that need it."""
    needed = {rate.id: needs.indispensable(needs.parts(measure, rate)) for rate in measure.rates}
    for name in sorted(needs.read(measure, (measure.subject, measure.populations, measure.rates, measure.strata))):
        rates = [rate for rate, sets in needed.items() if name in sets]
        yield name, rates, [population for rate in rates for population in needed[rate][name]]


def _row(measure: str, name: str, value_set: ValueSet, use: Mapping[str, Mapping[str, None]]) -> dict[str, str | int]:
    return {
        "measure": measure,
        "value_set": name,
        "title": value_set.title,
        "oid": value_set.oid,
        "state": value_set.state,
        "codes": len(value_set.codes) + len(value_set.patterns),
        "source": value_set.source,
        "version": value_set.version,
        "indispensable_for": " ".join(use["rates"]),
        "populations": " ".join(use["populations"]),
        "programs": " ".join(use["programs"]),
        "note": value_set.note,
    }


SCHEMA = pa.schema([(name, pa.int64() if name == "codes" else pa.string()) for name in COLUMNS])

__all__ = ["COLUMNS", "value_set_states"]
