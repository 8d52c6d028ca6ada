"""The summary in the terminal: no number is cut off at 80 columns, however many people there are."""

from __future__ import annotations

from io import StringIO

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from rich.console import Console

from measureharmony.harmonize import demo_practice, evaluate
from measureharmony.reports.results import Results
from measureharmony.reports.summary import summary
from measureharmony.reports.tables import ResultTable
from measureharmony.specs import load_specs


@pytest.fixture(scope="module")
def results() -> Results:
    return evaluate(demo_practice(40), load_specs(), programs=["canonical"], measures=["bcs", "col"])


def times(rates: pa.Table, factor: int) -> pa.Table:
    """The rates of so many times as many people."""
    for name in ("above", "below", "denominator_exclusion"):
        at = rates.column_names.index(name)
        rates = rates.set_column(at, rates.schema.field(name), pc.multiply(rates[name], factor))
    return rates


@pytest.mark.parametrize("factor", [1, 100_000])
def test_no_number_is_cut_off(results: Results, factor: int, monkeypatch: pytest.MonkeyPatch) -> None:
    many = ResultTable("rates", times(results.rates.arrow, factor), {})
    monkeypatch.setitem(results.__dict__, "rates", many)
    screen = Console(file=StringIO(), width=80)
    screen.print(summary(results, {}))
    shown = screen.file.getvalue()  # type: ignore[attr-defined]
    for row in many.to_dicts():
        if not row["stratum"]:
            assert f"{row['above']} of {row['below']}" in shown
            assert str(int(str(row["below"])) - int(str(row["above"]))) in shown
    assert max(map(len, shown.splitlines())) <= 80
