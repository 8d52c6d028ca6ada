"""Two versions of measures compared by what they mean: the list of differences along the axes of the catalogue."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import orjson
import pyarrow as pa

from measureharmony.comparison.contracts import Sides, contract_differences
from measureharmony.comparison.difference import AxisDifference, ordered
from measureharmony.comparison.measures import measure_differences
from measureharmony.comparison.version import Specs, Version, version_of
from measureharmony.errors import UsageError
from measureharmony.payers import CANONICAL
from measureharmony.reports.tables import ResultTable

COLUMNS: Mapping[str, str] = {
    "before": "the version compared with",
    "after": "the version compared",
    "measure": "the measure; empty where the contracts differ for every measure",
    "axis": "what the difference is about",
    "subject": "the part of the measure that differs",
    "populations": "the populations touched, separated by spaces",
    "rates": "the rates touched, separated by spaces; empty: every rate",
    "before_value": "the value before, as JSON",
    "after_value": "the value after, as JSON",
    "before_words": "the value before, in words",
    "after_words": "the value after, in words",
    "sentence": "the difference in one sentence",
    "effective": "from when the changes behind it count, separated by spaces",
    "status": "the status of the changes behind it, separated by spaces",
    "sources": "where it comes from: document, page and date",
}


@dataclass(frozen=True)
class Comparison:
    """What differs between two versions, ``before`` and ``after``, of the ``measures`` that both have.

    ``only_before`` and ``only_after`` are the measures that one of two programs does not have.
    """

    before: str
    after: str
    measures: tuple[str, ...]
    differences: tuple[AxisDifference, ...]
    only_before: tuple[str, ...] = ()
    only_after: tuple[str, ...] = ()

    def of(self, measure: str) -> tuple[AxisDifference, ...]:
        """The differences of one measure, without those of the contracts."""
        return tuple(one for one in self.differences if one.measure == measure)

    @property
    def of_contract(self) -> tuple[AxisDifference, ...]:
        """The differences that hold for every measure."""
        return self.of("")

    @property
    def table(self) -> ResultTable:
        """One row for each difference."""
        rows = [self._row(one) for one in self.differences]
        schema = pa.schema([(name, pa.string()) for name in COLUMNS])
        return ResultTable("differences", pa.Table.from_pylist(rows, schema=schema), COLUMNS)

    def _row(self, one: AxisDifference) -> dict[str, str]:
        status = dict.fromkeys(cited.status for cited in one.citations if cited.status)
        return {
            "before": self.before,
            "after": self.after,
            "measure": one.measure,
            "axis": str(one.axis),
            "subject": one.subject,
            "populations": " ".join(one.populations),
            "rates": " ".join(one.rates),
            "before_value": orjson.dumps(one.before).decode(),
            "after_value": orjson.dumps(one.after).decode(),
            "before_words": one.before_words,
            "after_words": one.after_words,
            "sentence": one.sentence,
            "effective": " ".join(map(str, one.effective)),
            "status": " ".join(status),
            "sources": "; ".join(map(str, one.citations)),
        }

    def to_dict(self) -> dict[str, object]:
        """As plain data."""
        return {
            "before": self.before,
            "after": self.after,
            "measures": list(self.measures),
            "only_before": list(self.only_before),
            "only_after": list(self.only_after),
            "differences": [one.to_dict() for one in self.differences],
        }

    def to_json(self) -> str:
        """As a JSON object."""
        return orjson.dumps(self.to_dict(), option=orjson.OPT_INDENT_2).decode()

    def __repr__(self) -> str:
        head = f"{self.after} compared with {self.before}: {len(self.differences)} differences"
        lines = [f"  {one.measure or 'contract':<10} {one.axis:<14} {one.sentence}" for one in self.differences]
        return "\n".join([head, *lines])


def compare(
    specs: Specs,
    before: str | Version,
    after: str | Version,
    *,
    measures: Iterable[str] | None = None,
    year: int | None = None,
    as_of: dt.date | None = None,
) -> Comparison:
    """What is different in ``after``, set against ``before``; nothing where two specs only read differently.

    Each is a program's key, ``canonical``, or the canonical measures of an edition: ``canonical@2025``; or what
    :func:`~measureharmony.comparison.version.version_of` gives for such a name, to compare it more than once.
    ``measures``: only these; left out, all that both have. ``year`` is the measurement year; changes count that are
    effective by its end, or by ``as_of`` where that is earlier. :class:`UsageError` for a name or measure that is not
    there.
    """
    old = version_of(specs, before, year, as_of) if isinstance(before, str) else before
    new = version_of(specs, after, year, as_of, old) if isinstance(after, str) else after
    common = [key for key in new.keys if key in old.keys]
    chosen = _chosen(list(measures or ()), common, old, new)
    found: dict[tuple[str, str], AxisDifference] = {}
    for key in chosen:
        sides = Sides(old, new, old.of(key), new.of(key), key)
        for one in (*contract_differences(sides), *measure_differences(sides)):
            found.setdefault((one.measure, one.sentence), one)
    lacking = measures is None and not any(side.name.partition("@")[0] == CANONICAL for side in (old, new))
    only = [tuple(key for key in a.keys if key not in b.keys) if lacking else () for a, b in ((old, new), (new, old))]
    return Comparison(old.name, new.name, tuple(chosen), ordered(found.values()), only[0], only[1])


def _chosen(wanted: list[str], common: list[str], old: Version, new: Version) -> list[str]:
    known = {*old.specs.canonical.measures, *old.keys, *new.keys}
    for key in wanted:
        if key not in known:
            raise UsageError(f"There is no measure {key}. There are: {', '.join(sorted(known))}.")
        if key not in common:
            without = [side.name for side in (old, new) if key not in side.keys]
            raise UsageError(
                f"{' and '.join(without)} {'does' if len(without) == 1 else 'do'} not have the measure {key}."
            )
    return list(dict.fromkeys(wanted)) or common


__all__ = ["COLUMNS", "Comparison", "compare"]
