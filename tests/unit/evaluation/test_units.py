"""UCUM conversion, as far as results in medicine need it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from measureharmony.evaluation.units import METRIC_ATOMS, PLAIN_ATOMS, conversion, convert, factor, parse


@pytest.mark.parametrize(("value", "from_unit", "to_unit", "expected"), [
    (7.2, "%", "%", 7.2),
    (0.09, "", "%", 9.0),
    (0.09, "1", "%", 9.0),
    (9.0, "%", "1", 0.09),
    (5.6, "g/L", "mg/dL", 560.0),
    (5, "mmol/L", "umol/mL", 5.0),
    (16, "kPa", "mm[Hg]", 120.010200867),
    (140, "mm[Hg]", "mm[Hg]", 140.0),
    (150, "[lb_av]", "kg", 68.0388555),
    (70, "[in_i]", "cm", 177.8),
    (98.6, "[degF]", "Cel", 37.0),
    (310.15, "K", "[degF]", 98.6),
    (1, "10*3/uL", "/uL", 1000.0),
    (5, "10*9/L", "10^3/uL", 5.0),
    (5, "[IU]/L", "m[iU]/mL", 5.0),
    (3, "mL/min/{1.73_m2}", "L/min", 0.003),
    (5, "{score}", "1", 5.0),
    (30, "kg/m2", "g/cm2", 3.0),
    (3, "mg/(kg.d)", "mg/kg/d", 3.0),
    (3, "m.s-1", "m/s", 3.0),
    (2, "years", "mo", 24.0),
    (2, "week", "d", 14.0),
    (48, "mmol/mol", "umol/mol", 48000.0),
])  # fmt: skip
def test_equal_dimensions_convert(value: float, from_unit: str, to_unit: str, expected: float) -> None:
    assert convert(value, from_unit, to_unit) == expected


@pytest.mark.parametrize(("from_unit", "to_unit"), [
    ("mm[Hg]", "kg"),
    ("%", "mg/dL"),
    ("mmol/L", "mg/dL"),
    ("mmol/L", "meq/L"),
    ("[IU]/L", "g/L"),
    ("Cel", "s"),
    ("percent", "%"),
    ("mmHg", "mm[Hg]"),
    ("MG/DL", "mg/dL"),
    ("g/", "g"),
    ("g)", "g"),
    ("(g", "g"),
    ("g..L", "g.L"),
    ("0g", "g"),
    ("g L", "g.L"),
    ("{unclosed", "1"),
])  # fmt: skip
def test_different_dimensions_and_unknown_units_do_not(from_unit: str, to_unit: str) -> None:
    assert convert(1, from_unit, to_unit) is None
    assert factor(from_unit, to_unit) is None


def test_a_ratio_of_moles_is_no_percentage() -> None:
    # 48 mmol/mol of HbA1c (IFCC) is 6.5 % (NGSP); plain UCUM would make it 4.8 %.
    assert convert(48, "mmol/mol", "%") is None


def test_a_unit_nobody_understands_converts_to_itself() -> None:
    assert convert(3.0, "furlong", "furlong") == 3.0


def test_only_products_have_a_factor() -> None:
    assert factor("g/L", "mg/dL") == 100.0
    assert factor("Cel", "[degF]") is None
    assert factor("Cel", "Cel") == 1.0


def test_columns_convert_to_what_single_values_convert_to() -> None:
    values = np.array([98.6, 100.04, np.nan])
    to_celsius = conversion("[degF]", "Cel")
    assert to_celsius is not None
    column = to_celsius.apply(values)
    assert column[:2].tolist() == [convert(98.6, "[degF]", "Cel"), convert(100.04, "[degF]", "Cel")]
    assert np.isnan(column[2])


@given(st.floats(-1e6, 1e6), st.sampled_from(["mg/dL", "g/L", "kg/m3", "ug/uL"]), st.sampled_from(["mg/dL", "kg/L"]))
def test_one_value_and_a_column_of_it_round_alike(value: float, from_unit: str, to_unit: str) -> None:
    found = conversion(from_unit, to_unit)
    assert found is not None
    assert found.apply(np.array([value])).tolist() == [convert(value, from_unit, to_unit)]


@given(st.text(alphabet="gLmol/.()[]{}%10*-+23 IU'", max_size=12))
def test_any_text_is_a_unit_or_not_understood(text: str) -> None:
    unit = parse(text)
    assert unit is None or unit.scale > 0


def test_every_unit_converts_to_itself_and_carries_a_remark() -> None:
    for symbol in (*METRIC_ATOMS, *PLAIN_ATOMS):
        assert parse(symbol) is not None, symbol
        assert convert(2.5, f"{symbol}{{remark}}", symbol) == 2.5
