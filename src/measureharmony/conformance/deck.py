"""Evaluates every person of a deck and compares with what is expected of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from measureharmony.conformance.expected import EXPECTED, Expected, people_by_period, read_expected
from measureharmony.conformance.report import DeckReport, Disagreement, MeasureReport
from measureharmony.documented_exceptions import ExceptionList, Fact, read_exceptions
from measureharmony.errors import DataError, Issue, UsageError, shown
from measureharmony.harmonize import outcomes_of
from measureharmony.measures.measure import POPULATIONS, Measure
from measureharmony.measures.names import CodeRef, walk
from measureharmony.payers import Variant, canonical_variant
from measureharmony.periods import Period
from measureharmony.practice import Practice
from measureharmony.practice.fhir import read_fhir
from measureharmony.specs import Specs

_FIX_FOLDER = "Give the folder that holds CMS122, CMS124, …"
#: Reasons to reject a resource that say nothing of the deck: we have no use for it, or have its content already.
_NO_LOSS = ("no-place-in-contract", "repeated-resource", "claim-told-by-eob", "claim-without-new-lines")


def check_deck(
    deck: Path,
    specs: Specs,
    measures: Collection[str] = (),
    exceptions: Path | None = None,
    edition: int | None = None,
) -> DeckReport:
    """Evaluate every person of a deck and compare with what is expected of them.

    ``measures`` (CMS ids or our keys) narrows the deck; ``exceptions`` is a list of documented exceptions.
    ``edition``: of the measures; left out, each as its own file says it. Raises :class:`DataError` or
    :class:`UsageError` when the deck cannot be compared at all.
    """
    known = _by_cms_id(specs.of_edition(edition).measures)
    folders, notes = _folders(deck, set(measures), known)
    excused = read_exceptions(exceptions) if exceptions else ExceptionList()
    reports = tuple(_check_measure(folder, known[folder.name], specs, excused) for folder in folders)
    stale = excused.stale(_facts(reports), {report.measure for report in reports})
    notes = (*notes, *_incomplete(specs, [known[folder.name] for folder in folders]))
    return DeckReport(shown(deck), reports, tuple(stale), notes)


# --- which folders --------------------------------------------------------------------------------------------------


def _by_cms_id(measures: Mapping[str, Measure]) -> dict[str, Measure]:
    """``CMS125`` → the measure one of whose identifiers is a version of it."""
    return {
        identifier.id.partition("v")[0]: measure
        for measure in measures.values()
        for identifier in measure.identifiers
        if identifier.system == "CMS eCQM"
    }


def _folders(deck: Path, wanted: set[str], known: Mapping[str, Measure]) -> tuple[list[Path], tuple[str, ...]]:
    """The folders to compare, and notes on those that are left out though nobody asked for that."""
    if not deck.is_dir():
        raise UsageError(f"There is no deck folder {shown(deck)}. {_FIX_FOLDER}")
    found = sorted(path.parent for path in deck.glob(f"*/{EXPECTED}"))
    if not found:
        raise UsageError(f"No sub-folder of {shown(deck)} has an {EXPECTED}. {_FIX_FOLDER}")
    if wanted:
        return _wanted(found, wanted, known), ()
    _require_expectations(deck, known)
    folders = [folder for folder in found if folder.name in known]
    others = [folder.name for folder in found if folder.name not in known]
    if not folders:
        raise UsageError(f"The specs hold none of the deck's measures: {', '.join(others)}. {_held(known)}")
    return folders, (f"not compared, because the specs do not hold it: {', '.join(others)}",) if others else ()


def _wanted(found: Sequence[Path], wanted: set[str], known: Mapping[str, Measure]) -> list[Path]:
    names = {folder.name: {folder.name} for folder in found}
    for name in names.keys() & known.keys():
        names[name].add(known[name].measure)
    missing = wanted.difference(*names.values())
    if missing:
        raise UsageError(f"The deck has no {', '.join(sorted(missing))}. It has: {', '.join(names)}.")
    folders = [folder for folder in found if names[folder.name] & wanted]
    unknown = [folder.name for folder in folders if folder.name not in known]
    if unknown:
        raise UsageError(f"The specs do not hold {', '.join(unknown)}. {_held(known)}")
    return folders


def _held(known: Mapping[str, Measure]) -> str:
    held = ", ".join(f"{cms_id} ({measure.measure})" for cms_id, measure in sorted(known.items()))
    return f"They hold: {held}." if held else "None of their measures has a CMS eCQM identifier."


def _require_expectations(deck: Path, known: Mapping[str, Measure]) -> None:
    """A known measure's folder without expectations would otherwise pass as agreeing."""
    homes = [deck / name for name in sorted(known) if (deck / name).is_dir()]
    fix = "give the expected counts, or leave the measure out with --measure"
    what = f"the folder has no {EXPECTED}"
    issues = [Issue(shown(h), 0, "deck-no-expectations", what, fix) for h in homes if not (h / EXPECTED).is_file()]
    if issues:
        raise DataError(issues)


# --- one measure ----------------------------------------------------------------------------------------------------


@dataclass
class _Found:
    """Our counts by (person, group, population), and what decided each person's group."""

    counts: dict[tuple[str, str, str], int] = field(default_factory=dict)
    failing: dict[tuple[str, str], str] = field(default_factory=dict)
    people: set[str] = field(default_factory=set)

    def start_at_nothing(self, variant: Variant, people: Iterable[str]) -> None:
        """Whoever was read counts nothing until an outcome says otherwise; there may be no event of theirs to count."""
        strata = ["", *(f"/{place}" for place in range(1, len(variant.measure.strata) + 1))]
        groups = [f"{group}{stratum}" for group in range(1, len(variant.measure.rates) + 1) for stratum in strata]
        for person in self.people.intersection(people):
            self.counts.update({(person, group, name): 0 for group in groups for name in POPULATIONS})


def _check_measure(folder: Path, measure: Measure, specs: Specs, excused: ExceptionList) -> MeasureReport:
    expected = read_expected(folder / EXPECTED)
    by_period = people_by_period(expected)
    chosen = {period: _variant(measure, period, folder, specs) for period in sorted(by_period)}
    practice = read_fhir(folder)
    found = _Found(people=set(practice.table("person")["person_id"].to_pylist()))
    for period, variant in chosen.items():
        found.start_at_nothing(variant, by_period[period])
        for row in outcomes_of(practice, [variant], specs).to_pylist():
            if row["person_id"] in by_period[period]:
                _count(row, variant, found)
    comparison = _Comparison(folder.name, measure, found, excused)
    people = {line.person for line in expected}
    return MeasureReport(
        folder.name,
        measure.measure,
        len(people),
        len(expected),
        tuple(comparison.disagreements(expected)),
        tuple(_notes(practice, found.people - people)),
    )


def _variant(measure: Measure, period: Period, folder: Path, specs: Specs) -> Variant:
    if measure.edition != period.end.year:
        there = period.end.year in specs.editions.years_of(measure.measure)
        choose = f"Choose it with --edition {period.end.year}" if there else "Give specs of that edition with --specs"
        raise UsageError(
            f"{shown(folder)} is about {period}, but this is {measure.measure} of edition {measure.edition}. "
            f"{choose}, or leave the measure out with --measure."
        )
    return canonical_variant(measure, period)


def _count(row: Mapping[str, object], variant: Variant, found: _Found) -> None:
    """Add one outcome to the counts of its group and of each stratum."""
    person = str(row["person_id"])
    group = [rate.id for rate in variant.measure.rates].index(str(row["rate"])) + 1
    inside = set(str(row["strata"]).split())
    found.failing[person, str(group)] = str(row["first_failing"] or "")
    for name in POPULATIONS:
        key = (person, str(group), name)
        found.counts[key] = found.counts.get(key, 0) + bool(row[name])
        for place, stratum in enumerate(variant.measure.strata, start=1):
            key = (person, f"{group}/{place}", name)
            found.counts[key] = found.counts.get(key, 0) + (bool(row[name]) and stratum.id in inside)


@dataclass(frozen=True)
class _Comparison:
    """Our counts of one measure against the expected ones."""

    folder: str
    measure: Measure
    found: _Found
    excused: ExceptionList

    def disagreements(self, expected: Iterable[Expected]) -> Iterator[Disagreement]:
        for line in expected:
            count = self.found.counts.get((line.person, line.group, line.population))
            if count != line.count:
                population = line.population.replace("_", "-")
                reason = self.excused.reason((self.folder, line.person, line.group, population))
                why = self._why(line, count)
                yield Disagreement(self.folder, line.person, line.group, population, line.count, count, why, reason)

    def _why(self, line: Expected, count: int | None) -> str:
        """What decided our count, in words."""
        if count is None:
            no_person = line.person not in self.found.people
            return "no bundle of this person could be read" if no_person else "the measure has no such group"
        group, _, place = line.group.partition("/")
        if place and count < self.found.counts[line.person, group, line.population]:
            return f"is not in stratum {self.measure.strata[int(place) - 1].id}"
        decided = self.found.failing.get((line.person, group), "")
        return f"decided by: {decided}" if decided else ""


def _notes(practice: Practice, unexpected: Collection[str]) -> Iterator[str]:
    """What was read and not compared, and what could not be read."""
    if unexpected:
        yield f"people in the bundles without a line in {EXPECTED}: {', '.join(sorted(unexpected))}"
    rules = Counter((row["file"], row["rule"]) for row in practice.rejects.to_pylist() if row["rule"] not in _NO_LOSS)
    for (file, rule), times in sorted(rules.items()):
        yield f"{Path(file).name}: not accepted: {rule}" + (f" × {times}" if times > 1 else "")


def _incomplete(specs: Specs, measures: Iterable[Measure]) -> Iterator[str]:
    """Disagreements may be for want of codes; say so where some are wanting."""
    used = {str(ref) for measure in measures for _, ref in walk(measure) if isinstance(ref, CodeRef)}
    partial = [
        name for name in sorted(used) if name in specs.value_sets and specs.value_sets[name].completeness != "complete"
    ]
    if partial:
        yield f"{len(partial)} value sets hold only openly usable codes; give the published ones with --value-sets"


def _facts(reports: Iterable[MeasureReport]) -> set[Fact]:
    return {(d.measure, d.person, d.group, d.population) for report in reports for d in report.disagreements}


__all__ = ["check_deck"]
