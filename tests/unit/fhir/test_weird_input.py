"""Whatever a bundle holds, reading never fails on it, and the accounts add up (law 6)."""

from __future__ import annotations

import json
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from measureharmony.errors import DataError
from measureharmony.practice.contract import TABLES
from measureharmony.practice.fhir import read_fhir_resources
from tests.unit.fhir.bundles import LOINC, QICORE, assert_accounts_add_up, bundle, concept, patient, resource

_PERIOD = {"start": "2026-01-01", "end": "2026-02-01T10:00:00Z"}
_REF = {"reference": "Encounter/e1", "display": "x"}
_AGE = {"value": 40, "code": "a"}
_REPEAT = {"frequency": 1, "period": 1, "periodUnit": "d", "boundsPeriod": _PERIOD, "timeOfDay": ["08:00"]}
_DOSAGE = [{"timing": {"repeat": _REPEAT}, "doseAndRate": [{"doseQuantity": _AGE, "doseRange": {"high": _AGE}}]}]
_BOUNDED = [
    {"timing": {"repeat": {"boundsDuration": {"value": 30, "code": "d"}}}},
    {"timing": {"repeat": {"boundsRange": {"low": {"value": 1, "unit": "h"}, "high": _AGE}}}},
    {"timing": {"repeat": {"boundsPeriod": _PERIOD}}},
]
_ITEM = {
    "sequence": 1,
    "productOrService": concept("1"),
    "encounter": [_REF],
    "diagnosisSequence": [1],
    "informationSequence": [1],
    "servicedPeriod": _PERIOD,
    "adjudication": [{"category": concept("eligible"), "amount": _AGE}],
}

#: One resource of every kind that the reader converts, with most of the elements it looks at.
RESOURCES = [
    patient(name=[{"given": ["A"], "family": "B"}], extension=[{"url": "x", "extension": [{"url": "y"}]}]),
    resource(
        "Encounter",
        "e1",
        type=[concept("1")],
        period=_PERIOD,
        reasonReference=[_REF, {"reference": "Condition/c1"}],
        diagnosis=[{"condition": {"reference": "Condition/c1"}}],
        location=[{"location": {"reference": "Location/l1"}}],
        **{"class": {"code": "AMB"}},
    ),
    resource(
        "Condition", "c1", code=concept("1"), clinicalStatus=concept("active"), onsetAge=_AGE, abatementPeriod=_PERIOD
    ),
    resource(
        "Observation",
        "o1",
        QICORE + "qicore-observation-lab",
        component=[{"code": concept("2"), "valueQuantity": _AGE}],
    ),
    resource("Observation", "o2", code=concept("85354-9", system=LOINC), category=[concept("a")], valueQuantity=_AGE),
    resource(
        "Procedure", "x1", performedRange={"low": _AGE, "high": _AGE}, statusReason=concept("1"), status="not-done"
    ),
    resource("Immunization", "i1", vaccineCode=concept("1"), performer=[{"actor": _REF}]),
    resource("AllergyIntolerance", "a1", onsetPeriod=_PERIOD, category=["food"], lastOccurrence="2026-01-01"),
    resource("AdverseEvent", "f1", event=concept("1"), date="2026-01-01"),
    resource("Location", "l1", type=[concept("1")]),
    resource("MedicationRequest", "m4", authoredOn="2026-01-01T10:00:00Z", dosageInstruction=_BOUNDED),
    resource(
        "MedicationRequest",
        "m1",
        dosageInstruction=_DOSAGE,
        dispenseRequest={"quantity": _AGE, "numberOfRepeatsAllowed": 2},
    ),
    resource("MedicationDispense", "m2", dosageInstruction=_DOSAGE, quantity=_AGE, whenHandedOver="2026-01-01"),
    resource(
        "MedicationRequest",
        "m3",
        medicationReference={"reference": "#z"},
        contained=[{"id": "z", "code": concept("1")}],
    ),
    resource("ServiceRequest", "s1", basedOn=[_REF], modifierExtension=[{"url": QICORE + "qicore-doNotPerform"}]),
    resource("Task", "t1", focus=_REF, executionPeriod=_PERIOD),
    resource("Coverage", "k1", payor=[_REF], period=_PERIOD, type=concept("PPO")),
    resource(
        "Claim",
        "b1",
        item=[_ITEM],
        diagnosis=[
            {"sequence": 1, "diagnosisReference": {"reference": "Condition/c1"}, "type": [concept("principal")]}
        ],
        supportingInfo=[{"sequence": 1}],
    ),
    resource("ExplanationOfBenefit", "b2", claim={"reference": "Claim/b1"}, item=[_ITEM], billablePeriod=_PERIOD),
    resource("Practitioner", "d1", name=[{"family": "C"}], identifier=[{"system": "s", "value": "v"}]),
]

WEIRD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", " ", "#", "/", "urn:uuid:", "2026", "2026-02-30", "9999-12-31", "0001-01-01", "a", "Ünïcödé"]),
    st.text(st.characters(codec="utf-8"), max_size=12),
    st.builds(list),
    st.builds(dict),
    st.builds(lambda: [None, 1, "x", [], {}]),
    st.builds(lambda: {"coding": "x", "value": [], "reference": 1, "start": {}, "url": None}),
)


def _places(value: Any) -> list[tuple[Any, Any]]:
    """(container, key) of everything inside ``value``."""
    inside = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    return [place for key, child in inside for place in [(value, key), *_places(child)]]


@given(st.data())
def test_a_mutated_bundle_never_fails_and_is_accounted_for(data: st.DataObject) -> None:
    content = json.loads(json.dumps(bundle(*RESOURCES, kind=data.draw(st.sampled_from(["collection", "batch"])))))
    for _ in range(data.draw(st.integers(1, 12))):
        places = _places(content["entry"])
        container, key = places[data.draw(st.integers(0, len(places) - 1))]
        container[key] = data.draw(WEIRD)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "b.json"
        file.write_text(json.dumps(content), encoding="utf-8")
        found = read_fhir_resources(file)
    assert_accounts_add_up(found)
    assert sum(found.accounts["rows_in"].to_pylist()) == len(RESOURCES)
    for name, table in found.tables.items():
        assert table.column_names == [*(c.name for c in TABLES[name].columns), "_file", "_row"]
    events = found.tables["event"]["event_id"].to_pylist()
    assert len(set(events)) == len(events)


@given(st.binary(max_size=200) | st.text(st.sampled_from('{}[]",:0a\\ue'), max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    for name in ("b.json", "b.ndjson", "b.json.gz", "b.ndjson.gz"):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / name
            file.write_bytes(content)
            with suppress(DataError):  # a file that cannot be read at all is refused
                assert_accounts_add_up(read_fhir_resources(file))
