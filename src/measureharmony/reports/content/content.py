"""What a report says, as plain data: everything that the HTML page, the workbooks and the CSV files show."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec

import pyarrow as pa

from measureharmony.payers.variant import CANONICAL
from measureharmony.reports.content.also import Also, rows_of
from measureharmony.reports.content.clinicians import Clinician, attributed_to, clinicians
from measureharmony.reports.content.differing import Differing, differing
from measureharmony.reports.content.figures import Figure, figures, without_small_cells
from measureharmony.reports.content.gap_lists import gap_list
from measureharmony.reports.content.trend import Course, courses
from measureharmony.reports.remarks import remarks
from measureharmony.reports.results import Results
from measureharmony.reports.small_cells import LEAST

#: What the unified rate is called.
EVERYBODY = "The practice, all payers together"


@dataclass(frozen=True)
class Program:
    """A program as a report names it: its key, and its title in full and short."""

    key: str
    title: str

    @property
    def short(self) -> str:
        """The title without what stands behind a comma or in brackets."""
        return "All payers" if self.key == CANONICAL else self.title.split(" (")[0].split(", ")[0]


@dataclass(frozen=True)
class MeasureTitle:
    """A measure as a report names it."""

    key: str
    title: str
    description: str


@dataclass(frozen=True)
class Content:
    """What one report says. ``gaps`` is ``None``, and lists of people are empty, where it is ``de_identified``."""

    people: int | None
    origin: str
    as_of: dt.date | None
    programs: tuple[Program, ...]
    measures: tuple[MeasureTitle, ...]
    figures: tuple[Figure, ...]
    differing: Mapping[tuple[str, str], Differing]
    remarks: tuple[str, ...]
    manifest: Mapping[str, object]
    gaps: pa.Table | None = None
    clinicians: tuple[Clinician, ...] = ()
    courses: tuple[Course, ...] = ()
    payments: tuple[Mapping[str, object], ...] = ()
    de_identified: bool = False

    def of_program(self, program: str) -> tuple[Figure, ...]:
        """The figures of one program."""
        return tuple(one for one in self.figures if one.program == program)

    def of_measure(self, measure: str) -> tuple[Figure, ...]:
        """The figures of one measure."""
        return tuple(one for one in self.figures if one.measure == measure)


def content_of(results: Results, also: Also, *, de_identified: bool = False) -> Content:
    """Everything a report says of a run; ``de_identified``: nothing that names or singles out anybody."""
    also = _completed(results, also)
    every = figures(results, also)
    return _without_people(results, also, every) if de_identified else _with_people(results, also, every)


def _completed(results: Results, also: Also) -> Also:
    """With the run's own tables where no others are given; intervals where SciPy is (the extra ``statistics``)."""
    statistics = results.statistics() if also.rate_statistics is None and find_spec("scipy") else also.rate_statistics
    gaps = results.program_gaps if also.program_gaps is None and results.payers else also.program_gaps
    return replace(
        also,
        rate_statistics=statistics,
        program_gaps=gaps,
        targets=results.targets if also.targets is None else also.targets,
        payments=results.payments if also.payments is None else also.payments,
    )


def _with_people(results: Results, also: Also, every: tuple[Figure, ...]) -> Content:
    attributed = attributed_to(results)
    counting = {one.program for one in every if one.below}
    empty = [program.title for program in _programs(results, also) if program.key not in counting]
    return Content(
        people=results.practice.person_count,
        origin=results.practice.origin,
        as_of=results.as_of,
        programs=_programs(results, also),
        measures=_measures(results),
        figures=every,
        differing=differing(also),
        remarks=tuple(remarks(results, empty)),
        manifest=results.manifest,
        gaps=gap_list(results, every, attributed, also),
        clinicians=clinicians(results, every, attributed),
        courses=courses(every, also, results.as_of),
        payments=tuple(rows_of(also.payments)),
    )


def _without_people(results: Results, also: Also, every: tuple[Figure, ...]) -> Content:
    """Rates with small cells hidden. Whom differences move, earlier runs and payments would tell small counts."""
    people = results.practice.person_count
    return Content(
        people=people if people >= LEAST else None,
        origin="",
        as_of=results.as_of,
        programs=_programs(results, also),
        measures=_measures(results),
        figures=without_small_cells(every),
        differing=differing(Also(differences=also.differences)),
        remarks=results.notes,
        manifest={**results.manifest, "dataset": {"fingerprint": results.practice.fingerprint()}},
        de_identified=True,
    )


def _programs(results: Results, also: Also) -> tuple[Program, ...]:
    keys = dict.fromkeys(variant.program for variant in results.variants)
    titles = {**also.titles, CANONICAL: EVERYBODY}
    return tuple(Program(key, titles.get(key, key)) for key in sorted(keys, key=lambda key: key != CANONICAL))


def _measures(results: Results) -> tuple[MeasureTitle, ...]:
    found: dict[str, MeasureTitle] = {}
    for variant in results.variants:
        measure = variant.measure
        found.setdefault(measure.measure, MeasureTitle(measure.measure, measure.title, measure.description))
    return tuple(found.values())


__all__ = ["EVERYBODY", "Content", "MeasureTitle", "Program", "content_of"]
