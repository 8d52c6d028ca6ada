"""Agreement with published test people: a deck of FHIR bundles with expected populations against our outcomes.

A deck folder has one sub-folder per measure (``CMS122``, …) with one bundle per person and ``expected.csv``:
``patient_id, group, population, count, period_start, period_end``. A group ``2`` is the measure's second rate; ``1/2`` is
its first rate in the second stratum.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import orjson

from measureharmony.errors import DataError, Issue, UsageError, shown
from measureharmony.documented_exceptions import ExceptionList, read_exceptions
from measureharmony.harmonize import Specs, outcomes_of
from measureharmony.measures.measure import POPULATIONS, Measure
from measureharmony.payers import Variant, canonical_variant
from measureharmony.periods import Period
from measureharmony.practice.fhir import read_fhir

EXPECTED = "expected.csv"
_COLUMNS = ("patient_id", "group", "population", "count", "period_start", "period_end")


@dataclass(frozen=True)
class Expected:
    """One line of ``expected.csv``: so many subjects of a person in a population of a group."""

    person: str
    group: str
    population: str
    count: int
    period: Period


@dataclass(frozen=True)
class Disagreement:
    """A published count that ours is not. ``excused`` is the documented reason, if there is one."""

    measure: str
    person: str
    group: str
    population: str
    expected: int
    found: int | None
    first_failing: str = ""
    excused: str = ""


@dataclass(frozen=True)
class MeasureReport:
    """Agreement on one measure: how many people and counts were compared, and where they differ."""

    measure: str
    key: str
    people: int
    counts: int
    disagreements: tuple[Disagreement, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def unexcused(self) -> tuple[Disagreement, ...]:
        """Disagreements that no documented exception covers."""
        return tuple(d for d in self.disagreements if not d.excused)

    @property
    def agreeing(self) -> int:
        """People on all of whose counts we agree, or differ only where it is documented."""
        return self.people - len({d.person for d in self.unexcused})


@dataclass(frozen=True)
class DeckReport:
    """Agreement on a whole deck."""

    deck: str
    measures: tuple[MeasureReport, ...]
    stale: tuple[str, ...] = field(default=())

    @property
    def agrees(self) -> bool:
        """True when every difference is a documented exception."""
        return not any(report.unexcused for report in self.measures)

    def to_json(self) -> bytes:
        """The report for machines."""
        measures = [
            {**asdict(report), "agreeing": report.agreeing, "unexcused": len(report.unexcused)} for report in self.measures
        ]
        document = {"deck": self.deck, "agrees": self.agrees, "measures": measures, "stale_exceptions": self.stale}
        return orjson.dumps(document, option=orjson.OPT_INDENT_2)

    def __str__(self) -> str:
        lines = []
        for report in self.measures:
            excused = len(report.disagreements) - len(report.unexcused)
            documented = f", {excused} counts differ as documented" if excused else ""
            lines.append(
                f"{report.measure:<8} {report.key:<5} {report.agreeing:>4} of {report.people} people agree "
                f"({report.counts} counts{documented})"
            )
            lines += [f"    note: {note}" for note in report.notes]
            lines += [f"    {_sentence(d)}" for d in report.unexcused]
        lines += [f"exception no longer needed: {what}" for what in self.stale]
        people, agreeing = sum(r.people for r in self.measures), sum(r.agreeing for r in self.measures)
        lines.append(f"{agreeing} of {people} people agree in {len(self.measures)} measures")
        return "\n".join(lines)


def check_deck(
    deck: Path, specs: Specs, measures: Iterable[str] = (), exceptions: Path | None = None
) -> DeckReport:
    """Evaluate every person of a deck and compare with what is expected of them.

    ``measures`` (CMS ids or our keys) narrows the deck; ``exceptions`` is a list of documented exceptions. Raises
    :class:`DataError` or :class:`UsageError` when the deck cannot be compared at all.
    """
    known = _by_cms_id(specs.canonical.measures)
    folders = _folders(deck, set(measures), known)
    excused = read_exceptions(exceptions) if exceptions else ExceptionList()
    reports = tuple(_check_measure(folder, known[folder.name], specs, excused) for folder in folders)
    return DeckReport(shown(deck), reports, tuple(excused.stale(_facts(reports), {r.measure for r in reports})))


def _sentence(d: Disagreement) -> str:
    why = f" (first failing: {d.first_failing})" if d.first_failing else ""
    found = "no such person in the deck" if d.found is None else f"found {d.found}"
    return f"{d.person} group {d.group} {d.population}: expected {d.expected}, {found}{why}"


def _by_cms_id(measures: Mapping[str, Measure]) -> dict[str, Measure]:
    """``CMS125`` → the measure one of whose identifiers is a version of it."""
    return {
        identifier.id.partition("v")[0]: measure
        for measure in measures.values()
        for identifier in measure.identifiers
        if identifier.system == "CMS eCQM"
    }


def _folders(deck: Path, wanted: set[str], known: Mapping[str, Measure]) -> list[Path]:
    if not deck.is_dir():
        raise UsageError(f"There is no deck folder {shown(deck)}. Give the folder that holds CMS122, CMS124, …")
    found = sorted(path.parent for path in deck.glob(f"*/{EXPECTED}"))
    if not found:
        raise UsageError(f"No sub-folder of {shown(deck)} has an {EXPECTED}. Give the folder that holds CMS122, …")
    if wanted:
        missing = wanted - {f.name for f in found} - {known[f.name].measure for f in found if f.name in known}
        if missing:
            raise UsageError(f"The deck has no {', '.join(sorted(missing))}. It has: {', '.join(f.name for f in found)}.")
        return [
            folder
            for folder in found
            if folder.name in wanted or (folder.name in known and known[folder.name].measure in wanted)
        ]
    return [folder for folder in found if folder.name in known]


def _check_measure(folder: Path, measure: Measure, specs: Specs, excused: ExceptionList) -> MeasureReport:
    expected = read_expected(folder / EXPECTED)
    practice = read_fhir(folder)
    found: dict[tuple[str, str, str], int] = {}
    failing: dict[tuple[str, str], str] = {}
    for period in sorted({line.period for line in expected}):
        variant = _variant(measure, period, folder)
        for row in outcomes_of(practice, [variant], specs).to_pylist():
            _count(row, variant, found, failing)
    disagreements = tuple(_differences(folder.name, expected, found, failing, excused))
    people = {line.person for line in expected}
    return MeasureReport(
        folder.name, measure.measure, len(people), len(expected), disagreements, tuple(_notes(practice.person_count, people))
    )


def _variant(measure: Measure, period: Period, folder: Path) -> Variant:
    if measure.edition != period.end.year:
        raise UsageError(
            f"{shown(folder)} is about {period}, but the specs hold {measure.measure} of edition {measure.edition}. "
            "Give the specs of that edition with --specs, or leave the measure out with --measure."
        )
    return canonical_variant(measure, period)


def _count(
    row: Mapping[str, object],
    variant: Variant,
    found: dict[tuple[str, str, str], int],
    failing: dict[tuple[str, str], str],
) -> None:
    """Add one outcome to the counts of its group and of each stratum."""
    person = str(row["person_id"])
    group = [rate.id for rate in variant.measure.rates].index(str(row["rate"])) + 1
    inside = set(str(row["strata"]).split())
    failing[person, str(group)] = str(row["first_failing"] or "")
    for name in POPULATIONS:
        found[person, str(group), name] = found.get((person, str(group), name), 0) + bool(row[name])
        for place, stratum in enumerate(variant.measure.strata, start=1):
            key = (person, f"{group}/{place}", name)
            found[key] = found.get(key, 0) + (bool(row[name]) and stratum.id in inside)


def _differences(
    measure: str,
    expected: Sequence[Expected],
    found: Mapping[tuple[str, str, str], int],
    failing: Mapping[tuple[str, str], str],
    excused: ExceptionList,
) -> Iterator[Disagreement]:
    for line in expected:
        count = found.get((line.person, line.group, line.population))
        if count != line.count:
            why = failing.get((line.person, line.group.partition("/")[0]), "")
            reason = excused.reason(measure, line.person, line.group, line.population)
            yield Disagreement(
                measure, line.person, line.group, line.population.replace("_", "-"), line.count, count, why, reason
            )


def _notes(people_in_bundles: int, people: set[str]) -> Iterator[str]:
    if people_in_bundles > len(people):
        yield f"{people_in_bundles - len(people)} people in the bundles have no line in {EXPECTED}"


def _facts(reports: Iterable[MeasureReport]) -> set[tuple[str, str, str, str]]:
    return {(d.measure, d.person, d.group, d.population) for report in reports for d in report.disagreements}


def read_expected(path: Path) -> list[Expected]:
    """The lines of an ``expected.csv``; :class:`DataError` tells every line that cannot be read."""
    issues: list[Issue] = []
    lines: list[Expected] = []
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            fix = f"its columns are: {', '.join(_COLUMNS)}"
            raise DataError([Issue(shown(path), 1, "deck-columns", f"no column {', '.join(missing)}", fix)])
        for row in reader:
            try:
                lines.append(_expected(row))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                issues.append(
                    Issue(shown(path), reader.line_num, "deck-line", f"cannot be read: {error}", "correct the line")
                )
    if issues or not lines:
        issues = issues or [Issue(shown(path), 0, "deck-empty", "no lines", "give at least one expected count")]
        raise DataError(issues)
    return _unambiguous(lines)


def _expected(row: Mapping[str, str]) -> Expected:
    population = row["population"].replace("-", "_")
    if population not in POPULATIONS:
        raise ValueError(f"{row['population']!r} is not a population")
    period = Period(dt.date.fromisoformat(row["period_start"]), dt.date.fromisoformat(row["period_end"]))
    return Expected(row["patient_id"], row["group"], population, int(row["count"]), period)


def _unambiguous(lines: list[Expected]) -> list[Expected]:
    periods: dict[str, set[Period]] = defaultdict(set)
    for line in lines:
        periods[line.person].add(line.period)
    several = [person for person, found in periods.items() if len(found) > 1]
    if several:
        raise UsageError(f"{len(several)} people are expected in more than one period; give each period its own deck.")
    return lines


__all__ = ["DeckReport", "Disagreement", "Expected", "MeasureReport", "check_deck", "read_expected"]
