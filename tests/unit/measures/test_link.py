from __future__ import annotations

from measureharmony.measures.link import link
from measureharmony.measures.names import walk
from measureharmony.measures.references import references, resolve
from tests.unit.measures.specs import measure, shared

HOSPICE = shared(
    "hospice",
    """
parameters:
  days: {value: 30, unit: days, text: How long before}
  unused: {value: 1, unit: days, text: Nobody asks}
windows:
  before: {from: period.start - $days, to: period.end}
  after_visit: {from: other.start, to: other.end}
anchors:
  first_stay: {of: stay, point: start}
filters:
  final: {status: finished}
events:
  stay:
    kind: encounter
    codes: hospice_encounter
    where: [final, status.billed, {with: {events: visits.office, when: {start: after_visit}}}]
    when: [{start: before}, {end: period}]
criteria:
  received: {any: [stayed, {age: {at: first_stay, from: 66}}, {age: {at: birth, to: 1}}]}
  stayed: {exists: stay}
""",
)
STATUS = shared("status", "filters: {billed: {source: claim}}")
VISITS = shared("visits", "events: {office: {kind: encounter, codes: office_visit}, other: {kind: task}}")
SHARED = {"hospice": HOSPICE, "status": STATUS, "visits": VISITS}
MEASURE = measure(
    "events: {visit: {kind: encounter}}\n"
    "populations:\n"
    "  {initial_population: {always: true}, denominator_exclusion: hospice.received, numerator: {exists: visit}}\n"
)


def test_every_part_that_is_used_comes_in_and_no_other() -> None:
    linked = link(MEASURE, SHARED)
    assert set(linked.criteria) == {"hospice.received", "hospice.stayed"}
    assert set(linked.events) == {"visit", "hospice.stay", "visits.office"}
    assert set(linked.filters) == {"hospice.final", "status.billed"}
    assert set(linked.windows) == {"hospice.before", "hospice.after_visit"}
    assert set(linked.anchors) == {"hospice.first_stay"}
    assert set(linked.parameters) == {"hospice.days"}


def test_every_name_of_a_linked_measure_is_its_own_or_built_in() -> None:
    linked = link(MEASURE, SHARED)
    assert [r for r in references(linked) if not r.is_built_in and resolve(r.part, linked, {}) is None] == []


def test_built_in_names_stay_and_bare_names_of_shared_parts_get_their_file() -> None:
    linked = link(MEASURE, SHARED)
    assert list(map(str, linked.windows["hospice.before"].from_ or ())) == ["period.start - $hospice.days"]
    assert list(map(str, linked.windows["hospice.after_visit"].to or ())) == ["other.end"]
    names = {r.name for r in references(linked.criteria["hospice.received"])}
    assert names == {"hospice.stayed", "hospice.first_stay", "birth"}
    assert {r.name for r in references(linked.events["hospice.stay"]) if r.section == "windows"} == {
        "hospice.before", "hospice.after_visit", "period",
    }  # fmt: skip


def test_rewritten_names_keep_their_types() -> None:
    before = {type(part) for _, part in walk(HOSPICE)}
    after = {type(part) for _, part in walk(link(MEASURE, SHARED))}
    assert before - after <= {type(HOSPICE)}


def test_a_measure_that_uses_nothing_shared_stays_as_it_is() -> None:
    own = measure("events: {visit: {kind: encounter}}")
    assert link(own, SHARED) is own


def test_unknown_names_and_cycles_are_left_for_the_rules() -> None:
    round_about = shared("a", "criteria: {x: {not: y}, y: {not: x}}")
    text = "populations: {initial_population: a.x, numerator: {any: [a.absent, absent.x]}}"
    assert set(link(measure(text), {"a": round_about}).criteria) == {"a.x", "a.y"}


def test_linking_twice_changes_nothing_more() -> None:
    linked = link(MEASURE, SHARED)
    assert link(linked, SHARED) == linked
