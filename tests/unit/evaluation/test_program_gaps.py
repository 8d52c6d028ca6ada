"""Why a gap is one for the payer: every reason, of a proportion, an inverse rate, an episode and an exclusion."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import yaml

from measureharmony.engines import local
from measureharmony.evaluation.compile import compile_plan
from measureharmony.evaluation.payer_views import compile_payer_views
from measureharmony.evaluation.program_gaps import PayersSee, payers_see
from measureharmony.evaluation.reference.record import Event, PersonRecord
from measureharmony.evaluation.terminology import Terminology
from measureharmony.payers.evidence import HAS_EVERYTHING, EvidencePolicy
from measureharmony.payers.payer_view import EvidenceTerms, payer_view
from measureharmony.payers.program import CutOffs
from measureharmony.payers.variant import Membership, OwnCoverage, Variant
from measureharmony.periods import day_number
from tests.criteria.example import SNOMED, VALUE_SETS, YEAR, event, measure, person, span
from tests.criteria.kernels import practice_of

NEW_YEARS_EVE = dt.date(2026, 12, 31)
POLICY = """
has:
  - {sources: [claim], run_out: 90}
  - {sources: [payer_feed]}
send:
  - {sources: [ehr], form: standard_file, sent: [2026-06-30]}
  - {sources: [registry], form: chart, by: 2027-01-15, measures: [another]}
source: {document: Contract}
"""
CUT_OFFS = CutOffs(claims=dt.date(2027, 3, 31), supplemental=dt.date(2027, 2, 28))
PROPORTION = """
{initial_population: {always: true},
 numerator: {exists: {kind: observation, codes: mammogram, when: {whole: period}}}}
"""
INVERSE = """
{initial_population: {always: true},
 numerator: {not: {exists: {kind: observation, codes: mammogram, when: {whole: period},
                            where: {value: {at_most: 9, unit: "%"}}}}}}
"""
EXCLUSION = """
{initial_population: {always: true}, numerator: {sex: male},
 denominator_exclusion: {any: [{exists: {kind: condition, codes: diabetes}},
                               {exists: {kind: observation, codes: mammogram, when: {whole: period}}}]}}
"""
EPISODE = """
{initial_population: {always: true},
 numerator: {exists: {kind: observation, codes: mammogram, when: {start: next_week}}}}
"""
#: What makes the difference, by what is to come out: the event's columns.
REASONS: dict[str, dict[str, Any]] = {
    "send_evidence": {"source": "ehr", "start": "2026-11-03"},
    "not_accepted": {"source": "patient_reported", "start": "2026-11-03"},
    "in_run_out": {"source": "claim", "start": "2026-11-03"},
}
#: What the payer has: a claim that came back, one older than the run-out, its own feed, what was sent in summer.
THERE: dict[str, dict[str, Any]] = {
    "returned": {"source": "claim", "start": "2026-11-03", "received_day": day_number(dt.date(2026, 11, 30))},
    "old": {"source": "claim", "start": "2026-10-02"},
    "fed": {"source": "payer_feed", "start": "2026-11-03"},
    "sent": {"source": "ehr", "start": "2026-06-30"},
}


def found(**columns: Any) -> Event:
    """The one event that closes every gap of these measures."""
    shape = {"code": "M-1", "value": 7.0, "unit": "%", "value_type": "quantity"}
    return event("found", **{**shape, **columns, "end": columns["start"]})


def variant(populations: str, direction: str = "higher", **columns: Any) -> Variant:
    rate = {"id": "rate", "title": "Rate", "direction": direction}
    return Variant("blue", measure(columns.pop("sections", ""), populations, [rate]), YEAR, **columns)


EPISODES = """
subject: {episodes: visits}
events: {visits: {kind: encounter, codes: office_visit}}
windows: {next_week: {from: index.start, to: index.start + 7 days}}
"""


def look(
    asked: Variant,
    people: dict[str, PersonRecord],
    policy: str = POLICY,
    on: dt.date = NEW_YEARS_EVE,
    as_of: dt.date | None = NEW_YEARS_EVE,
) -> PayersSee:
    """What the payer sees of these people."""
    read = EvidencePolicy.model_validate(yaml.safe_load(policy))
    view = payer_view(asked, EvidenceTerms("example", read, CUT_OFFS, asked.sources, on, as_of))
    plan = compile_plan([asked], as_of)
    rates = compile_payer_views(plan, [view], as_of)
    records = [PersonRecord(**{**vars(record), "person_id": name}) for name, record in people.items()]
    with practice_of(records) as practice:
        evaluated = local.run(practice, plan, Terminology.of(VALUE_SETS), as_of, workers=1)
        return payers_see(on, [view], plan, rates, evaluated)


def gaps(seen: PayersSee) -> dict[str, dict[str, Any]]:
    """The gaps by person."""
    rows = seen.gaps.to_pylist()
    assert len({row["person_id"] for row in rows}) == len(rows)
    return {row["person_id"]: row for row in rows}


def everybody(*others: Event) -> dict[str, PersonRecord]:
    """One person for each reason, one for each way in which the payer may have evidence, and one without any."""
    made = {name: person(found(**columns), *others) for name, columns in {**REASONS, **THERE}.items()}
    return {**made, "needs_care": person(*others)}


@pytest.mark.parametrize(
    ("asked", "others"),
    [
        (variant(PROPORTION), ()),
        (variant(INVERSE, "lower"), ()),
        (variant(EXCLUSION), ()),
        (
            variant(EPISODE, sections=EPISODES),
            (event("visit", "2026-11-01", kind="encounter", code="V-1", system=SNOMED, source="payer_feed"),),
        ),
    ],
    ids=["proportion", "inverse", "exclusion", "episode"],
)
def test_every_reason(asked: Variant, others: tuple[Event, ...]) -> None:
    people = everybody(*others)
    if others:  # a week after a visit of November there is no summer
        del people["old"], people["sent"]
    rows = gaps(look(asked, people))
    without = "too_late" if others else "needs_care"  # the week after the visit is over
    expected = {**{name: name for name in REASONS}, "needs_care": without}
    assert {name: row["reason"] for name, row in rows.items()} == expected
    for name in REASONS:
        shown = (rows[name]["evidence_id"][5:], rows[name]["evidence_date"], rows[name]["evidence_value"])
        assert shown == ("found", dt.date(2026, 11, 3), 7.0)
        assert rows[name]["evidence_source"] == REASONS[name]["source"]
        assert rows[name]["at_payer"] == "gap"
        assert rows[name]["here"] == ("excluded" if asked == variant(EXCLUSION) else "closed")
    assert (rows["needs_care"]["evidence_id"], rows["needs_care"]["here"]) == (None, "gap")


def test_what_to_do_and_until_when() -> None:
    rows = gaps(look(variant(PROPORTION), everybody()))
    told = {name: (str(row["due"]), row["why"], row["how_to_close"]) for name, row in rows.items()}
    assert told == {
        "needs_care": ("2026-12-31", "No evidence here closes it.", "Care by 2026-12-31."),
        "send_evidence": (
            "2027-02-28",
            "Evidence here (ehr) closes it; the payer does not have it.",
            "Send it in the standard file by 2027-02-28.",
        ),
        "not_accepted": (
            "2027-03-31",
            "Evidence here (patient reported) closes it, but the payer takes no evidence from that source.",
            "Would count: claim; payer feed; ehr sent in the standard file by 2027-02-28.",
        ),
        "in_run_out": (
            "2027-03-31",
            "Evidence here (claim) closes it; the payer may not have it yet: that takes up to 90 days.",
            "Wait, and ask the payer if it is not there by 2027-03-31.",
        ),
    }


def test_after_the_last_day_evidence_is_not_accepted_any_more() -> None:
    late = dt.date(2027, 4, 1)
    people = {
        "late": person(found(source="ehr", start="2026-11-03")),
        "after": person(found(source="claim", start="2026-11-03", received_day=day_number(late))),
        "never": person(),
    }
    rows = gaps(look(variant(PROPORTION), people, on=late, as_of=late))
    assert {name: row["reason"] for name, row in rows.items()} == {
        "late": "not_accepted", "after": "not_accepted", "never": "too_late",
    }  # fmt: skip
    assert "was not sent in time: 2027-02-28" in rows["late"]["why"]
    assert "came too late" in rows["after"]["why"]
    assert rows["never"]["how_to_close"] == "Too late: care could close it until 2026-12-31."


def test_charts_are_taken_for_listed_measures_only() -> None:
    people = {"chart": person(found(source="registry", start="2026-11-03"))}
    assert "for other measures only" in gaps(look(variant(PROPORTION), people))["chart"]["why"]
    listed = POLICY.replace("[another]", "[example]")
    row = gaps(look(variant(PROPORTION), people, listed))["chart"]
    assert (row["reason"], str(row["due"])) == ("send_evidence", "2027-01-15")
    assert row["how_to_close"] == "Send it as a chart copy by 2027-01-15."


def test_what_was_sent_counts_as_supplemental_data() -> None:
    """An exclusion must come from claims or the standard file: a record of ours counts once it was in the file."""
    only = {"denominator_exclusion": ("claim", "supplemental_standard")}
    people = everybody()
    rows = gaps(
        look(variant(EXCLUSION, sources=only), people, POLICY.replace("[payer_feed]", "[supplemental_standard]"))
    )
    assert rows["send_evidence"]["reason"] == "send_evidence"
    assert rows["send_evidence"]["here"] == "gap"
    assert "sent" not in rows  # to us it is a gap as well, but the payer has it excluded since summer
    assert rows["fed"]["reason"] == "not_accepted"


def test_roles_take_different_sources() -> None:
    policy = POLICY.replace("source:", "counts: {exclusion: [claim]}\nsource:")
    people = {"feed": person(found(source="payer_feed", start="2026-02-01"))}
    assert gaps(look(variant(PROPORTION), people, policy)) == {}
    row = gaps(look(variant(EXCLUSION), people, policy))["feed"]
    assert (row["reason"], row["at_payer"]) == ("not_accepted", "gap")
    assert "does not count as an exclusion" in row["why"]


def test_a_later_reading_of_ours_is_a_gap_that_the_payer_does_not_see() -> None:
    latest = """
    {initial_population: {always: true},
     numerator: {exists: {from: latest, where: {value: {at_most: 9, unit: "%"}}}}}
    """
    sections = """
    events:
      all: {kind: observation, codes: mammogram, when: {whole: period}}
      latest: {from: all, take: {last: start}}
    """
    readings = (
        found(source="claim", start="2026-02-01"),
        event("bad", "2026-11-03", code="M-1", value=10.0, unit="%", value_type="quantity"),
    )
    row = gaps(look(variant(latest, sections=sections), {"worse": person(*readings)}))["worse"]
    assert (row["reason"], row["here"], row["at_payer"]) == ("needs_care", "gap", "closed")


def test_a_person_whom_the_payer_does_not_count_yet() -> None:
    seen = "{initial_population: {exists: {kind: encounter}}, numerator: {sex: male}}"
    people = {"new": person(event("visit", "2026-12-01", kind="encounter", source="claim"))}
    row = gaps(look(variant(seen), people))["new"]
    assert (row["reason"], row["here"], row["at_payer"]) == ("needs_care", "gap", "not_counted")


def test_rates_both_ways() -> None:
    rows = look(variant(PROPORTION), everybody()).rates.to_pylist()
    assert [(row["view"], row["numerator"], row["denominator"], str(row["seen_on"])) for row in rows] == [
        ("known", 7, 8, "2026-12-31"), ("payer", 4, 8, "2026-12-31"),
    ]  # fmt: skip


def test_earlier_the_payer_saw_less() -> None:
    seen = look(variant(PROPORTION), everybody(), on=dt.date(2026, 6, 30))
    assert [row["numerator"] for row in seen.rates.to_pylist()] == [7, 1]
    assert gaps(seen)["fed"]["reason"] == "in_run_out"


def test_only_own_people_are_counted() -> None:
    membership = Membership("blue", by_roster=False, coverage=OwnCoverage("blue"))
    people = {"own": person(coverage=(span("2026-01-01", "never"),)), "other": person()}
    seen = look(variant(PROPORTION, membership=membership), people)
    assert list(gaps(seen)) == ["own"]
    assert [row["denominator"] for row in seen.rates.to_pylist()] == [1, 1]


def test_a_payer_who_has_everything_costs_nothing() -> None:
    asked = variant(EXCLUSION)
    view = payer_view(asked, EvidenceTerms("example", HAS_EVERYTHING, None, {}, NEW_YEARS_EVE, NEW_YEARS_EVE))
    plan = compile_plan([asked], NEW_YEARS_EVE)
    before = len(plan.nodes)
    compile_payer_views(plan, [view], NEW_YEARS_EVE)
    assert len(plan.nodes) == before
