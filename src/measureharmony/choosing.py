"""Which variants a run is about: of a year or an edition, of some programs, of some measures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import replace

from measureharmony.collector import collector_paused
from measureharmony.errors import UsageError
from measureharmony.evaluation.risk_tables import with_risk_tables
from measureharmony.measures.library import Library
from measureharmony.payers import CANONICAL, Variant, variants
from measureharmony.specs import Specs

#: Measurement years that make sense; lookbacks of decades stay within the calendar.
YEARS = range(1900, 2200)
#: The measurement year where neither it nor an edition is given.
YEAR = 2026
#: Asks for all canonical measures, also those that no program lists.
EVERY_MEASURE = "all"


def choose(
    specs: Specs,
    year: int | None = None,
    as_of: dt.date | None = None,
    programs: Iterable[str] | None = None,
    measures: Iterable[str] | None = None,
    edition: int | None = None,
) -> tuple[Variant, ...]:
    """The variants asked for.

    Without ``measures``: those that the programs list, since nobody works on what nobody asks for; all of them where no
    program lists any, or for ``measures=["all"]``. :class:`UsageError` for an edition, a program or a measure that is
    not there, and for a program or measure asked for by name that is of other editions only.
    """
    year = measurement_year(year, edition)
    library, named = specs.of_edition(edition), set(programs or ())
    wanted_programs = {*(named or specs.programs.programs), CANONICAL}
    known("program", wanted_programs, {*specs.programs.programs, CANONICAL})
    wanted = set(measures or ())
    known("measure", wanted, {*specs.canonical.measures, EVERY_MEASURE})
    require_edition(specs, edition, named, wanted - {EVERY_MEASURE})
    question = year, as_of, frozenset(named), frozenset(wanted), edition
    return specs.kept.of(_made, question, specs, library, wanted_programs, wanted, year, as_of)


@collector_paused()
def _made(
    specs: Specs, library: Library, wanted_programs: set[str], wanted: set[str], year: int, as_of: dt.date | None
) -> tuple[Variant, ...]:
    """The variants of :func:`choose`, made anew."""
    if wanted and EVERY_MEASURE not in wanted:
        library = replace(library, measures={key: one for key, one in library.measures.items() if key in wanted})
    asked = {key: program for key, program in specs.programs.programs.items() if key in wanted_programs}
    every = variants(replace(specs.programs, programs=asked), library, year, as_of)
    chosen = [with_risk_tables(variant, specs.risk_tables) for variant in every]
    if not wanted:
        wanted = {variant.measure.measure for variant in chosen if variant.program != CANONICAL}
        return tuple(variant for variant in chosen if not wanted or variant.measure.measure in wanted)
    return tuple(chosen)


def measurement_year(year: int | None, edition: int | None) -> int:
    """The measurement year; :class:`UsageError` where it makes no sense."""
    year = year or edition or YEAR
    if year not in YEARS:
        raise UsageError(f"The measurement year {year} is not between {YEARS[0]} and {YEARS[-1]}.")
    return year


def require_edition(specs: Specs, edition: int | None, programs: set[str], measures: set[str]) -> None:
    """What is asked for by name is of the edition."""
    for measure in sorted(measures - specs.of_edition(edition).measures.keys()):
        years = ", ".join(map(str, specs.editions.years_of(measure)))
        raise UsageError(f"The measure {measure} has no edition {edition}. It has: {years}.")
    for program in sorted(programs & _programs_of_other_editions(specs, edition).keys()):
        year = specs.programs.programs[program].edition
        raise UsageError(f"The program {program} is of edition {year}. Ask for that edition to evaluate it.")


def left_out(
    specs: Specs, edition: int | None, programs: Iterable[str] | None = None, measures: Iterable[str] | None = None
) -> Iterator[str]:
    """What a run of an edition leaves out though nobody named what to evaluate, in sentences."""
    there, every = specs.of_edition(edition).measures, specs.canonical.measures
    if len(there) < len(every) and (not measures or EVERY_MEASURE in measures):
        yield f"{len(there)} of {len(every)} measures have an edition {edition}; the others are left out."
    others = _programs_of_other_editions(specs, edition)
    if others and not programs:
        named = ", ".join(f"{program} ({year})" for program, year in others.items())
        yield f"Programs of another edition are left out: {named}."


def _programs_of_other_editions(specs: Specs, edition: int | None) -> dict[str, int]:
    """Programs, none of whose measures is evaluated in a run of ``edition``, and the edition they are of."""
    there = specs.of_edition(edition).measures
    return {
        key: program.edition
        for key, program in specs.programs.programs.items()
        if not any(e.measure in there and there[e.measure].edition == program.edition for e in program.measures)
    }


def known(word: str, asked: set[str], there: set[str]) -> None:
    """:class:`UsageError` names what is ``asked`` for and not ``there``."""
    unknown = sorted(asked - there)
    if unknown:
        raise UsageError(f"There is no {word} {', '.join(unknown)}. There are: {', '.join(sorted(there))}.")


__all__ = ["EVERY_MEASURE", "YEAR", "YEARS", "choose", "known", "left_out", "measurement_year", "require_edition"]
