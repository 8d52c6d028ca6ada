"""Laws of divergence in people, for generated measures, overlays and practices, with the interpreter as the judge.

The judge knows nothing of shared plans: it resolves the version with each set of causes, asks it of each person, and
looks for the smallest sets by trying them all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from measureharmony.engines import local
from measureharmony.errors import UsageError
from measureharmony.evaluation import toggling
from measureharmony.evaluation.population_order import CATEGORIES
from measureharmony.evaluation.reference import Interpreter, LoadedCodes, records_from_practice
from measureharmony.evaluation.responsibility import rate_divergences
from measureharmony.evaluation.terminology import Terminology
from measureharmony.evaluation.toggling import compile_toggled
from measureharmony.measures.bind import with_values
from measureharmony.measures.measure import POPULATIONS, Measure
from measureharmony.payers import Overlay, Variant, canonical_variant
from measureharmony.payers.causes import COVERAGE, PERIOD, Cause
from measureharmony.payers.change import Change
from measureharmony.payers.changes_of_contract import RestrictSources
from measureharmony.payers.contrast import Contrast, Version, of_any_payer
from measureharmony.payers.program import Program
from measureharmony.payers.resolve import changed_measure, in_force, resolve_checked
from measureharmony.periods import Period
from measureharmony.practice import Practice
from measureharmony.reports.divergence import Divergence
from tests.generative.budget import examples
from tests.generative.changes import lively_measures, overlay_changes, programs, with_lively_people
from tests.generative.measures import unbound_measures
from tests.generative.outcomes import Listed
from tests.generative.practices import AS_OF, VALUE_SETS, Tables, practices, read

#: A subject: person and event, or the person twice.
Key = tuple[str, str]
Row = dict[str, Any]
LIVELY = practices(max_people=2, max_events=6).map(with_lively_people)


@dataclass(frozen=True)
class Judge:
    """What one rate's outcome is for everybody in each version between two."""

    practice: Practice
    measure: Measure
    contrast: Contrast
    as_of: dt.date | None

    def categories(self, variant: Variant, rate_id: str) -> dict[Key, str]:
        """By subject: the innermost population it is in."""
        interpreter = Interpreter(variant, LoadedCodes(VALUE_SETS), self.as_of)
        rate = next(rate for rate in variant.measure.rates if rate.id == rate_id)
        return {
            (record.person_id, record.person_id if index is None else index.event_id): _innermost(
                interpreter.person(record, index).members(rate)
            )
            for record in records_from_practice(self.practice)
            for index in interpreter.subjects(record)
        }

    def version(self, causes: Sequence[Cause]) -> Variant:
        """Resolved as a program with these causes' changes would be; impossible bounds are met by nobody."""
        contrast = self.contrast
        before, after = contrast.before.variant, contrast.after.variant
        changes = [*contrast.always, *(change for cause in causes for change in cause.after)]
        changes += [change for cause in contrast.causes if cause not in causes for change in cause.before]
        paths = {cause.path for cause in causes}
        own_as_after = COVERAGE in paths or all(cause.path != COVERAGE for cause in contrast.causes)
        measure = self.measure
        if before.own is None and not own_as_after:
            measure, changes = of_any_payer(measure), [_any(change) for change in changes]
        changed = changed_measure(measure, {}, tuple(changes))
        bound = with_values(changed, changed.parameters, "made").model_copy(update={"parameters": {}})
        own = after.own if own_as_after or before.own is None else before.own
        sources = {c.what.population: c.what.sources for c in changes if isinstance(c.what, RestrictSources)}
        return Variant("judge", bound, (after if PERIOD in paths else before).period, own, sources)

    @cached_property
    def listed(self) -> Listed:
        return Listed(self.practice, self.as_of)

    def compared(self) -> set[str]:
        """The people of either variant."""
        sides = [side.variant for side in (self.contrast.before, self.contrast.after) if side.variant.membership]
        records = records_from_practice(self.practice)
        return {r.person_id for r in records if any(self.listed.is_member(r, side) for side in sides)}


def _any(change: Change) -> Change:
    return of_any_payer(change) if change.kind == "drop_from" else change


def _innermost(members: dict[str, bool]) -> str:
    order = [name for name in CATEGORIES if name != "outside"]
    return next((name for name in reversed(order) if members[name]), "outside")


@st.composite
def contrasts(draw: st.DrawFn, against_program: bool) -> tuple[Measure, Contrast]:
    """A measure, and a program's version of it against the canonical one, or against another program's."""
    measure = draw(lively_measures() | unbound_measures())
    try:
        before = Version(canonical_variant(measure, Period.calendar_year(2026)))
        if against_program:
            before = _version(draw(programs("south")), measure, draw(overlay_changes(measure, 2)))
        after = _version(draw(programs()), measure, draw(overlay_changes(measure, 2 if against_program else 3)))
    except UsageError:  # bounds that nothing can meet
        reject()
    return measure, Contrast(measure, {}, before, after)


def _version(program: Program, measure: Measure, changes: tuple[Change, ...]) -> Version:
    overlay = Overlay(overlay="made", edition=2026, changes=changes)
    variant = resolve_checked(program, overlay, measure, {}, 2026)
    return Version(variant, in_force(program, overlay, 2026))


def found_by_engine(
    practice: Practice, contrast: Contrast, as_of: dt.date | None, everybody: bool, **options: int
) -> Divergence:
    plan, toggled = compile_toggled([contrast], as_of)
    evaluated = local.run(practice, plan, Terminology.of(VALUE_SETS), as_of, **{"workers": 1, **options})
    found = rate_divergences(plan, toggled, evaluated, everybody=everybody)
    return Divergence(tuple(found), evaluated.subjects)


def smallest(sets: list[frozenset[int]]) -> set[frozenset[int]]:
    """Those that have none of the others within them."""
    return {one for one in sets if not any(other < one for other in sets)}


def in_sets(text: str) -> set[frozenset[int]]:
    """Sets of causes as the table of people writes them."""
    return {frozenset(int(number) - 1 for number in one.split("+")) for one in text.split()}


def subsets(count: int) -> Iterator[frozenset[int]]:
    return (frozenset(some) for size in range(count + 1) for some in combinations(range(count), size))


# --- the laws --------------------------------------------------------------------------------------------------------


@examples(1 / 6)
@given(tables=LIVELY, drawn=st.booleans().flatmap(contrasts), as_of=AS_OF, everybody=st.booleans())
def test_people_causes_and_counts_are_those_of_the_interpreter(
    tables: Tables, drawn: tuple[Measure, Contrast], as_of: dt.date | None, everybody: bool
) -> None:
    measure, contrast = drawn
    with read(tables) as practice:
        judge = Judge(practice, measure, contrast, as_of)
        whom = None if everybody else judge.compared()
        found = found_by_engine(practice, contrast, as_of, everybody, partition_size=2)
        for rate in contrast.rates:
            versions = {some: judge.categories(judge.version([contrast.causes[i] for i in some]), rate)
                        for some in subsets(len(contrast.causes))}  # fmt: skip
            whole = frozenset(range(len(contrast.causes)))
            assert versions[frozenset()] == judge.categories(contrast.before.variant, rate)
            assert versions[whole] == judge.categories(contrast.after.variant, rate)
            subjects = {key for some in (frozenset[int](), whole) for key in versions[some]
                        if whom is None or key[0] in whom}  # fmt: skip
            at = {some: {key: categories.get(key, "outside") for key in subjects}
                  for some, categories in versions.items()}  # fmt: skip
            rows = [row for row in found.people.to_dicts() if row["rate"] == rate]
            assert_people(rows, at, whole)
            counts = [row for row in found.counts.to_dicts() if row["rate"] == rate]
            assert_counts(counts, rows, at, whole)
            assert_rates(counts, at, whole, measure.scoring == "proportion")
            (agreed,) = [row for row in found.agreement.to_dicts() if row["rate"] == rate]
            assert_agreement(agreed, at[frozenset()], at[whole])


def assert_people(rows: list[Row], at: dict[frozenset[int], dict[Key, str]], whole: frozenset[int]) -> None:
    nothing = frozenset[int]()
    moved = {key for key in at[whole] if at[nothing][key] != at[whole][key]}
    assert {(row["person_id"], row["subject_id"]) for row in rows} == moved
    assert len(rows) == len(moved)
    for row in rows:
        key = (row["person_id"], row["subject_id"])
        assert (row["before"], row["after"]) == (at[nothing][key], at[whole][key])
        enough = [some for some in at if at[some][key] == at[whole][key]]
        assert in_sets(row["causes"]) == smallest(enough)
        undone = [some for some in at if at[whole - some][key] == at[nothing][key]]
        assert in_sets(row["undone_by"]) == smallest(undone)
        assert row["search"] == "all sets"
        assert row["responsible"]
        assert row["how"] == how(in_sets(row["causes"]))


def how(sets: set[frozenset[int]]) -> str:
    sizes = sorted(map(len, sets))
    if len(sizes) == 1:
        return "alone" if sizes == [1] else "together"
    return "each alone" if sizes[-1] == 1 else "several ways"


def assert_counts(
    counts: list[Row], people: list[Row], at: dict[frozenset[int], dict[Key, str]], whole: frozenset[int]
) -> None:
    nothing = at[frozenset()]
    numbered = {row["cause"]: row for row in counts}
    for cause, row in numbered.items():
        if cause == "membership":
            continue
        with_only = at[whole if cause == "all" else frozenset({int(cause) - 1})]
        assert row["subjects"] == len(nothing)
        assert row["moved"] == sum(nothing[key] != with_only[key] for key in nothing)
        for name in POPULATIONS:
            inside = [(name in _populations(nothing[key]), name in _populations(with_only[key])) for key in nothing]
            assert (row[f"{name}_in"], row[f"{name}_out"]) == (inside.count((False, True)), inside.count((True, False)))
        if cause == "all":
            assert row["moved"] == len(people)
            continue
        hows = [one["how"] for one in people if any(int(cause) - 1 in some for some in in_sets(one["causes"]))]
        assert row["alone"] == hows.count("alone")
        assert row["together"] == hows.count("together")
        assert row["one_of_several"] == hows.count("each alone") + hows.count("several ways")


def assert_rates(
    counts: list[Row], at: dict[frozenset[int], dict[Key, str]], whole: frozenset[int], proportion: bool
) -> None:
    for row in counts:
        if not proportion:
            assert (row["rate_before"], row["rate_after"], row["rate_without"], row["points"]) == (None,) * 4
        elif row["cause"] != "membership":
            one = whole if row["cause"] == "all" else frozenset({int(row["cause"]) - 1})
            assert row["rate_before"] == rate_of(at[frozenset()].values())
            assert row["rate_after"] == rate_of(at[one].values())
            without = None if row["cause"] == "all" else rate_of(at[whole - one].values())
            assert row["rate_without"] == without


def assert_agreement(row: Row, before: dict[Key, str], after: dict[Key, str]) -> None:
    either = [key for key in before if "denominator" in {*_populations(before[key]), *_populations(after[key])}]
    same = sum(before[key] == after[key] for key in either)
    assert (row["subjects"], row["in_either"], row["same"]) == (len(before), len(either), same)
    assert row["agreement"] == (same / len(either) if either else None)


def _populations(category: str) -> tuple[str, ...]:
    within = {"outside": (), "initial_population": ("initial_population",)}
    if category in within:
        return within[category]
    outer = ("initial_population", "denominator")
    return (*outer, "numerator", category) if category == "numerator_exclusion" else (*outer, category)


def rate_of(categories: Any) -> float | None:
    found = list(categories)
    below = sum(found.count(name) for name in ("denominator", "numerator", "numerator_exclusion"))
    return found.count("numerator") / below if below else None


@examples(1 / 12)
@given(tables=LIVELY, drawn=contrasts(False), as_of=AS_OF)
def test_where_only_small_sets_are_tried_each_that_is_told_still_does_it(
    tables: Tables, drawn: tuple[Measure, Contrast], as_of: dt.date | None
) -> None:
    measure, contrast = drawn
    with pytest.MonkeyPatch.context() as patched, read(tables) as practice:
        patched.setattr(toggling, "MOST_FOR_A_RATE", 0)
        patched.setattr(toggling, "FEW", 1)
        judge = Judge(practice, measure, contrast, as_of)
        for row in found_by_engine(practice, contrast, as_of, True).people.to_dicts():
            assert row["search"] == "small sets"
            assert row["causes"]
            for some in in_sets(row["causes"]):
                told = judge.categories(judge.version([contrast.causes[i] for i in some]), row["rate"])
                assert told.get((row["person_id"], row["subject_id"]), "outside") == row["after"]
