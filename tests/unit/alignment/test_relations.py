"""Each sort of criterion, in two versions: what is proved of them, and who shows the rest."""

from __future__ import annotations

import pytest

from measureharmony.alignment import Claim, align_pairs, aligning
from measureharmony.measures.measure import POPULATIONS
from measureharmony.payers.variant import OwnCoverage
from tests.unit.alignment.versions import SPECS, aligned, claim, version

SECTIONS = """
windows:
  year: {from: period.start, to: period.end}
  two_years: {from: period.start - 1 year, to: period.end}
  last_year: {from: period.start - 1 year, to: period.start - 1 day}
events:
  first_result: {kind: observation, codes: [glucose], take: {first: latest}}
  last_result: {kind: observation, codes: [glucose], take: {last: latest}}
"""


def exists(*more: str, kind: str = "observation", codes: str = "glucose") -> str:
    return "{exists: {" + ", ".join([f"kind: {kind}, codes: [{codes}]", *more]) + "}}"


def value(bound: str, of: str = "last_result") -> str:
    return f"{{exists: {{from: {of}, where: {{value: {{{bound}, unit: '%'}}}}}}}}"


def enrolled(window: str = "period", more: str = "") -> str:
    return f"{{enrolled: {{window: {window}{more}}}}}"


def many(bounds: str) -> str:
    return f"{{count: {{of: {{kind: observation, codes: [glucose]}}, {bounds}}}}}"


#: A criterion, another one, and how the first stands to the second.
PAIRS = {
    "the same": ("{sex: female}", "{sex: female}", "equal"),
    "said in another order": ("{all: [{sex: female}, {age: {at: period.end, from: 50}}]}",
                              "{all: [{age: {at: period.end, from: 50}}, {sex: female}]}", "equal"),
    "said the other way round": ("{not: {any: [{sex: female}, {age: {at: period.end, from: 50}}]}}",
                                 "{all: [{not: {age: {at: period.end, from: 50}}}, {not: {sex: female}}]}", "equal"),
    "a narrower age band": ("{age: {at: period.end, from: 50, to: 74}}", "{age: {at: period.end, from: 42, to: 74}}",
                            "narrower"),
    "another age band": ("{age: {at: period.end, from: 45, to: 80}}", "{age: {at: period.end, from: 42, to: 74}}",
                         "incomparable"),
    "age in months": ("{age: {at: period.end, from: 24, unit: months}}", "{age: {at: period.end, from: 2}}", "equal"),
    "age on another day": ("{age: {at: period.start, from: 18}}", "{age: {at: period.end, from: 18}}", "narrower"),
    "another sex": ("{sex: female}", "{sex: male}", "incomparable"),
    "a shorter lookback": (exists("when: {latest: year}"), exists("when: {latest: two_years}"), "narrower"),
    "windows side by side": (exists("when: {latest: year}"), exists("when: {latest: last_year}"), "incomparable"),
    "a lower threshold": (value("below: 8"), value("below: 9"), "narrower"),
    "the threshold itself": (value("below: 9"), value("at_most: 9"), "narrower"),
    "beyond the threshold": (value("below: 9"), value("at_least: 9"), "incomparable"),
    "a higher count": (many("at_least: 2"),
                       many("at_least: 1"), "narrower"),
    "at least one, said twice": (many("at_least: 1"), exists(), "equal"),
    "at most": (many("at_most: 1"),
                many("at_most: 2"), "narrower"),
    "days instead of rows": (many("distinct: day, at_least: 2"),
                             many("at_least: 2"), "narrower"),
    "a further value set": (exists(codes="glucose"), exists(codes="glucose, mammogram"), "narrower"),
    "another value set": (exists(codes="glucose"), exists(codes="mammogram"), "incomparable"),
    "a code of the set": (exists(codes="'LOINC|M-1'"), exists(codes="mammogram"), "narrower"),
    "a code that begins like those of the set": (exists(codes="'SNOMED|D-23'"), exists(codes="diabetes"), "narrower"),
    "another kind of event": (exists(kind="procedure"), exists(kind="[procedure, observation]"), "narrower"),
    "fewer sources": (exists("where: {source: claim}"), exists("where: {source: [claim, ehr]}"), "narrower"),
    "the first instead of the last": ("{exists: first_result}", "{exists: last_result}", "equal"),
    "the value of the first": (value("below: 9", "first_result"), value("below: 9"), "incomparable"),
    "one exclusion more": ("{any: [{sex: female}, {sex: male}]}", "{sex: female}", "wider"),
    "at least two of three": ("{at_least: {n: 2, of: [{sex: female}, {age: {at: period.end, from: 50}}, "
                              f"{exists()}]}}}}", f"{{any: [{{sex: female}}, {exists()}]}}", "narrower"),
    "fewer gaps": (enrolled(), enrolled(more=", gaps: 1, gap_days: 45"), "narrower"),
    "longer gaps": (enrolled(more=", gaps: 1, gap_days: 60"), enrolled(more=", gaps: 1, gap_days: 45"), "wider"),
    "an anchor": (enrolled(more=", gaps: 1, gap_days: 45, anchor: period.end"),
                  enrolled(more=", gaps: 1, gap_days: 45"), "narrower"),
    "a longer time": (enrolled("two_years"), enrolled(), "narrower"),
    "more benefits": (enrolled(more=", benefits: [medical, pharmacy]"), enrolled(more=", benefits: [medical]"),
                      "narrower"),
    "what nobody knows is not the opposite": ("{not: {age: {at: period.end, from: 50}}}",
                                              "{age: {at: period.end, to: 49}}", "equal"),
    "nobody": ("{all: [{sex: female}, {sex: male}]}", "{sex: female}", "narrower"),
    "everybody": ("{always: true}", "{any: [{sex: female}, {not: {sex: female}}]}", "wider"),
}  # fmt: skip


@pytest.fixture(scope="module")
def claims() -> dict[str, Claim]:
    """All pairs at once: the engine sees everybody made up in one practice."""
    pairs = [
        (version(one, key=f"m{number}", sections=SECTIONS), version(other, key=f"m{number}", sections=SECTIONS))
        for number, (one, other, _) in enumerate(PAIRS.values())
    ]
    found = align_pairs(SPECS, pairs, smallest=False)
    return {name: one.claim("rate", "numerator") for name, one in zip(PAIRS, found, strict=True)}


@pytest.mark.parametrize("name", PAIRS)
def test_how_a_criterion_stands_to_another(name: str, claims: dict[str, Claim]) -> None:
    claim = claims[name]
    assert claim.relation == PAIRS[name][2], claim.why_unknown
    assert (claim.here_only is not None) == (claim.relation in ("wider", "incomparable"))
    assert (claim.there_only is not None) == (claim.relation in ("narrower", "incomparable"))
    assert (claim.reasons == ()) == (claim.relation == "equal")


def test_fewer_accepted_sources_is_narrower() -> None:
    found = claim(version(exists(), sources={"numerator": ("claim",)}), version(exists()))
    assert found.relation == "narrower"
    assert "claim" in str(found.reasons[0])


def test_fewer_accepted_sources_of_what_must_not_be_is_wider() -> None:
    none = f"{{not: {exists()}}}"
    assert claim(version(none, sources={"numerator": ("claim",)}), version(none)).relation == "wider"


def test_enrolment_with_one_payer_is_narrower_than_with_any() -> None:
    own = OwnCoverage("blue", ("medicaid",))
    assert claim(version(enrolled(), own=own), version(enrolled())).relation == "narrower"
    assert claim(version(enrolled(), own=own), version(enrolled(), own=OwnCoverage("green"))).relation == "incomparable"


def test_populations_that_only_one_version_has() -> None:
    excluding = version(populations="initial_population: {always: true}, denominator_exclusion: {sex: male}")
    found = aligned(excluding, version())
    excluded = found.claim("rate", "denominator_exclusion")
    assert excluded.relation == "wider"
    assert str(excluded.reasons[0]) == "only here: sex is male: more people"
    assert found.claim("rate", "denominator_counted").relation == "narrower"
    assert found.claim("rate", "numerator_counted").relation == "narrower"
    with pytest.raises(KeyError):
        found.claim("rate", "denominator_exception")


def test_an_exception_takes_nobody_out_who_is_in_the_numerator() -> None:
    excepting = version(exists(), populations="initial_population: {always: true}, denominator_exception: {sex: male}")
    found = aligned(excepting, version(exists()))
    assert found.claim("rate", "denominator_counted").relation == "narrower"
    assert found.claim("rate", "numerator_counted").relation == "equal"


def test_events_that_are_counted() -> None:
    counting = {"sections": "{subject: {episodes: stays}, events: {stays: {kind: encounter}}}"}
    claimed = "{exists: {from: index, where: {source: claim}}}"
    either = "{exists: {from: index, where: {source: [claim, ehr]}}}"
    found = claim(version(claimed, **counting), version(either, **counting))
    assert found.relation == "narrower"
    assert found.there_only is not None
    assert found.there_only.counted is not None


def test_every_place_is_compared() -> None:
    populations = ", ".join(f"{name}: {{sex: female}}" for name in POPULATIONS if name != "numerator")
    whole = version("{sex: female}", populations=populations)
    found = aligned(whole, whole)
    assert [one.place for one in found.claims] == [*POPULATIONS, "denominator_counted", "numerator_counted"]
    assert {one.relation for one in found.claims} == {"equal"}


def test_coverage_of_one_payer_goes_on_no_longer_than_that_of_any() -> None:
    last_day = "anchors: {last_day: {enrolled: {from: period.start, gap_days: 45}}}"
    until = "{moment: {point: last_day, in: {from: period.end - 30 days}}}"
    own, other = OwnCoverage("blue"), OwnCoverage("green")
    one = version(until, sections=last_day, own=own)
    assert claim(one, version(until, sections=last_day)).within is True
    assert claim(one, version(until, sections=last_day, own=other)).within is not True


def test_processes_share_measures_and_find_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    ages = "{age: {at: period.end, from: 50}}", "{age: {at: period.end, from: 42}}"
    pairs = [(version(ages[n], key=f"m{n}"), version(ages[1 - n], key=f"m{n}")) for n in (0, 1)]
    monkeypatch.setattr(aligning, "_PAIRS_EACH", 1)
    alone, shared = (align_pairs(SPECS, pairs, smallest=False, workers=workers) for workers in (1, 2))
    assert [[one.relation for one in found.claims] for found in shared] == [
        [one.relation for one in found.claims] for found in alone
    ]
    assert [(found.variant, found.against) for found in shared] == pairs
    assert shared[0].claim("rate", "numerator").relation == "narrower"
    assert shared[1].claim("rate", "numerator").relation == "wider"
