"""Conditions on one row of events: one key of a row filter after the other."""

from __future__ import annotations

from typing import Any

import pytest

from measureharmony.evaluation.reference.record import Event
from measureharmony.measures.event_set import RowFilter
from tests.criteria.example import LOINC, SNOMED, Evaluate, Example, event, person


def rows(covers: str, row_filter: str, kept: dict[str, Event], dropped: dict[str, Event]) -> list[Example]:
    """Two examples: which rows a filter keeps, and which it keeps under ``not`` (unknown is in neither)."""
    people = {name: (person(row, birth="1980-06-15"), True) for name, row in kept.items()}
    people |= {name: (person(row, birth="1980-06-15"), False) for name, row in dropped.items()}
    return [Example(covers, f"{{exists: {{kind: observation, where: {row_filter}}}}}", people)]


def undecided(covers: str, row_filter: str, unknown: dict[str, Event], birth: str = "unknown") -> list[Example]:
    """Rows that are kept neither by a filter nor by its opposite."""
    people = {name: (person(row, birth=birth), False) for name, row in unknown.items()}
    return [
        Example(covers, f"{{exists: {{kind: observation, where: {asked}}}}}", people)
        for asked in (row_filter, f"{{not: {row_filter}}}")
    ]


#: A quarter in a tablet, a tenth in a millilitre; of tablets that are both, the first counts.
STRENGTHS = """strengths: [{codes: 'LOINC|TAB', amount: 0.25}, {codes: ['LOINC|SOL'], amount: 0.1, per: mL},
                           {codes: 'LOINC|WEAK', amount: 0.001}]"""


def fill(quantity: float, code: str, **columns: Any) -> Event:
    """A supply for 60 days."""
    coding = {} if "codes" in columns else {"code": code}
    return event(quantity=quantity, **{"days_supply": 60.0, **coding, **columns})


EXAMPLES = [
    *rows("status", "{status: [final, amended]}", {"one of the words": event(status="amended")},
          {"another word": event(status="preliminary"), "not stated": event()}),
    *rows("status", "{status: [final, null]}", {"null accepts an empty cell": event()}, {"a word": event(status="x")}),
    *rows("status", "{not: {status: final}}", {"not stated is no unknown": event()}, {"final": event(status="final")}),
    *rows("intent", "{intent: order}", {"order": event(intent="order")}, {"plan": event(intent="plan")}),
    *rows("verification", "{verification: [confirmed, null]}", {"not stated": event()},
          {"refuted": event(verification="refuted")}),
    *rows("clinical_status", "{clinical_status: active}", {"active": event(clinical_status="active")},
          {"resolved": event(clinical_status="resolved")}),
    *rows("source", "{source: [claim, ehr]}", {"claim": event(source="claim")}, {"feed": event(source="payer_feed")}),
    *rows("type", "{type: [lab, simple]}",
          {"one of several": event(types=["lab", "other"]), "the source does not say": event()},
          {"another": event(types=["screening"])}),
    *rows("category", "{category: imaging}",
          {"imaging": event(categories=["imaging"]), "the source does not say": event()},
          {"the source says there is none": event(categories=["none"])}),
    *rows("coded", "{coded: {role: value, codes: [diabetes, 'SNOMED|P-9']}}",
          {"in the value set": event(codes={"value": [(SNOMED, "D-1")]}),
           "by its beginning": event(codes={"value": [(SNOMED, "D-27")]}),
           "the one code": event(codes={"value": [(LOINC, "no"), (SNOMED, "P-9")]})},
          {"another role": event(codes={"reason": [(SNOMED, "D-1")]}),
           "another system": event(codes={"value": [(LOINC, "D-1")]}),
           "no system": event(codes={"value": [(None, "D-1")]}), "no code": event()}),
    *rows("coded", "{coded: {role: class, codes: '*|EMER'}}",
          {"whatever the system": event(codes={"class": [("urn:x", "EMER")]}),
           "without a system": event(codes={"class": [(None, "EMER")]})},
          {"another code": event(codes={"class": [("urn:x", "AMB")]})}),
    *rows("coded", "{coded: {role: value, codes: diabetes}}",
          {"another spelling of the system": event(codes={"value": [("urn:oid:2.16.840.1.113883.6.96", "D-1")]})}, {}),
    *rows("value", "{value: {at_least: 38, unit: Cel}}",
          {"a scale with a nought of its own": event(value=100.4, unit="[degF]")},
          {"just below": event(value=100.3, unit="[degF]"), "the same scale": event(value=37.9, unit="Cel")}),
    *rows("type", "{type: [lab, null]}", {"not said": event(), "lab": event(types=["lab"])},
          {"another": event(types=["simple"])}),
    *rows("value", "{value: {type: [coded, null]}}", {"none at all": event(), "coded": event(value_type="coded")},
          {"a quantity": event(value=1.0)}),
    *undecided("age", "{age: {at: end, from: 18}}", {"there is no age at an end that never comes": event(end="never")},
               birth="1980-06-15"),
    *rows("value", "{value: {present: true}}",
          {"a number": event(value=0.0), "a code": event(codes={"value": [(SNOMED, "D-1")]}),
           "a text": event(value_type="text")}, {"none": event()}),
    *rows("value", "{value: {present: false}}", {"none": event()}, {"a number": event(value=1.0)}),
    *rows("value", "{value: {type: [quantity, integer]}}",
          {"a number is a quantity": event(value=1.0), "stated": event(value_type="integer", value=1.0)},
          {"stated otherwise": event(value=1.0, value_type="text"), "none": event()}),
    *rows("value", "{value: {above: 9, unit: '%'}}",
          {"more": event(value=9.1, unit="%"), "converted": event(value=0.091, unit="1")},
          {"equal": event(value=9.0, unit="%"), "0.09 without a unit is exactly 9 %": event(value=0.09)}),
    *rows("value", "{value: {at_least: 5, below: 10, unit: g/L}}",
          {"on the lower bound": event(value=500, unit="mg/dL"), "below the upper": event(value=9.999, unit="g/L")},
          {"on the upper": event(value=10, unit="g/L"), "too low": event(value=4.9, unit="g/L")}),
    *rows("value", "{value: {at_most: 10, unit: g/L}}", {"on it": event(value=10, unit="g/L")},
          {"above": event(value=10.1, unit="g/L")}),
    *undecided("value", "{value: {above: 9, unit: '%'}}",
               {"no number": event(), "another dimension": event(value=20, unit="mm[Hg]"),
                "not a unit": event(value=20, unit="percent")}),
    *rows("value", "{not: {value: {present: true, above: 9, unit: '%'}}}",
          {"false and unknown is false": event(), "not above": event(value=8, unit="%")},
          {"true and unknown is unknown": event(value=9, unit="kg")}),
    *rows("days_supply", "{days_supply: {at_least: 90}}", {"enough": event(days_supply=90)},
          {"too little": event(days_supply=89)}),
    *undecided("days_supply", "{days_supply: {at_least: 90}}", {"not stated": event()}),
    *rows("refills", "{refills: {below: 2}}", {"one": event(refills=1)}, {"two": event(refills=2)}),
    *undecided("refills", "{refills: {below: 2}}", {"not stated": event()}),
    *rows("daily_dose", f"{{daily_dose: {{{STRENGTHS}, above: 0.125}}}}",
          {"the refills are not counted among the pieces": fill(60, "TAB"), "an annotation counts pieces":
           fill(60, "TAB", quantity_unit="{tbl}"), "one tenth a millilitre": fill(100, "SOL", quantity_unit="mL"),
           "the first strength that fits": fill(60, "TAB", codes={"code": [(LOINC, "TAB"), (LOINC, "WEAK")]})},
          {"the very bound": fill(30, "TAB"), "of another role": fill(5, "SOL", quantity_unit="mL")}),
    *undecided("daily_dose", f"{{daily_dose: {{{STRENGTHS}, above: 0.125}}}}",
               {"another drug": fill(60, "OTHER"), "no code": event(quantity=60.0, days_supply=60),
                "no days": event(code="TAB", quantity=60.0), "nought days": fill(60, "TAB", days_supply=0),
                "no quantity": event(code="TAB", days_supply=60), "a word is no unit": fill(60, "TAB",
                quantity_unit="tablet"), "millilitres of a tablet": fill(60, "TAB", quantity_unit="mL"),
                "pieces of a liquid": fill(60, "SOL"), "litres": fill(1, "SOL", quantity_unit="L")}),
    *rows("age", "{age: {at: start, from: 45, to: 46}}",
          {"on the birthday": event(start="2025-06-15"), "the last day": event(start="2027-06-14")},
          {"too young": event(start="2025-06-14"), "too old": event(start="2027-06-15")}),
    *undecided("age", "{age: {at: start, from: 45}}", {"no date of birth": event(start="2025-06-15")}),
    *rows("when", "{when: {start: period}}", {"in time": event(start="2026-05-05")},
          {"too late": event(start="2027-05-05")}),
    *undecided("when", "{when: {start: period}}", {"no date": event()}),
    *rows("when", "{when: [{start: {from: period.start}}, {end: {to: period.end}}]}",
          {"both": event(start="2026-05-05")}, {"one": event(start="2026-05-05", end="2027-01-01")}),
    *rows("all", "{all: [{status: final}, {source: ehr}]}", {"both": event(status="final")}, {"one": event()}),
    *rows("any", "{any: [{status: final}, {source: claim}]}",
          {"one": event(status="final"), "the other": event(source="claim")}, {"none": event()}),
    *rows("not_", "{not: {source: claim}}", {"not so": event()}, {"so": event(source="claim")}),
    *rows("any", "{any: [{value: {above: 9, unit: '%'}}, {source: ehr}]}",
          {"unknown or true": event()}, {"unknown or false": event(source="claim")}),
    *rows("all", "[{status: final}, {source: ehr}]", {"a list: both": event(status="final")}, {"one": event()}),
]  # fmt: skip

VISIT = event("v", "2026-03-01", "2026-03-05", kind="encounter", system=SNOMED, code="V-1")
OTHER_VISIT = event("w", "2026-07-01", kind="encounter", system=SNOMED, code="V-1")
ORDER = event("o", "2026-04-01", kind="service_request", authored="2026-03-01")
PANEL = event("p", "2026-03-02", kind="observation", code="PANEL")


def related(relation: str, people: dict[str, tuple[tuple[Event, ...], bool]], covers: str = "with_") -> list[Example]:
    """Whether a result (code R) goes with another event; the same people the other way round under ``without``."""
    asked = f"{{kind: observation, codes: 'LOINC|R', where: {{with: {relation}}}}}"
    opposite = asked.replace("with:", "without:")
    return [
        Example(covers, f"{{exists: {asked}}}",
                {name: (person(*rows), holds) for name, (rows, holds) in people.items()}),
        Example("without", f"{{exists: {opposite}}}",
                {name: (person(*rows), not holds) for name, (rows, holds) in people.items()}),
    ]  # fmt: skip


RELATIONS = [
    *related("{events: {kind: encounter}}", {
        "a visit is there": ((event("r", code="R"), VISIT), True), "no visit": ((event("r", code="R"),), False),
    }),
    *related("{events: {kind: encounter}, when: {start: other}}", {
        "during the visit": ((event("r", "2026-03-05", code="R"), VISIT), True),
        "after it": ((event("r", "2026-03-06", code="R"), VISIT), False),
        "during one of two": ((event("r", "2026-07-01", code="R"), VISIT, OTHER_VISIT), True),
        "an unknown time goes with nothing": ((event("r", code="R"), VISIT), False),
    }),
    *related("{events: {kind: encounter}, other_when: {start: {from: this.start - 3 days, to: this.start}}}", {
        "three days before": ((event("r", "2026-03-04", code="R"), VISIT), True),
        "four days before": ((event("r", "2026-03-05", code="R"), VISIT), False),
    }),
    *related("{events: {kind: encounter}, when: {start: other}, other_when: {end: {to: this.end}}}", {
        "both hold for the same visit": ((event("r", "2026-03-05", code="R"), VISIT), True),
        "each holds for another visit": ((event("r", "2026-03-04", code="R"), VISIT,
                                          event("u", "2026-01-01", kind="encounter")), False),
    }),
    *related("{events: {kind: service_request}, when: {start: {from: other.authored, to: other.authored + 7 days}}}", {
        "within a week of the order": ((event("r", "2026-03-08", code="R"), ORDER), True),
        "within a week only of the day that was ordered": ((event("r", "2026-04-01", code="R"), ORDER), False),
    }),
    *related("{events: {kind: encounter}, other_when: {start: {to: this.latest}}}", {
        "its end is not known, its start is": ((event("r", "2026-03-01", "unknown", code="R"), VISIT), True),
        "the start is too early": ((event("r", "2026-02-28", "unknown", code="R"), VISIT), False),
    }),
    *related("{events: {kind: encounter}, link: encounter}", {
        "its visit": ((event("r", code="R", encounter_id="v"), VISIT, OTHER_VISIT), True),
        "a visit that is not there": ((event("r", code="R", encounter_id="x"), VISIT), False),
        "no link": ((event("r", code="R"), VISIT), False),
    }),
    *related("{events: {kind: observation, codes: 'LOINC|PANEL'}, link: panel}", {
        "its panel": ((event("r", code="R", parent_id="p"), PANEL), True),
        "another row": ((event("r", code="R", parent_id="x"), PANEL), False),
    }),
    *related("{events: {kind: observation, codes: 'LOINC|C'}, link: component}", {
        "has the component": ((event("r", code="R"), event("c", code="C", parent_id="r")), True),
        "a component of another": ((event("r", code="R"), event("c", code="C", parent_id="x")), False),
        "without a parent": ((event("r", code="R"), event("c", code="C")), False),
    }),
    *related("{events: {kind: service_request}, link: based_on}", {
        "fulfils the order": ((event("r", code="R", based_on_id="o"), event("o", kind="service_request")), True),
        "fulfils another": ((event("r", code="R", based_on_id="x"), event("o", kind="service_request")), False),
    }),
    *related("{events: {kind: observation, codes: 'LOINC|R'}}", {
        "itself, as the two may be one": ((event("r", code="R"),), True),
    }),
    *related("{events: {kind: observation, codes: 'LOINC|R'}, distinct: true}", {
        "only itself": ((event("r", code="R"),), False),
        "two of a kind": ((event("r", code="R"), event("s", code="R")), True),
    }),
    *related("{events: {kind: observation}, distinct: true, alike: ['LOINC|R', 'LOINC|S']}", {
        "two of one kind": ((event("r", code="R"), event("s", code="R")), True),
        "one of each kind": ((event("r", code="R"), event("s", code="S")), False),
        "one of no kind that is asked for": ((event("r", code="R"), event("s", code="T")), False),
        "one of its codings is of the kind": (
            (event("r", code="R"), event("s", codes={"code": [(LOINC, "T"), (LOINC, "R")]})), True
        ),
    }),
    *related("{events: {kind: encounter, take: {last: start}}, when: {start: other}}", {
        "the related set is chosen first": ((event("r", "2026-03-01", code="R"), VISIT, OTHER_VISIT), False),
        "during the last visit": ((event("r", "2026-07-01", code="R"), VISIT, OTHER_VISIT), True),
    }),
]  # fmt: skip


@pytest.mark.parametrize("example", EXAMPLES + RELATIONS, ids=str)
def test_row_filter(evaluate: Evaluate, example: Example) -> None:
    assert example.truths(evaluate) == example.expected


def test_a_named_filter_is_the_filter_it_names(evaluate: Evaluate) -> None:
    sections = "filters: {final: {status: final}, done: final}"
    people = {"final": (person(event(status="final")), True), "draft": (person(event(status="draft")), False)}
    example = Example("status", "{exists: {kind: observation, where: [done]}}", people, sections)
    assert example.truths(evaluate) == example.expected


def test_every_key_of_a_row_filter_has_an_example() -> None:
    assert {example.covers for example in EXAMPLES + RELATIONS} == set(RowFilter.model_fields)
