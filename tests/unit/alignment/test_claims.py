"""What a claim says, whether rates are aligned, what happens without an answer, and what comes out for whom."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import pytest

from measureharmony.alignment import Claim, Telling, align_pairs, comparisons
from measureharmony.alignment.codes import CodeFacts
from measureharmony.alignment.finding import Group
from measureharmony.alignment.overview import overview
from measureharmony.alignment.solving import Solving
from measureharmony.alignment.somebody import MadeEvent, Somebody
from measureharmony.alignment.versions import Versions
from measureharmony.commands.terminal import stdout
from measureharmony.errors import UsageError
from measureharmony.specs import load_specs
from measureharmony.value_sets import ValueSet, ValueSets
from tests.criteria.example import VALUE_SETS
from tests.unit.alignment.versions import SPECS, aligned, version

WIDE, NARROW = "{age: {at: period.end, from: 42}}", "{age: {at: period.end, from: 50}}"
GLUCOSE = "{exists: {kind: observation, codes: [glucose]}}"


@pytest.mark.parametrize(
    ("within", "contains", "relation", "sentence"),
    [
        (True, True, "equal", "equal"),
        (True, False, "narrower", "narrower"),
        (False, True, "wider", "wider"),
        (False, False, "incomparable", "incomparable"),
        (True, None, "narrower", "narrower or equal"),
        (None, True, "unknown", "unknown: equal or wider"),
        (False, None, "unknown", "unknown: wider or incomparable"),
        (None, False, "unknown", "unknown: narrower or incomparable"),
        (None, None, "unknown", "unknown"),
    ],
)
def test_what_is_known_both_ways_makes_the_relation(
    within: bool | None, contains: bool | None, relation: str, sentence: str
) -> None:
    made = Claim("rate", "numerator", within, contains)
    assert (made.relation, made.sentence) == (relation, sentence)


def test_rates_are_aligned_where_the_same_people_count() -> None:
    reordered = version(f"{{any: [{NARROW}, {{all: [{WIDE}, {NARROW}]}}]}}")
    assert aligned(version(NARROW), reordered).is_aligned("rate")
    assert not aligned(version(NARROW), version(WIDE)).is_aligned("rate")


def test_a_rate_that_only_one_version_has_is_left_out_and_not_aligned() -> None:
    two = [{"id": "rate", "title": "t"}, {"id": "more", "title": "t"}]
    found = aligned(version(rates=two), version())
    assert found.left_out == ("more",)
    assert not found.is_aligned("more")
    assert found.is_aligned("rate")


def test_a_solver_without_time_says_unknown_and_why() -> None:
    several = "{count: {of: {kind: observation, codes: [glucose]}, at_least: 2}}"
    group = Group(Versions([version(several), version(GLUCOSE)]), CodeFacts(VALUE_SETS))
    group.solving = Solving(group.solving.questions, effort=1)
    sides = [group.found(side) for side in group.sides(0, 1) if side.inside.place == "numerator"]
    assert [side.answer for side in sides] == [None, None]
    assert {side.why for side in sides} == {"the solver gave up"}


def test_a_set_without_any_known_code_is_stood_in_for_and_said() -> None:
    specs = replace(SPECS, value_sets=ValueSets((*VALUE_SETS.sets, ValueSet("licensed", "", "", frozenset()))))
    one = version("{exists: {kind: observation, codes: [licensed]}}")
    (found,) = align_pairs(specs, [(one, version(GLUCOSE))], smallest=False)
    shown = found.claim("rate", "numerator").here_only
    assert shown is not None
    assert shown.stand_ins == ("licensed",)
    assert "a code that is in no other set: licensed" in Telling(specs.value_sets).somebody(found, shown)


def test_whom_a_claim_shows_has_nothing_to_take_away() -> None:
    pair = version(f"{{all: [{WIDE}, {GLUCOSE}]}}"), version(f"{{all: [{NARROW}, {GLUCOSE}]}}")
    shown = align_pairs(SPECS, [pair], smallest=True)[0].claim("rate", "numerator").here_only
    assert shown is not None
    assert shown.person.keys() == {"birth"}
    assert len(shown.events) == 1
    assert shown.coverage == ()


def test_text_is_at_most_80_columns_wide_and_has_reason_and_somebody() -> None:
    told = Telling(VALUE_SETS).text(aligned(version(NARROW), version(WIDE, program="canonical")))
    assert all(len(line) <= 80 for line in told.splitlines())
    assert "numerator: narrower" in told
    assert "aged 50 and over on the last day of the period instead of aged 42 and over" in " ".join(told.split())
    assert "in it only there: born 19" in told


@pytest.mark.parametrize(("unit", "told"), [("1", "value 0.075"), ("%", "value 0.075 %")])
def test_a_result_is_told_with_its_unit_where_it_has_one(unit: str, told: str) -> None:
    result = MadeEvent({"event_id": "e", "kind": "observation", "value": "0.075", "unit": unit})
    sentence = Telling(VALUE_SETS).somebody(aligned(version(WIDE), version(WIDE)), Somebody({}, events=(result,)))
    assert sentence == f"of unknown age; observation, {told}"


def test_json_has_the_people_as_rows_of_the_dataset() -> None:
    both = aligned(version(GLUCOSE), version(NARROW))
    told = json.loads(Telling(VALUE_SETS).json([both]))
    numerator = next(one for one in told[0]["claims"] if one["population"] == "numerator")
    assert numerator["relation"] == "incomparable"
    assert numerator["here_only"]["event"][0]["code"] == "G-1"
    assert numerator["there_only"]["event"] == []


def test_the_table_has_a_row_for_each_claim() -> None:
    both = aligned(version(GLUCOSE), version(NARROW))
    rows = Telling(VALUE_SETS).table([both]).to_dicts()
    assert [row["population"] for row in rows] == [one.place for one in both.claims]


def test_many_are_shown_by_marks(capsys: pytest.CaptureFixture[str]) -> None:
    pairs = [(version(NARROW), version(WIDE)), (version(GLUCOSE, program="south"), version(WIDE))]
    stdout().print(overview(align_pairs(SPECS, pairs, smallest=False), {"south": "Southern contract"}))
    shown = capsys.readouterr().out
    assert "example/rate       = <   = ≠" in shown
    assert "[2] Southern contract" in shown


def test_a_measure_that_the_two_do_not_share_cannot_be_compared() -> None:
    with pytest.raises(UsageError, match="ccs is not both in mssp_app_plus and in canonical"):
        comparisons(load_specs(), programs=["mssp_app_plus"], measures=["ccs"])


def test_the_library_is_imported_without_the_solver() -> None:
    code = "import sys, measureharmony, measureharmony.cli; sys.exit('z3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_without_the_solver_the_message_says_how_to_get_it() -> None:
    code = "import sys; sys.modules['z3'] = None; from measureharmony.cli import app; app(['align', 'bcs'])"
    ended = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert ended.returncode == 2
    assert "pip install 'measureharmony[proofs]'" in ended.stderr
