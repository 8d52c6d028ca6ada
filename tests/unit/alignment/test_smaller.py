"""Whom a claim shows loses whatever can go, also where either of two alike can go and not both."""

from __future__ import annotations

from measureharmony.alignment.confirming import Engine, Seat
from measureharmony.alignment.finding import Side, smaller
from measureharmony.alignment.somebody import MadeEvent, Somebody
from measureharmony.alignment.versions import Versions
from tests.criteria.example import LOINC
from tests.unit.alignment.versions import SPECS, version


def glucose(number: int) -> MadeEvent:
    cells = {"event_id": str(number), "kind": "observation", "start": "2026-01-01", "source": "claim"}
    return MadeEvent({**cells, "code_system": LOINC, "code": "G-1"})


def test_of_many_alike_one_is_left() -> None:
    versions = Versions([version("{exists: {kind: observation, codes: [glucose]}}"), version("{sex: male}")])
    engine = Engine(SPECS, [versions])
    inside, outside = Seat(0, 0, "rate", "numerator"), Seat(0, 1, "rate", "numerator")
    coverage = ({"payer": "blue", "start": "2026-01-01", "end": ""},)
    shown = Somebody({"birth": "1980-01-01", "sex": "female"}, coverage, tuple(map(glucose, range(1, 7))))
    (found,) = smaller([Side(inside, outside, shown=shown, confirmed=True)], engine)
    assert found.shown is not None
    assert found.shown.person == {"birth": "1980-01-01"}
    assert found.shown.coverage == ()
    (event,) = found.shown.events
    assert event.cells.keys() == {"event_id", "kind", "start", "code_system", "code"}
