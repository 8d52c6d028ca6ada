"""Two versions compared as people call for it: names, editions, tables, JSON, and what cannot be compared."""

from __future__ import annotations

import json
from functools import cache

import pytest

from measureharmony import load_specs
from measureharmony.comparison import Axis, compare
from measureharmony.comparison.version import version_of
from measureharmony.errors import UsageError
from measureharmony.spec_files import spec_folder
from measureharmony.specs import Specs
from tests.unit.comparison.compared import specs_with

PROGRAMS = sorted(path.name for path in (spec_folder() / "payers").iterdir())


@cache
def specs() -> Specs:
    return load_specs()


def test_canonical_does_not_differ_from_itself() -> None:
    found = compare(specs(), "canonical", "canonical")
    assert found.differences == ()
    assert set(found.measures) == set(specs().canonical.measures)
    assert sorted(specs().programs.programs) == PROGRAMS


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_does_not_differ_from_itself(program: str) -> None:
    assert compare(specs(), program, program).differences == ()


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_change_of_the_shipped_programs_is_cited_by_some_difference(program: str) -> None:
    found = compare(specs(), "canonical", program)
    cited = {(one.measure, c.kind, c.reason, c.page) for one in found.differences for c in one.citations}
    for key in found.measures:
        overlay = specs().programs.overlays.get((program, key))
        for change in overlay.changes if overlay else ():
            page = "" if change.source.page is None else str(change.source.page)
            assert (key, change.kind, change.reason, page) in cited, (key, change.path)


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_difference_of_meaning_from_canonical_cites_a_change(program: str) -> None:
    for one in compare(specs(), "canonical", program).differences:
        assert one.citations or one.sentence == "Shown as the complement instead of the rate", one


def test_there_and_back_are_the_same_axes() -> None:
    there = compare(specs(), "canonical", "ma_stars").differences
    back = compare(specs(), "ma_stars", "canonical").differences
    assert sorted((one.measure, one.axis) for one in there) == sorted((one.measure, one.axis) for one in back)


def test_editions_are_compared_and_cite_the_edition() -> None:
    found = compare(specs(), "canonical", "canonical@2025", measures=["bcs"])
    age = next(one for one in found.differences if one.axis is Axis.AGE)
    assert age.sentence == "Women of 52 to 74 instead of 42 to 74"
    assert (age.before, age.after) == (
        {"from": 42, "to": 74, "unit": "years"},
        {"from": 52, "to": 74, "unit": "years"},
    )
    assert [(cited.whose, cited.document) for cited in age.citations] == [
        ("canonical@2025", "BreastCancerScreeningFHIR 0.0.001")
    ]
    assert not [one for one in found.differences if one.axis is Axis.PERIOD]


def test_programs_of_other_measures_say_which() -> None:
    found = compare(specs(), "bluestone_commercial", "ma_stars")
    of = [{entry.measure for entry in specs().programs.programs[p].measures} for p in (found.before, found.after)]
    assert set(found.measures) == of[0] & of[1]
    assert set(found.only_before) == of[0] - of[1] >= {"ccs"}
    assert set(found.only_after) == of[1] - of[0]


def test_rates_without_any_in_common_still_have_their_people_compared() -> None:
    axes = {one.axis for one in compare(specs(), "bluestone_commercial", "ma_stars").of("gsd")}
    assert {Axis.VISIT, Axis.TRIGGER, Axis.RATES} <= axes
    assert Axis.THRESHOLD not in axes


def test_a_change_counts_from_its_day_on() -> None:
    changed = specs_with("bcs", "set_parameter: {name: age_from, to: 50}")
    day = version_of(changed, "contract").of("bcs").period.start
    assert compare(changed, "canonical", "contract", as_of=day.replace(year=2025)).of("bcs") == ()
    assert len(compare(changed, "canonical", "contract", as_of=day).of("bcs")) == 1


def test_the_table_and_the_json_say_the_same() -> None:
    found = compare(specs(), "canonical", "bluestone_commercial", measures=["bcs"])
    rows, data = found.table.to_dicts(), json.loads(found.to_json())
    assert [row["sentence"] for row in rows] == [one["sentence"] for one in data["differences"]]
    age = next(row for row in rows if row["axis"] == "age")
    assert json.loads(str(age["after_value"])) == {"from": 50, "to": 74, "unit": "years"}
    assert age["populations"] == "initial_population"
    assert age["effective"] == "2026-01-01"
    assert age["sources"] == "Bluestone Quality Contract 2026 (fictional), p. 7, from 2026-01-01"
    assert "Women of 50 to 74 instead of 42 to 74" in repr(found)


@pytest.mark.parametrize(
    ("before", "after", "measures", "message"),
    [
        ("nobody", "canonical", None, r"There is no program nobody\. There are: canonical, bluestone_commercial, "),
        ("canonical@next", "canonical", None, r"'canonical@next' names no edition\. Write the year"),
        ("canonical@1999", "canonical", None, r"There is no edition 1999 of any measure"),
        ("ma_stars@2025", "canonical", None, r"ma_stars is of edition 2026, not 2025\. Leave @2025 out"),
        ("canonical", "ma_stars", ["xyz"], r"There is no measure xyz\. There are: aab, "),
        ("canonical", "ma_stars", ["ccs"], r"ma_stars does not have the measure ccs\."),
        ("ma_stars", "mssp_app_plus", ["ccs"], r"ma_stars and mssp_app_plus do not have the measure ccs\."),
    ],
)
def test_what_cannot_be_compared_is_said(before: str, after: str, measures: list[str] | None, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        compare(specs(), before, after, measures=measures)
