"""QRDA III: the guide's structure, the right counts, and what is said where nothing is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lxml import etree

from measureharmony.errors import SpecError, UsageError
from measureharmony.reports.measure_ids import MeasureIds, read_measure_ids
from measureharmony.reports.qrda import Qrda3, write_qrda3
from measureharmony.reports.qrda.people import answers, ethnicity, race
from measureharmony.reports.reporter import Reporter
from tests.unit.fhir_output.practice import HOSTILE, SCREENING, YEAR, measure, outcome, practice, results
from tests.unit.qrda.structure import found, parsed, problems

IN = ("initial_population", "denominator")
MET = (*IN, "numerator")
OUT = (*IN, "denominator_exclusion")
SUGAR = measure(
    "sugar",
    direction="lower",
    identifiers=[{"system": "CMS eCQM", "id": "CMS122v99", "year": 2026}],
    rates=[{"id": "poor", "title": "Poor"}, {"id": "good", "title": "Good", "direction": "higher"}],
)
DATA = "//c:observation[c:templateId/@root='2.16.840.1.113883.10.20.27.3.5']"
RATE = "//c:observation[c:templateId/@root='2.16.840.1.113883.10.20.27.3.14']"
UUID = "2f3c7b66-5d0e-4a55-8f4e-9d6b7b6c2b11"
HEADING = "measure,edition,rate,item,id"


def only(rows: list[dict[str, Any]], *, reporter: Reporter | None = None, **more: Any) -> etree._Element:
    """The one document of the unified version, which is as the guide wants it."""
    ids = more.pop("ids", None)
    report = Qrda3(results(rows, **more), reporter or Reporter(), ids)
    ((period, variants),) = report.reported("canonical").items()
    document = parsed(report.document("canonical", period, variants))
    assert list(problems(document)) == []
    return document


def count(document: etree._Element, population: str) -> int:
    (element,) = found(document, f"{DATA}[c:value/@code='{population}']")
    (value,) = found(element, "c:entryRelationship[@typeCode='SUBJ']/c:observation/c:value/@value")
    return int(value)


def test_populations_are_counted_and_the_rate_has_six_decimals() -> None:
    people = [outcome(f"p{n}", "screening", *inside) for n, inside in enumerate((MET, MET, IN, OUT))]
    document = only(people)
    assert [count(document, code) for code in ("IPOP", "DENOM", "DENEX", "NUMER")] == [4, 4, 1, 2]
    assert found(document, f"{RATE}/c:value/@value") == ["0.666667"]


def test_an_empty_denominator_is_not_applicable() -> None:
    document = only([outcome("a", "screening", *OUT)])
    assert found(document, f"{RATE}/c:value/@nullFlavor") == ["NA"]
    assert found(document, f"{RATE}/c:value/@value") == []


def test_nobody_at_all_still_makes_a_document() -> None:
    document = only([])
    assert count(document, "IPOP") == 0


def test_strata_are_counted_in_every_population() -> None:
    document = only([outcome("a", "screening", *MET, strata="young"), outcome("b", "screening", *IN, strata="old")])
    strata = f"{DATA}[c:value/@code='NUMER']//c:observation[c:templateId/@root='2.16.840.1.113883.10.20.27.3.4']"
    told = [
        (found(one, "c:value/c:originalText/text()")[0], found(one, ".//c:value[@value]/@value")[0])
        for one in found(document, strata)
    ]
    assert told == [("Young", "1"), ("Old", "0")]


def test_an_inverse_measure_reports_its_numerator_as_it_is() -> None:
    rows = [outcome("a", "sugar", *MET, rate="poor"), outcome("b", "sugar", *IN, rate="poor")]
    ids = MeasureIds({("sugar", 2026, "poor", "numerator"): UUID})
    document = only(rows, measures=(SUGAR,), ids=ids)
    assert found(document, f"{RATE}/c:value/@value") == ["0.5"]
    assert found(document, f"{RATE}//c:externalObservation/c:id/@root") == [UUID]


def test_several_rates_are_told_apart_by_their_populations_identifiers() -> None:
    rows = [outcome("a", "sugar", *MET, rate=rate) for rate in ("poor", "good")]
    document = only(rows, measures=(SUGAR,))
    assert len(found(document, "//c:organizer")) == 1
    assert len(set(found(document, f"{DATA}/c:reference//c:id/@root"))) == len(found(document, DATA)) == 8


def test_people_are_counted_by_sex_race_ethnicity_and_payer() -> None:
    people = [
        {"person_id": "a", "sex": "female", "race": "2106-3", "ethnicity": "2186-5"},
        {"person_id": "b", "sex": "male", "race": "2106-3 2054-5"},
        {"person_id": "c"},
    ]
    coverage = [
        {"person_id": "a", "payer": "x", "product_line": "commercial", "start": "2025-01-01"},
        {"person_id": "a", "payer": "y", "product_line": "medicare_ffs", "start": "2026-07-01"},
        {"person_id": "b", "payer": "x", "product_line": "medicaid", "start": "2020-01-01", "end": "2025-12-31"},
    ]
    where = practice(people, coverage=coverage)
    document = only([outcome(p, "screening", *MET) for p in ("a", "b", "c")], where=where)
    told = {}
    for name, root in (("sex", 6), ("ethnicity", 7), ("race", 8), ("payer", 9)):
        place = (
            f"{DATA}[c:value/@code='DENOM']//c:observation[c:templateId/@root='2.16.840.1.113883.10.20.27.3.{root}']"
        )
        told[name] = {
            (found(one, "c:value/@code") or found(one, "c:value/@nullFlavor"))[0]: found(
                one, ".//c:value[@value]/@value"
            )
            for one in found(document, place)
        }
    assert told == {
        "sex": {"F": ["1"], "M": ["1"], "UNK": ["1"]},
        "ethnicity": {"2186-5": ["1"], "UNK": ["2"]},
        "race": {"2106-3": ["1"], "2131-1": ["1"], "UNK": ["1"]},
        "payer": {"1": ["1"], "UNK": ["2"]},
    }


def test_answers_add_up_to_everybody() -> None:
    where = practice([{"person_id": p} for p in "abc"])
    for told in answers(where, list("abc"), YEAR).values():
        assert sum(told.counted(np.arange(3)).values()) == 3


@pytest.mark.parametrize(("written", "expected"), [("2131-1", "2131-1"), ("", None), ("unknown", None)])
def test_races_that_are_no_federal_code_are_not_known(written: str, expected: str | None) -> None:
    assert race(written) == expected
    assert ethnicity("2135-2 2186-5") is None


def test_hostile_text_and_impossible_characters_leave_the_document_whole(tmp_path: Path) -> None:
    reporter = Reporter(HOSTILE + "\x00\x0b\ufffe", npi="1234567893", tin='"><x/>')
    document = only([outcome("a", "screening", *MET)], reporter=reporter)
    assert found(document, "//c:custodian//c:name/text()") == [HOSTILE]
    assert found(document, "//c:custodian//c:id/@extension") == ['"><x/>']
    (path,) = write_qrda3(results([outcome("a", "screening", *MET)]), tmp_path, reporter)
    assert path == tmp_path / "qrda3_canonical_2026-01-01.xml"


def test_official_identifiers_come_from_the_users_table(tmp_path: Path) -> None:
    table = tmp_path / "ids.csv"
    table.write_text(
        f"measure,edition,rate,item,id\nscreening,2026,,version_specific,{UUID}\nscreening,2026,met,numerator,{UUID}\n"
    )
    document = only([outcome("a", "screening", *MET)], ids=read_measure_ids(table, [SCREENING]))
    assert found(document, "//c:externalDocument/c:id/@extension") == [UUID]
    assert found(document, f"{DATA}[c:value/@code='NUMER']/c:reference//c:id/@root") == [UUID]


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (["measure,id"], "ids-columns"),
        ([], "ids-columns"),
        ([HEADING, "screening,2026,met,numerator"], "ids-row"),
        ([HEADING, f"screening,2025,met,numerator,{UUID}"], "ids-unknown-measure"),
        ([HEADING, f"screening,2026,nope,numerator,{UUID}"], "ids-unknown-item"),
        ([HEADING, f"screening,2026,met,denominator_exception,{UUID}"], "ids-unknown-item"),
        ([HEADING, "screening,2026,met,numerator,165"], "ids-not-a-uuid"),
        ([HEADING, *[f"screening,2026,met,numerator,{UUID}"] * 2], "ids-twice"),
    ],
)
def test_a_wrong_table_of_identifiers_is_told_by_line(lines: list[str], code: str, tmp_path: Path) -> None:
    table = tmp_path / "ids.csv"
    table.write_text("".join(f"{line}\n" for line in lines))
    with pytest.raises(SpecError, match=rf"ids\.csv:{max(len(lines), 1)}: {code}"):
        read_measure_ids(table, [SCREENING])


def test_what_a_program_changes_is_not_reported_as_the_cms_measure(tmp_path: Path) -> None:
    changed = SCREENING.model_copy(update={"description": "changed"})
    found = results([outcome("a", "screening", *MET)], program="blue_plan")
    variants = [one if one.program == "canonical" else type(one)(one.program, changed, YEAR) for one in found.variants]
    found.variants = tuple(variants)
    with pytest.raises(UsageError, match="CMS electronic measures as they are"):
        write_qrda3(found, tmp_path, programs=["blue_plan"])


def test_the_checks_find_what_is_wrong() -> None:
    report = Qrda3(results([outcome("a", "screening", *MET)]), Reporter())
    ((period, variants),) = report.reported("canonical").items()
    whole = report.document("canonical", period, variants)
    for right, wrong, number in (
        (b'extension="2020-12-01"', b'extension="2017-06-01"', "4484-17208"),
        (b'code="NUMER"', b'code="NUM"', "4484-19658"),
        (b'nullFlavor="NA"', b'extension="x"', "4484-17232"),
        (b'value="1"', b'value="1.1234567"', "4484-21447"),
        (b"<title>QRDA Calculated Summary Report</title>", b"", "4484-17211"),
    ):
        assert right in whole, right
        assert any(number in problem for problem in problems(parsed(whole.replace(right, wrong)))), number
