"""The engines that every example of the spec language runs on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest

from measureharmony.evaluation.reference.codes import LoadedCodes
from measureharmony.evaluation.reference.interpreter import Interpreter
from measureharmony.evaluation.reference.record import PersonRecord
from measureharmony.payers.variant import Variant
from tests.criteria import kernels
from tests.criteria.example import VALUE_SETS, Evaluate, Outcomes


def _reference(variant: Variant, records: Sequence[PersonRecord], as_of: dt.date | None = None) -> Outcomes:
    interpreter = Interpreter(variant, LoadedCodes(VALUE_SETS), as_of)
    return {record.person_id: interpreter.outcome(record) for record in records}


ENGINES: dict[str, Evaluate] = {"reference": _reference, "kernels": kernels.outcomes}


@pytest.fixture(params=ENGINES)
def evaluate(request: pytest.FixtureRequest) -> Evaluate:
    """Outcomes of a variant over some people, as one engine sees them."""
    return ENGINES[request.param]
