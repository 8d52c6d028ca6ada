"""Generated overlays: changes of a generated measure that touch different things, of every kind that moves people."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from measureharmony.measures.criterion import Criterion
from measureharmony.measures.measure import POPULATIONS, Measure, Populations, Rate
from measureharmony.payers.apply import JOINS, members
from measureharmony.payers.change import Change, overlaps
from measureharmony.payers.program import Program
from measureharmony.payers.words import written
from tests.generative import practices as pools
from tests.generative.combine import mostly
from tests.generative.measures import CRITERIA_REFS, LEAVES, base_sets, unbound_measures, windows
from tests.generative.practices import Tables

ABOUT = {"effective": "2020-01-01", "source": {"document": "made up"}, "reason": "Generated."}
POPULATION = st.sampled_from(POPULATIONS)
VALUES = {"few": (1, 3), "young": (1, 49), "lookback": (1, 12), "limit": (0.09, 90)}


#: Criteria that hold for some people and not for others, so that changes of them move somebody.
LIKELY = st.sampled_from((
    {"sex": "female"}, {"gender": "other"}, {"always": True}, {"always": False}, {"exists": "panels"},
    {"exists": "first_set"}, {"age": {"at": "period.end", "from": "$young"}}, {"exists": {"kind": "observation"}},
    {"exists": {"kind": ["encounter", "condition"], "when": {"start": "period"}}},
    {"enrolled": {"window": {"from": "period.end", "to": "period.end"}}},
    {"exists": {"codes": "alpha", "kind": "observation"}},
    {"count": {"of": {"kind": ["observation", "procedure"]}, "at_least": "$few"}}, "tested",
))  # fmt: skip
SEVERAL = st.builds(
    lambda join, parts: {join: parts}, st.sampled_from(("all", "any")), st.lists(LIKELY, min_size=2, max_size=3)
)
CRITERIA = mostly(LIKELY | SEVERAL, CRITERIA_REFS)


def _replaced(section: str, names: tuple[str, ...], parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(
        lambda name, part: {"replace": {"section": section, "name": name, "with": part}}, st.sampled_from(names), parts
    )


#: Payloads that fit any generated measure.
ANYWHERE: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(sorted(VALUES)).flatmap(
        lambda name: st.sampled_from(VALUES[name]).map(lambda to: {"set_parameter": {"name": name, "to": to}})
    ),
    _replaced("criteria", ("tested",), mostly(LIKELY.filter(lambda one: one != "tested"), LEAVES)),
    _replaced("events", ("first_set", "panels"), base_sets()),
    _replaced("windows", ("recent",), windows().filter(lambda window: isinstance(window, dict))),
    st.builds(lambda name, with_: {"add_to": {"population": name, "criterion": with_}}, POPULATION, CRITERIA),
    st.builds(lambda name, with_: {"replace_population": {"population": name, "with": with_}}, POPULATION, CRITERIA),
    st.just({"swap_value_set": {"value_set": "alpha", "with": "gamma"}}),
    st.just({"extend_value_set": {"value_set": "beta", "with": ["gamma"]}}),
    st.builds(
        lambda name, source: {"restrict_sources": {"population": name, "sources": [source]}},
        POPULATION, st.sampled_from(pools.SOURCES),
    ),
    st.sampled_from(({"window": "period"}, {"window": "period", "gaps": 1, "gap_days": 45})).map(
        lambda rule: {"require_enrolment": rule}
    ),
    st.just({"shift_period": {"start": "07-01", "named_for": "end"}}),
)  # fmt: skip


@st.composite
def lively_measures(draw: st.DrawFn) -> Measure:
    """A measure of which changes move somebody: much is likely to hold for some people and not for others."""
    measure = draw(unbound_measures())
    names = ("initial_population", "numerator", *draw(st.lists(POPULATION, max_size=3)))
    populations = Populations.model_validate({name: draw(CRITERIA) for name in names})
    tested = Criterion.model_validate(draw(LIKELY.filter(lambda one: isinstance(one, dict))))
    criteria = {**measure.criteria, "tested": tested}
    rate = Rate(id="rate", title="Rate")
    update = {"populations": populations, "criteria": criteria, "rates": (rate,), "strata": ()}
    update |= {"scoring": "proportion", "aggregate": None}
    return measure.model_copy(update=update)


@st.composite
def overlay_changes(draw: st.DrawFn, measure: Measure, max_size: int = 4) -> tuple[Change, ...]:
    """Changes of ``measure`` that fit it, no two of which touch the same thing. Some use a part that others define."""
    payloads = draw(st.lists(ANYWHERE | _droppable(measure), max_size=max_size))
    chosen: list[Change] = []
    for payload in payloads:
        change = Change.model_validate({**payload, **ABOUT})
        if not any(overlaps(change.path, other.path) for other in chosen):
            chosen.append(change)
    if draw(st.booleans()):
        defined = {"define": {"section": "criteria", "name": "made_up", "with": draw(LEAVES)}}
        used = Change.model_validate({"add_to": {"population": draw(POPULATION), "criterion": "made_up"}, **ABOUT})
        if not any(overlaps(used.path, other.path) for other in chosen):
            chosen += [Change.model_validate({**defined, **ABOUT}), used]
    return tuple(chosen)


def _droppable(measure: Measure) -> st.SearchStrategy[Any]:
    """Criteria that populations have beside others, so that something is left."""
    there = []
    for name in POPULATIONS:
        own = members(getattr(measure.populations, name), JOINS[name])
        if len({written(criterion) for criterion in own}) > 1:
            there += [{"drop_from": {"population": name, "criterion": criterion}} for criterion in own]
    return st.sampled_from(there) if there else st.nothing()


@st.composite
def programs(draw: st.DrawFn, name: str = "north") -> Program:
    """A contract with a payer, a period and people of its own."""
    by_roster = draw(st.booleans())
    lines = draw(st.sampled_from(([], ["medicaid"])))
    return Program.model_validate({
        "program": name, "title": name, "payer": draw(st.sampled_from(pools.PAYERS)), "fictional": True,
        "edition": 2026, "product_lines": lines, "measures": [{"measure": "made", "overlay": True}],
        "period": draw(st.sampled_from(({"start": "01-01"}, {"start": "07-01", "named_for": "end"}))),
        "membership": {"roster": True} if by_roster else {"roster": False, "covered": "any_day"},
        "sources": [{"document": "made up"}],
    })  # fmt: skip


def with_lively_people(tables: Tables) -> Tables:
    """The same practice, and eight people in whom every two of sex, age, coverage and care come together."""
    people, coverage, roster, event = ([*tables[name]] for name in ("person", "coverage", "roster", "event"))
    for number in range(8):
        who = f"q{number}"
        old, cared, insured = (number & 1 << bit for bit in range(3))
        sex, birth = ("female" if number in (0, 3, 5, 6) else "male"), ("1970-05-05" if old else "1990-05-05")
        people.append({"person_id": who, "birth": birth, "sex": sex, "gender": "other" if cared else "female"})
        start = "2025-01-01" if insured else "2026-05-16"
        coverage.append({"person_id": who, "payer": "blue", "product_line": "medicaid", "start": start, "end": ""})
        roster.append({"person_id": who, "program": "north", "start": "2020-01-01", "end": ""})
        for place, kind in enumerate(("observation", "encounter", "condition", "procedure")):
            if cared or place == number % 4:
                day = "2026-03-01" if number % 3 else "2025-10-01"
                code = {"code_system": pools.LOINC, "code": "A1"}
                made = {
                    "event_id": f"{900 + 10 * number + place}",
                    "person_id": who,
                    "kind": kind,
                    "start": day,
                    **code,
                }
                event.append({**made, "end": day, "source": pools.SOURCES[(number + place) % 2]})
    return {**tables, "person": people, "coverage": coverage, "roster": roster, "event": event}


__all__ = ["lively_measures", "overlay_changes", "programs", "with_lively_people"]
