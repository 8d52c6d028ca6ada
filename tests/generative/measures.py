"""Generated variants: every key of every model of the spec language, over the small pools of generated practices.

Specs are generated as people write them, as plain data, so that the models' own reading is used too. For each model
there is a table of keys with a strategy each (:data:`KEYS`); a test holds the tables to the models. Names stand in
layers, so that no reference goes round in a circle: base sets know neither anchors nor relations; anchors are moments
of base sets; upper sets and criteria may use everything below them.
"""

from __future__ import annotations

from typing import get_args

from hypothesis import strategies as st

from measureharmony.measures.bind import bind
from measureharmony.measures.criterion import Age, AtLeast, Count, Criterion, DaysCovered, Enrolled, Moment
from measureharmony.measures.event_set import (
    AgeAtEvent,
    Coded,
    DailyDose,
    EventSet,
    NumberTest,
    Relation,
    RowFilter,
    Step,
    Strength,
    ValueTest,
)
from measureharmony.measures.measure import (
    POPULATIONS,
    Anchor,
    Direction,
    EndOfCoverage,
    Episodes,
    Measure,
    Parameter,
    Populations,
    Rate,
    Stratum,
)
from measureharmony.measures.names import Model
from measureharmony.measures.window import RELATIONS, Point, PointOfEvent, Precision, Shift, Timing, Window
from measureharmony.periods import Unit
from tests.generative import practices as pools
from tests.generative.combine import (
    PARAMETERS,
    WHOLE_NUMBERS,
    Keys,
    Part,
    literal,
    mapping,
    mostly,
    one_key,
    possible,
    with_required,
    words,
)
from tests.generative.numbers import NUMBERS, NumberKeys

# --- parameters, points, windows -------------------------------------------------------------------------------------


SHIFT_KEYS: Keys = {
    "sign": st.sampled_from("+-"),
    "amount": st.sampled_from((0, 1, 2, 15, 50)),
    "unit": literal(Unit),
}
ANY_SHIFTS = st.builds(lambda **s: f" {s['sign']} {s['amount']} {s['unit']}", **SHIFT_KEYS)
#: None at all, or one that leads from a bound of the period or a birth to another day of the pools.
NEAR_SHIFTS = ("", "", "", " - 1 day", " + 1 day", " + 50 years", " + 2 years", " - 10 months", " - 1 year",
               " - $lookback")  # fmt: skip
SHIFTS = mostly(st.sampled_from(NEAR_SHIFTS), st.lists(ANY_SHIFTS, max_size=2).map("".join))
#: Only points of the period know milliseconds.
INSTANTS = st.sampled_from(("", "", "", " - 1 millisecond", " + 1 millisecond"))

#: Anchors of which a point says which moment is meant.
EVENTS = ("this", "other")
#: Most points are bounds of what lasts; the rarer moments differ from them only where the source says so.
EDGES = mostly(st.sampled_from(("start", "end")), literal(PointOfEvent))

POINT_KEYS: Keys = {
    "anchor": st.sampled_from(("period", "period", "birth", "death")),
    "edge": EDGES,
    "shifts": st.tuples(SHIFTS, INSTANTS),
}


def point_text(anchor: str, edge: str, shifts: tuple[str, str]) -> str:
    if anchor == "period":
        edge = "start" if edge in ("start", "earliest") else "end"
    edged = f"{anchor}.{edge}" if anchor in ("period", *EVENTS) else anchor
    return f"{edged}{shifts[0]}{shifts[1] if anchor == 'period' else ''}"


def points(*more_anchors: str) -> st.SearchStrategy[str]:
    """Points of the period, of birth and of further anchors."""
    anchors = POINT_KEYS["anchor"] | st.sampled_from(more_anchors) if more_anchors else POINT_KEYS["anchor"]
    return st.builds(point_text, **{**POINT_KEYS, "anchor": anchors})


def window_keys(*anchors: str) -> Keys:
    bound = mostly(points(*anchors), st.lists(points(*anchors), min_size=1, max_size=2))
    return dict.fromkeys(("from", "to", "after", "before"), bound)


def windows(*anchors: str) -> st.SearchStrategy[Part]:
    """A lower bound, an upper one, or both, included or not; or ``period``, or the other row of a relation."""
    keys = window_keys(*anchors)
    lower, upper = one_key({k: keys[k] for k in ("from", "after")}), one_key({k: keys[k] for k in ("to", "before")})
    both = st.builds(lambda low, high: {**low, **high}, lower, upper)
    named = tuple(name for name in EVENTS if name in anchors)
    return st.sampled_from(("period", "period", *named)) | lower | upper | both


def timing_keys(window: st.SearchStrategy[Part]) -> Keys:
    return {**dict.fromkeys(RELATIONS, window), "precision": literal(Precision)}


def timings(window: st.SearchStrategy[Part]) -> st.SearchStrategy[Part]:
    keys = timing_keys(window)
    precision = keys["precision"]
    relation = one_key({name: value for name, value in keys.items() if name != "precision"})
    precise = st.builds(lambda one, exact: {**one, "precision": exact}, relation, precision)
    return relation | precise


def timing_lists(window: st.SearchStrategy[Part]) -> st.SearchStrategy[Part]:
    return timings(window) | st.lists(timings(window), min_size=1, max_size=2)


# --- codes and numbers -----------------------------------------------------------------------------------------------

CODE_REFS = st.sampled_from(("alpha", "beta", "gamma", "delta", "LOINC|A1", "SNOMED|A1", "*|A1", "*|B1"))
CODES = CODE_REFS | st.lists(CODE_REFS, min_size=1, max_size=2)
ROLES = st.sampled_from(pools.ROLES)
UNITS = st.sampled_from(("%", "1", "mg/dL", "mm[Hg]", "Cel"))


BOUNDS: Keys = dict.fromkeys(("above", "at_least", "below", "at_most"), st.sampled_from((9, 0.09, 90, 38, "$limit")))

NUMBER_TEST_KEYS: Keys = {**BOUNDS, "at_least": st.sampled_from((0, 1, 30, "$few"))}
NUMBER_TESTS = mapping(NUMBER_TEST_KEYS).filter(possible)
VALUE_TEST_KEYS: Keys = {
    **BOUNDS, "present": st.booleans(), "type": words(*pools.VALUE_TYPES), "unit": UNITS,
}  # fmt: skip
VALUE_TESTS = st.builds(
    lambda unit, keys: {**keys, "unit": unit}, UNITS, mapping({k: v for k, v in VALUE_TEST_KEYS.items() if k != "unit"})
).filter(possible)
CODED_KEYS: Keys = {"role": ROLES, "codes": CODES}
STRENGTH_KEYS: Keys = {"codes": CODES, "amount": st.sampled_from((0.5, 1, 2)), "per": st.sampled_from((None, "mL"))}
DAILY_DOSE_KEYS: Keys = {
    **dict.fromkeys(BOUNDS, st.sampled_from((0.5, 1, 2, "$few"))),
    "strengths": st.lists(st.fixed_dictionaries(dict(STRENGTH_KEYS)), min_size=1, max_size=3),
}  # fmt: skip
DAILY_DOSES = st.builds(
    lambda bounds, strengths: {**bounds, "strengths": strengths},
    mapping({name: DAILY_DOSE_KEYS[name] for name in BOUNDS}).filter(possible), DAILY_DOSE_KEYS["strengths"],
)  # fmt: skip
AGES = st.sampled_from((0, 1, 49, "$young", 65))
AGE_AT_EVENT_KEYS: Keys = {"at": literal(PointOfEvent), "from": AGES, "to": AGES}


# --- conditions on rows, sets of events ------------------------------------------------------------------------------

BASE_SETS, UPPER_SETS = ("first_set", "panels"), ("third_set", "linked_set", "anchored_set")
#: ``visit`` is a moment of an event; ``covered``, the end of coverage, may start from it.
ANCHORS, WINDOWS = ("visit", "covered"), ("recent",)
FILTERS, UPPER_FILTERS, CRITERIA = ("plain",), ("related",), ("tested", "either")


def relation_keys(sets: st.SearchStrategy[Part]) -> Keys:
    return {
        "events": sets, "when": timing_lists(windows("other")), "other_when": timing_lists(windows("this")),
        "link": st.sampled_from(("encounter", "panel", "component", "based_on", "fulfilment")),
        "distinct": st.booleans(), "alike": CODES,
    }  # fmt: skip


def relations() -> st.SearchStrategy[Part]:
    keys = relation_keys(mostly(st.sampled_from(BASE_SETS), base_sets()))
    others = mapping({name: value for name, value in keys.items() if name != "events"}, 0, 2)
    return st.builds(lambda events, rest: {"events": events, **rest}, keys["events"], others)


def plain_filter_keys(window: st.SearchStrategy[Part]) -> Keys:
    """The keys of a row filter that need neither another filter nor another event."""
    return {
        "when": timing_lists(window), "type": words("lab", "simple", "bmi", "none"),
        "category": words("laboratory", "exam", "none"), "status": words(*pools.STATUSES),
        "intent": words("order", "plan"), "verification": words("confirmed", "refuted"),
        "clinical_status": words("active", "resolved"), "source": words(*pools.SOURCES),
        "coded": st.fixed_dictionaries(dict(CODED_KEYS)), "value": VALUE_TESTS, "days_supply": NUMBER_TESTS,
        "refills": NUMBER_TESTS, "daily_dose": DAILY_DOSES,
        "age": st.builds(
            lambda at, bounds: {"at": at, **bounds}, AGE_AT_EVENT_KEYS["at"],
            mapping({k: AGE_AT_EVENT_KEYS[k] for k in ("from", "to")}).filter(possible),
        ),
    }  # fmt: skip


def row_filter_keys(window: st.SearchStrategy[Part], names: tuple[str, ...], inner: st.SearchStrategy[Part]) -> Keys:
    parts = st.lists(inner | st.sampled_from(names) if names else inner, min_size=1, max_size=2)
    return {
        **plain_filter_keys(window), "all": parts, "any": parts, "not": inner,
        "with": relations(), "without": relations(),
    }  # fmt: skip


def base_filters() -> st.SearchStrategy[Part]:
    keys = plain_filter_keys(windows())
    inner = mapping(keys, 1, 1)
    combined = {"all": st.lists(inner, min_size=1, max_size=2), "any": st.lists(inner, min_size=2, max_size=2)}
    return mostly(mapping(keys), one_key({**combined, "not": mostly(inner, one_key(combined))}))


def upper_filters() -> st.SearchStrategy[Part]:
    inner = base_filters()
    window = windows(*ANCHORS) | st.sampled_from(WINDOWS)
    return st.sampled_from((*FILTERS, *UPPER_FILTERS)) | mapping(row_filter_keys(window, FILTERS, inner))


STEP_KEYS: Keys = {
    **dict.fromkeys(("first", "last", "first_day", "last_day"), literal(PointOfEvent)),
    **dict.fromkeys(("lowest", "highest"), st.sampled_from(("value", "days_supply"))),
    "spaced": literal(PointOfEvent), "chain": st.sampled_from(("first", "last")),
    "days": st.sampled_from((0, 1, 45, "$few")),
    "unit": UNITS, "missing": st.sampled_from(("first", "last")),
}  # fmt: skip


def steps() -> st.SearchStrategy[Part]:
    by_time = one_key({k: STEP_KEYS[k] for k in ("first", "last", "first_day", "last_day")})
    by_number = one_key({k: STEP_KEYS[k] for k in ("lowest", "highest")})
    numbered = st.builds(lambda c, u, m: {**c, "unit": u, "missing": m}, by_number, UNITS, STEP_KEYS["missing"])
    spaced = st.fixed_dictionaries({k: STEP_KEYS[k] for k in ("spaced", "days")})
    chains = st.fixed_dictionaries({k: STEP_KEYS[k] for k in ("chain", "days")})
    return st.lists(by_time | numbered | spaced | chains, min_size=1, max_size=2)


def kinds() -> st.SearchStrategy[Part]:
    """Mostly several kinds, so that most sets have events."""
    some = st.lists(st.sampled_from((*pools.KINDS, *pools.RARE_KINDS)), min_size=1, max_size=4)
    return mostly(st.just(list(dict.fromkeys(pools.KINDS))), st.sampled_from(pools.KINDS) | some)


def event_set_keys(window: st.SearchStrategy[Part], filters: st.SearchStrategy[Part], sets: tuple[str, ...]) -> Keys:
    return {
        "kind": kinds(), "codes": CODES, "role": ROLES, "not_done": st.booleans(),
        "from": st.sampled_from(sets) | st.lists(st.sampled_from(sets), min_size=1, max_size=3),
        "components_of": st.sampled_from(sets), "type": words("lab", "simple"), "when": timing_lists(window),
        "where": filters | st.lists(filters, min_size=1, max_size=2), "take": steps(),
    }  # fmt: skip


_STARTS = ("kind", "from", "components_of")


def event_sets(keys: Keys, starts: tuple[str, ...]) -> st.SearchStrategy[Part]:
    """One of the starts, with the keys that go with it; at most two narrow or choose."""
    narrowing = mapping({name: keys[name] for name in ("type", "when", "where")}, 0, 1)
    choosing = mapping({"take": keys["take"]}, 0, 1)
    coding = mostly(
        st.just({}) | st.fixed_dictionaries({"codes": keys["codes"]}),
        mapping({name: keys[name] for name in ("codes", "role", "not_done")}, 1, 3),
    )

    def joined(start: Part, code: Part, narrow: Part, choose: Part) -> Part:
        return {**start, **({} if "from" in start else code), **narrow, **choose}

    return st.builds(joined, one_key({name: keys[name] for name in starts}), coding, narrowing, choosing)


def base_sets() -> st.SearchStrategy[Part]:
    return event_sets(event_set_keys(windows(), base_filters(), BASE_SETS), ("kind",))


def upper_sets() -> st.SearchStrategy[Part]:
    window = windows(*ANCHORS) | st.sampled_from(WINDOWS)
    return event_sets(event_set_keys(window, upper_filters(), BASE_SETS), _STARTS)


# --- conditions on a subject -----------------------------------------------------------------------------------------

SETS = mostly(st.sampled_from((*BASE_SETS, *UPPER_SETS)), upper_sets())
AGE_KEYS: Keys = {"at": points(*ANCHORS), "from": AGES, "to": AGES, "unit": st.sampled_from(("years", "months"))}
COUNT_KEYS: Keys = {
    "of": SETS, "at_least": WHOLE_NUMBERS, "at_most": WHOLE_NUMBERS, "distinct": st.sampled_from(("event", "day")),
}  # fmt: skip
ENROLLED_KEYS: Keys = {
    "window": windows(*ANCHORS) | st.sampled_from(WINDOWS) | st.just("period"), "gaps": WHOLE_NUMBERS,
    "gap_days": st.sampled_from((0, 1, 44, 45, 46, 400)), "anchor": points(*ANCHORS),
    "payer": st.sampled_from(("own", "any")), "benefits": st.sampled_from(((), ("medical",), ("medical", "pharmacy"))),
}  # fmt: skip
DAYS_COVERED_KEYS: Keys = {
    "of": SETS | st.lists(SETS, min_size=1, max_size=2), "within": windows(*ANCHORS) | st.sampled_from(WINDOWS),
    "except": SETS | st.lists(SETS, max_size=2),
    "shift": st.booleans(), "at_least": WHOLE_NUMBERS, "share": st.sampled_from((0, 0.1, 0.8, 1)),
}  # fmt: skip
MOMENT_KEYS: Keys = {
    "point": points(*ANCHORS), "in": windows(*ANCHORS) | st.sampled_from(WINDOWS), "precision": literal(Precision),
}  # fmt: skip


def _at_least(n: Part, of: list[Part]) -> Part:
    """``n`` of a list, which must be long enough."""
    return {"n": n, "of": [*of, *of] if n in (2, "$few") else of}


#: Numbers over these sets, windows and points.
NUMBER_KEYS = NumberKeys(SETS, DAYS_COVERED_KEYS["within"], points(*ANCHORS), st.deferred(lambda: NUMBERLESS))


def criterion_keys(inner: st.SearchStrategy[Part]) -> Keys:
    parts = st.lists(inner, min_size=1, max_size=3)
    return {
        "all": parts, "any": parts, "not": inner, "at_least": st.builds(_at_least, WHOLE_NUMBERS, parts),
        "age": with_required(AGE_KEYS, "at", "from", "to").filter(possible), "always": st.booleans(),
        "sex": st.sampled_from(("female", "male")), "gender": st.sampled_from(("female", "male", "other", "unknown")),
        "exists": SETS, "count": with_required(COUNT_KEYS, "of", "at_least", "at_most").filter(possible),
        "days_covered": st.builds(
            lambda of, rest: {"of": of, **rest}, DAYS_COVERED_KEYS["of"],
            with_required({k: v for k, v in DAYS_COVERED_KEYS.items() if k != "of"}, "within", "at_least", "share"),
        ),
        "number": NUMBER_KEYS.bounded(), "enrolled": with_required(ENROLLED_KEYS, "window"),
        "moment": st.builds(
            lambda point, rest: {"point": point, **rest}, MOMENT_KEYS["point"],
            with_required({k: v for k, v in MOMENT_KEYS.items() if k != "point"}, "in"),
        ),
    }  # fmt: skip


def _leaves(*without: str) -> st.SearchStrategy[Part]:
    keys = criterion_keys(st.nothing())
    return one_key({name: keys[name] for name in keys if name not in ("all", "any", "not", "at_least", *without)})


LEAVES = _leaves()
NUMBERLESS = _leaves("number")
NESTED = st.deferred(lambda: one_key(criterion_keys(LEAVES | st.sampled_from(CRITERIA))))
CRITERIA_REFS = (
    st.sampled_from(CRITERIA) | LEAVES | one_key(criterion_keys(LEAVES | NESTED | st.sampled_from(CRITERIA)))
)


# --- measures -------------------------------------------------------------------------------------------

POPULATION_KEYS: Keys = dict.fromkeys(POPULATIONS, CRITERIA_REFS)
#: Mostly one set, so that the outcome shows which of its events a step has chosen.
EVIDENCE = mostly(
    st.sampled_from((*BASE_SETS, *UPPER_SETS)).map(lambda name: [name]),
    st.lists(st.sampled_from((*BASE_SETS, *UPPER_SETS)), max_size=2, unique=True),
)
RATE_KEYS: Keys = {
    "id": st.sampled_from(("low", "high")), "title": st.just("Rate"), "action": st.just(""),
    "direction": literal(Direction),
    "populations": mapping(POPULATION_KEYS, 0, 2), "evidence": EVIDENCE, "values": EVIDENCE,
    "observation": st.sampled_from(NUMBERS),
}  # fmt: skip
STRATUM_KEYS: Keys = {
    "id": st.sampled_from(("old", "new", "rural", "urban")),
    "title": st.just("Part"),
    "criterion": CRITERIA_REFS,
}
END_OF_COVERAGE_KEYS: Keys = {
    "from": points("visit"),
    **{k: ENROLLED_KEYS[k] for k in ("gap_days", "payer", "benefits")},
}
ANCHOR_KEYS: Keys = {
    "of": st.sampled_from(BASE_SETS) | base_sets(), "point": literal(PointOfEvent),
    "enrolled": with_required(END_OF_COVERAGE_KEYS, "from"),
}  # fmt: skip

#: The named parts that every measure has, so that any of them can be referred to.
SECTIONS: Keys = {
    "windows": st.fixed_dictionaries(dict.fromkeys(WINDOWS, windows(*ANCHORS).filter(lambda w: isinstance(w, dict)))),
    "anchors": st.fixed_dictionaries({
        "visit": st.fixed_dictionaries({name: ANCHOR_KEYS[name] for name in ("of", "point")}),
        "covered": st.fixed_dictionaries({"enrolled": ANCHOR_KEYS["enrolled"]}),
    }),
    "filters": st.fixed_dictionaries({
        **dict.fromkeys(FILTERS, base_filters()), "related": one_key({"with": relations(), "without": relations()}),
    }),
    "events": st.fixed_dictionaries({
        **dict.fromkeys(BASE_SETS, base_sets()), "third_set": upper_sets(),
        # Relations and anchors are what is hardest, so every measure has a set that lives by each.
        "linked_set": st.fixed_dictionaries({"kind": kinds(), "where": st.just("related")}),
        "anchored_set": st.fixed_dictionaries({"kind": kinds(), "when": timings(windows(*ANCHORS))}),
    }),
    "numbers": st.fixed_dictionaries(dict.fromkeys(NUMBERS, NUMBER_KEYS.named())),
    "criteria": st.fixed_dictionaries({
        "tested": LEAVES, "either": st.just({"any": ["tested", {"not": {"sex": "female"}}]}),
    }),
    "parameters": st.just(PARAMETERS),
}  # fmt: skip

EPISODES_KEYS: Keys = {"episodes": st.sampled_from(BASE_SETS)}
SUBJECTS = mostly(st.just("person"), st.fixed_dictionaries(dict(EPISODES_KEYS)))
#: Sections, or parts of them, that may mention the event an episode measure counts.
_AWARE_OF_INDEX = {"windows": WINDOWS, "filters": UPPER_FILTERS, "events": UPPER_SETS}


#: Which moment of the counted event a point means, by the length of its text: as good as any choice.
INDEX_EDGES = get_args(PointOfEvent)


def about_index(part: Part) -> Part:
    """The same, but about the event that is counted where it was about the anchor, or about the last base set."""
    if isinstance(part, dict):
        return {key: about_index(value) for key, value in part.items()}
    if isinstance(part, list):
        return [about_index(value) for value in part]
    if part == BASE_SETS[-1]:
        return "index"
    if isinstance(part, str) and part.split(" ")[0] == ANCHORS[0]:
        return part.replace(ANCHORS[0], f"index.{INDEX_EDGES[len(part) % len(INDEX_EDGES)]}", 1)
    return part


def with_index(spec: dict[str, Part]) -> dict[str, Part]:
    """A spec of an episode measure: whatever may mention the counted event does."""
    sections = {
        name: {key: about_index(part) if key in aware else part for key, part in spec[name].items()}
        for name, aware in _AWARE_OF_INDEX.items()
    }
    rest = {name: about_index(spec[name]) for name in ("numbers", "criteria", "populations", "rates", "strata")}
    return {**spec, **sections, **rest}


#: Continuous measures and ratios of observed to expected keep a number of everybody; proportions may.
SCORINGS = st.sampled_from((
    {}, {}, {"scoring": "proportion"}, {"scoring": "observed_to_expected"},
    *({"scoring": "continuous", "aggregate": how} for how in ("mean", "median", "sum")),
))  # fmt: skip


@st.composite
def unbound_measures(draw: st.DrawFn) -> Measure:
    """A measure with one or two rates, and up to four strata: they show a criterion's truth for everybody."""
    everybody = st.just({"always": True})
    required = st.fixed_dictionaries({"initial_population": everybody | CRITERIA_REFS, "numerator": CRITERIA_REFS})
    optional = mapping({name: POPULATION_KEYS[name] for name in POPULATIONS[1:3] + POPULATIONS[4:]}, 0, 3)
    shown = mostly(st.fixed_dictionaries({"evidence": EVIDENCE}), st.just({}))
    rest = mapping({k: RATE_KEYS[k] for k in ("direction", "populations", "values")}, 0, 2)
    rate = st.fixed_dictionaries({"id": RATE_KEYS["id"], "title": RATE_KEYS["title"]})
    rates = draw(st.lists(st.tuples(rate, shown, rest), min_size=1, max_size=2, unique_by=lambda parts: parts[0]["id"]))
    strata = draw(st.lists(st.fixed_dictionaries(dict(STRATUM_KEYS)), max_size=4, unique_by=lambda s: s["id"]))
    spec = {
        "measure": "made", "title": "Made", "edition": 2026, "description": "…", "strata": strata,
        "direction": draw(literal(Direction)), "populations": draw(required) | draw(optional),
        "rates": [{**rate, **shown, **rest} for rate, shown, rest in rates],
        **{section: draw(strategy) for section, strategy in SECTIONS.items()},
    }  # fmt: skip
    spec["subject"] = draw(SUBJECTS)
    scoring = draw(SCORINGS)
    if scoring:
        spec |= {
            **scoring,
            "rates": [{**rate, "observation": draw(RATE_KEYS["observation"])} for rate in spec["rates"]],
        }
    return Measure.model_validate(spec if spec["subject"] == "person" else with_index(spec))


def measures() -> st.SearchStrategy[Measure]:
    """A bound measure."""
    return unbound_measures().map(bind)


#: For each model of the language, the keys that are generated.
KEYS: dict[type[Model], Keys] = {
    **NUMBER_KEYS.by_model(),
    Age: AGE_KEYS, AgeAtEvent: AGE_AT_EVENT_KEYS, Anchor: ANCHOR_KEYS,
    AtLeast: {"n": WHOLE_NUMBERS, "of": st.lists(LEAVES)}, Coded: CODED_KEYS, Count: COUNT_KEYS,
    EndOfCoverage: END_OF_COVERAGE_KEYS,
    DailyDose: DAILY_DOSE_KEYS, DaysCovered: DAYS_COVERED_KEYS, Episodes: EPISODES_KEYS,
    Criterion: criterion_keys(LEAVES), Enrolled: ENROLLED_KEYS,
    EventSet: event_set_keys(windows(), base_filters(), BASE_SETS), Moment: MOMENT_KEYS,
    NumberTest: NUMBER_TEST_KEYS,
    Parameter: {name: st.nothing() for parameter in PARAMETERS.values() for name in parameter}, Point: POINT_KEYS,
    Populations: POPULATION_KEYS, Rate: RATE_KEYS, Relation: relation_keys(base_sets()),
    RowFilter: row_filter_keys(windows(), FILTERS, base_filters()), Shift: SHIFT_KEYS, Step: STEP_KEYS,
    Stratum: STRATUM_KEYS, Strength: STRENGTH_KEYS, Timing: timing_keys(windows()),
    ValueTest: VALUE_TEST_KEYS, Window: window_keys(),
}  # fmt: skip

__all__ = ["KEYS", "Keys", "measures", "unbound_measures"]
