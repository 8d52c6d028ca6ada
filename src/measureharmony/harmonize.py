"""The whole way on one page: specs and a practice in, outcomes, rates, care gaps and explanations out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from measureharmony.engines import local
from measureharmony.errors import Issue, SpecError, UsageError
from measureharmony.evaluation.compile import compile_plan
from measureharmony.evaluation.outcome import outcome_table
from measureharmony.evaluation.reference import Explanation
from measureharmony.evaluation.terminology import Terminology
from measureharmony.measures.library import Library, read_canonical
from measureharmony.payers import CANONICAL, Programs, Variant, read_programs, variants
from measureharmony.practice import Practice, from_tables
from measureharmony.practice.demo import demo_tables
from measureharmony.reports.results import Results
from measureharmony.reports.tables import ResultTable
from measureharmony.reports.value_set_states import value_set_states
from measureharmony.spec_files import spec_folder
from measureharmony.value_sets import ValueSets, read_loaded_value_sets, read_value_sets, shipped_systems

#: Measurement years that make sense; lookbacks of decades stay within the calendar.
YEARS = range(1900, 2200)
#: Asks for all canonical measures, also those that no program lists.
EVERY_MEASURE = "all"


@dataclass(frozen=True)
class Specs:
    """Everything that says what is measured: canonical measures, programs with their overlays, value sets."""

    canonical: Library
    programs: Programs
    value_sets: ValueSets
    issues: tuple[Issue, ...] = ()

    def require(self) -> Specs:
        """The specs themselves; :class:`SpecError` with every problem if any is more than a hint."""
        wrong = [issue for issue in self.issues if not issue.code.startswith("hint-")]
        if wrong:
            raise SpecError(wrong)
        return self

    def __repr__(self) -> str:
        measures, programs = ", ".join(self.canonical.measures), ", ".join(self.programs.programs)
        return f"Specs\n  measures   {measures}\n  programs   {programs}\n  value sets {len(self.value_sets)}"


def read_specs(folder: str | Path | None = None, value_sets: str | Path | None = None) -> Specs:
    """Read the spec files in ``folder`` (default: the shipped ones); problems are in the answer's ``issues``.

    ``value_sets`` is a folder of code sets that replace or complete the shipped open ones.
    """
    home = Path(folder) if folder else spec_folder()
    _require_specs(home)
    shipped = home / "value_sets" if (home / "value_sets").is_dir() else spec_folder() / "value_sets"
    sets, issues = read_value_sets(shipped)
    if value_sets:
        sets, more = read_loaded_value_sets(sets, Path(value_sets))
        issues = (*issues, *more)
    canonical_home = home / "canonical" if (home / "canonical").is_dir() else spec_folder() / "canonical"
    canonical = read_canonical(canonical_home, value_sets=sets, systems=shipped_systems().names)
    programs = Programs({}, {})
    if (home / "payers").is_dir():
        programs = read_programs(home / "payers", canonical, sets)
    return Specs(canonical, programs, sets, (*issues, *canonical.issues, *programs.issues))


def _require_specs(home: Path) -> None:
    """A mistaken folder would otherwise pass as one without changes to the shipped specs."""
    fix = "Give the folder that holds canonical/, payers/ or value_sets/."
    if not home.is_dir():
        raise UsageError(f"There is no folder {home}. {fix}")
    if not any((home / name).is_dir() for name in ("canonical", "payers", "value_sets")):
        raise UsageError(f"The folder {home} holds no specs. {fix}")


def load_specs(folder: str | Path | None = None, value_sets: str | Path | None = None) -> Specs:
    """:func:`read_specs`, refusing specs with problems: :class:`SpecError` tells all of them."""
    return read_specs(folder, value_sets).require()


def evaluate(  # noqa: PLR0913 - keywords, each with a default
    practice: Practice,
    specs: Specs,
    *,
    year: int = 2026,
    as_of: dt.date | None = None,
    programs: Iterable[str] | None = None,
    measures: Iterable[str] | None = None,
    everybody: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Results:
    """Evaluate every program's version of every measure, and the canonical ones, over the practice in one pass.

    ``as_of``: with what was known at the end of that day. ``programs``, ``measures``: only these (the canonical version
    of a measure is always evaluated, too; ``measures=["all"]`` are also those that no program lists). ``everybody``:
    outcomes of all people for every program, not only its own.
    """
    chosen = choose(specs, year, as_of, programs, measures)
    outcomes = outcomes_of(practice, chosen, specs, as_of=as_of, everybody=everybody, progress=progress)
    return Results(outcomes, chosen, practice, specs.value_sets, as_of)


def outcomes_of(  # noqa: PLR0913 - keywords, each with a default
    practice: Practice,
    chosen: Sequence[Variant],
    specs: Specs,
    *,
    as_of: dt.date | None = None,
    everybody: bool = False,
    stand_ins: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> pa.Table:
    """The outcome table of the variants ``chosen``, all evaluated together.

    ``stand_ins``: the name of a value set counts as one of its codes, as worked people write it.
    """
    plan = compile_plan(chosen, as_of)
    terminology = Terminology.of(specs.value_sets, stand_ins=stand_ins)
    evaluated = local.run(practice, plan, terminology, as_of, progress=progress)
    return outcome_table(chosen, evaluated, everybody=everybody)


def explain_person(  # noqa: PLR0913 - keywords, each with a default
    practice: Practice,
    specs: Specs,
    person_id: str,
    measure: str,
    program: str = CANONICAL,
    *,
    year: int = 2026,
    as_of: dt.date | None = None,
) -> Explanation:
    """Why one person is where they are under one program's version of a measure, without a run over everybody."""
    chosen = choose(specs, year, as_of, [program])
    return Results(pa.table({}), chosen, practice, specs.value_sets, as_of).explain(person_id, measure, program)


def demo_practice(people: int = 2000, seed: int = 2026) -> Practice:
    """A made-up practice with several payers, realistic care and a few broken rows; the same for the same seed."""
    return from_tables(demo_tables(people, seed), origin="demo")


def check_specs(folder: str | Path | None = None, value_sets: str | Path | None = None) -> tuple[list[Issue], str]:
    """Every problem and hint in a folder of specs, and what was checked, in words."""
    specs = read_specs(folder, value_sets)
    numbers = {
        "measure": len(specs.canonical.measures),
        "program": len(specs.programs.programs),
        "overlay": len(specs.programs.overlays),
        "value set": len(specs.value_sets),
    }
    counted = ", ".join(f"{number} {word}{'' if number == 1 else 's'}" for word, number in numbers.items())
    return sorted(set(specs.issues)), counted


def check_value_sets(
    specs: Specs,
    *,
    year: int = 2026,
    programs: Iterable[str] | None = None,
    measures: Iterable[str] | None = None,
) -> ResultTable:
    """What is there of every value set that the measures, and programs' versions of them, use.

    One row for each measure and value set: its state (complete, partial, missing), where its codes come from, and the
    rates that it is indispensable for.
    """
    return value_set_states(choose(specs, year, None, programs, measures), specs.value_sets)


def choose(
    specs: Specs,
    year: int,
    as_of: dt.date | None = None,
    programs: Iterable[str] | None = None,
    measures: Iterable[str] | None = None,
) -> tuple[Variant, ...]:
    """The variants asked for; :class:`UsageError` for a program or measure that is not there.

    Without ``measures``: those that the programs list, since nobody works on what nobody asks for; all of them where no
    program lists any, or for ``measures=["all"]``.
    """
    if year not in YEARS:
        raise UsageError(f"The measurement year {year} is not between {YEARS[0]} and {YEARS[-1]}.")
    wanted_programs = {*programs, CANONICAL} if programs else {*specs.programs.programs, CANONICAL}
    _known("program", wanted_programs, {*specs.programs.programs, CANONICAL})
    wanted = set(measures or ())
    _known("measure", wanted, {*specs.canonical.measures, EVERY_MEASURE})
    chosen = [v for v in variants(specs.programs, specs.canonical, year, as_of) if v.program in wanted_programs]
    if not wanted:
        wanted = {variant.measure.measure for variant in chosen if variant.program != CANONICAL}
    if not wanted or EVERY_MEASURE in wanted:
        return tuple(chosen)
    return tuple(variant for variant in chosen if variant.measure.measure in wanted)


def _known(word: str, asked: set[str], there: set[str]) -> None:
    unknown = sorted(asked - there)
    if unknown:
        raise UsageError(f"There is no {word} {', '.join(unknown)}. There are: {', '.join(sorted(there))}.")


__all__ = [
    "Specs", "check_specs", "check_value_sets", "choose", "demo_practice", "evaluate", "explain_person", "load_specs",
    "outcomes_of", "read_specs",
]  # fmt: skip
