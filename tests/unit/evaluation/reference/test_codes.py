"""What code references mean."""

from __future__ import annotations

import pytest

from measureharmony.evaluation.reference.codes import LoadedCodes
from measureharmony.measures.names import CodeRef
from tests.criteria.example import LOINC, SNOMED, VALUE_SETS

CODES = LoadedCodes(VALUE_SETS)


@pytest.mark.parametrize(("reference", "system", "code", "meant"), [
    ("mammogram", LOINC, "M-1", True),
    ("mammogram", SNOMED, "M-1", False),
    ("mammogram", None, "M-1", False),
    ("mammogram", "urn:oid:2.16.840.1.113883.6.1", "M-1", True),
    ("diabetes", SNOMED, "D-29", True),
    ("diabetes", SNOMED, "D-3", False),
    ("LOINC|4548-4", LOINC, "4548-4", True),
    ("LOINC|4548-4", LOINC, "4549-2", False),
    ("LOINC|4548-4", None, "4548-4", False),
    ("*|EMER", None, "EMER", True),
    ("*|EMER", "urn:whatever", "EMER", True),
    ("*|EMER", None, "AMB", False),
])  # fmt: skip
def test_membership(reference: str, system: str | None, code: str, meant: bool) -> None:
    assert CODES.members(CodeRef(reference))(system, code) is meant


def test_an_unknown_value_set_is_an_error() -> None:
    with pytest.raises(KeyError):
        CODES.members(CodeRef("nonsense"))
