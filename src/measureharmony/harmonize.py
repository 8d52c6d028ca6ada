"""The whole way on one page: specs and a practice in, outcomes, rates, care gaps and explanations out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow as pa

from measureharmony.attribution import AnyRule, questions, registered_rules
from measureharmony.engines import local
from measureharmony.errors import Issue, SpecError, UsageError
from measureharmony.evaluation.compile import compile_plan
from measureharmony.evaluation.outcome import outcome_table
from measureharmony.evaluation.payer_views import compile_payer_views
from measureharmony.evaluation.program_gaps import payers_see
from measureharmony.evaluation.reference import Explanation
from measureharmony.evaluation.responsibility import rate_divergences
from measureharmony.evaluation.risk_tables import read_risk_tables, risk_models, with_risk_tables
from measureharmony.evaluation.terminology import Terminology
from measureharmony.evaluation.toggling import compile_toggled
from measureharmony.measures.library import Library, read_canonical
from measureharmony.payers import CANONICAL, Editions, Programs, Variant, read_editions, read_programs, variants
from measureharmony.payers.attribution_rule import AttributionRule
from measureharmony.payers.attribution_rules import read_attribution_rules, shipped_attribution_rules
from measureharmony.payers.contract import contracts
from measureharmony.payers.contrast import contrasts
from measureharmony.payers.payer_view import payer_views
from measureharmony.payers.unsettled import unsettled
from measureharmony.payers.variant import RiskTables
from measureharmony.practice import Practice, from_tables
from measureharmony.practice.demo import demo_tables
from measureharmony.reports.attribution import Attribution
from measureharmony.reports.divergence import Divergence, not_compared
from measureharmony.reports.results import Results
from measureharmony.reports.tables import ResultTable
from measureharmony.reports.value_set_states import value_set_states
from measureharmony.spec_files import spec_folder
from measureharmony.value_sets import ValueSets, read_loaded_value_sets, read_value_sets, shipped_systems

#: Measurement years that make sense; lookbacks of decades stay within the calendar.
YEARS = range(1900, 2200)
#: The measurement year where neither it nor an edition is given.
YEAR = 2026
#: So many of the latest answers of :func:`choose` are kept.
_CHOSEN_KEPT = 8
#: Asks for all canonical measures, also those that no program lists.
EVERY_MEASURE = "all"


@dataclass(frozen=True)
class Specs:
    """Everything that says what is measured: canonical measures, programs with their overlays, value sets.

    ``risk_tables`` are the user's weights for measures that compare with what is expected.
    """

    canonical: Library
    programs: Programs
    value_sets: ValueSets
    issues: tuple[Issue, ...] = ()
    editions: Editions = field(default_factory=Editions)
    risk_tables: RiskTables = field(default_factory=dict)
    attribution_rules: Mapping[str, AttributionRule] = field(default_factory=shipped_attribution_rules)
    #: The variants that were asked for last, by what was asked: making them takes longer than evaluating a few people.
    _chosen: dict[object, tuple[Variant, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def require(self) -> Specs:
        """The specs themselves; :class:`SpecError` with every problem if any is more than a hint."""
        wrong = [issue for issue in self.issues if not issue.code.startswith("hint-")]
        if wrong:
            raise SpecError(wrong)
        return self

    def of_edition(self, edition: int | None = None) -> Library:
        """The canonical measures of one edition; left out, each as its own file says it.

        :class:`UsageError` for an edition of which there is no measure.
        """
        if edition is None:
            return self.canonical
        if edition not in self.editions.libraries:
            there = ", ".join(str(year) for year in sorted(self.editions.libraries))
            raise UsageError(f"There is no edition {edition} of any measure. There are: {there}.")
        return self.editions.libraries[edition]

    def __repr__(self) -> str:
        measures, programs = ", ".join(self.canonical.measures), ", ".join(self.programs.programs)
        counted = ", ".join(f"{year} ({len(of.measures)})" for year, of in sorted(self.editions.libraries.items()))
        lines = ["Specs", f"  measures   {measures}", f"  editions   {counted}", f"  programs   {programs}"]
        return "\n".join([*lines, f"  value sets {len(self.value_sets)}"])


def read_specs(
    folder: str | Path | None = None,
    value_sets: str | Path | None = None,
    risk_tables: str | Path | None = None,
    *,
    trust_shipped: bool = False,
) -> Specs:
    """Read the shipped specs, or those in ``folder`` over them; problems are in the answer's ``issues``.

    A measure, shared file or value set of ``folder`` is added to the shipped ones, or takes the place of that of its
    name; programs are only those of ``folder``. ``trust_shipped``: without checking the shipped measures again, and
    without their worked people.

    ``value_sets`` is a folder of code sets that replace or complete the shipped open ones, ``risk_tables`` one of
    ``<table>.csv`` files with the weights of risk models.
    """
    home, shipped = Path(folder) if folder else spec_folder(), spec_folder()
    _require_specs(home)
    homes = [shipped] if home == shipped else [shipped, home]
    sets, issues = read_value_sets(shipped / "value_sets")
    if home != shipped and (home / "value_sets").is_dir():
        own, more = read_value_sets(home / "value_sets")
        sets, issues = sets.overlaid(own.sets), (*issues, *more)
    if value_sets:
        sets, more = read_loaded_value_sets(sets, Path(value_sets))
        issues = (*issues, *more)
    canonical_homes = [one / "canonical" for one in homes if (one / "canonical").is_dir()]
    systems, trusted = shipped_systems().names, _trusted(canonical_homes, trust_shipped=trust_shipped)
    canonical = read_canonical(*canonical_homes, value_sets=sets, systems=systems, trusted=trusted)
    edition_homes = [one / "editions" for one in canonical_homes]
    editions = read_editions(*edition_homes, canonical=canonical, value_sets=sets, systems=systems, trusted=trusted)
    attributing = read_attribution_rules(*(one / "attribution" for one in homes), value_sets=sets)
    programs = Programs({}, {})
    if (home / "payers").is_dir():
        named, known = {*attributing.rules, *registered_rules()}, trust_shipped and home == shipped
        programs = read_programs(
            home / "payers", canonical, sets, editions.libraries, attribution_rules=named, trusted=known
        )
    issues = (*issues, *canonical.issues, *editions.issues, *attributing.issues, *programs.issues)
    specs = Specs(canonical, programs, sets, issues, editions, attribution_rules=attributing.rules)
    if risk_tables is None:
        return specs
    changed = [measure for library in editions.libraries.values() for measure in library.measures.values()]
    risks = risk_models([*canonical.measures.values(), *changed, *programs.overlays.values()])
    tables, more = read_risk_tables(Path(risk_tables), risks)
    return replace(specs, issues=(*issues, *more), risk_tables=tables)


def _trusted(canonical_homes: Sequence[Path], *, trust_shipped: bool) -> Sequence[Path]:
    """The shipped measures, which were checked before they were shipped, unless other files change what they mean."""
    shipped, *own = canonical_homes
    names = {path.name for home in own for path in (home / "shared").glob("*.yaml")}
    replaced = any((shipped / "shared" / name).is_file() for name in names)
    return [] if replaced or not (own or trust_shipped) else [shipped]


def _require_specs(home: Path) -> None:
    """A mistaken folder would otherwise pass as one without changes to the shipped specs."""
    fix = "Give the folder that holds canonical/, payers/, attribution/ or value_sets/."
    if not home.is_dir():
        raise UsageError(f"There is no folder {home}. {fix}")
    if not any((home / name).is_dir() for name in ("canonical", "payers", "attribution", "value_sets")):
        raise UsageError(f"The folder {home} holds no specs. {fix}")


def load_specs(
    folder: str | Path | None = None, value_sets: str | Path | None = None, risk_tables: str | Path | None = None
) -> Specs:
    """:func:`read_specs`, refusing specs with problems: :class:`SpecError` tells all of them."""
    return read_specs(folder, value_sets, risk_tables, trust_shipped=True).require()


def evaluate(  # noqa: PLR0913 - keywords, each with a default
    practice: Practice,
    specs: Specs,
    *,
    year: int | None = None,
    edition: int | None = None,
    as_of: dt.date | None = None,
    programs: Iterable[str] | None = None,
    measures: Iterable[str] | None = None,
    everybody: bool = False,
    payer_view: dt.date | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Results:
    """Evaluate every program's version of every measure, and the canonical ones, over the practice in one pass.

    ``as_of``: with what was known at the end of that day. ``programs``, ``measures``: only these (the canonical version
    of a measure is always evaluated, too; ``measures=["all"]`` are also those that no program lists). ``everybody``:
    outcomes of all people for every program, not only its own. ``payer_view``: also what each payer would see on that
    day, and why every gap is one (``Results.program_gaps``, ``Results.rates_seen``).

    ``edition``: the measures of that yearly edition and the programs of that edition; left out, each measure as its own
    file says it. ``year``: the measurement year; left out, the edition's.
    """
    chosen = choose(specs, year, as_of, programs, measures, edition)
    views = payer_views(specs.programs, chosen, payer_view, year or edition or YEAR, as_of) if payer_view else ()
    plan = compile_plan(chosen, as_of)
    viewed = compile_payer_views(plan, views, as_of)
    evaluated = local.run(practice, plan, Terminology.of(specs.value_sets), as_of, progress=progress)
    outcomes = outcome_table(chosen, evaluated, everybody=everybody)
    seen = payers_see(payer_view, views, plan, viewed, evaluated) if payer_view else None
    notes = (*left_out(specs, edition, programs, measures), *unsettled(specs.programs.overlays, chosen, as_of))
    named = _year(year, edition)
    agreed = contracts(specs.programs, chosen, named, as_of)
    listed = [specs.programs.programs[key] for key in dict.fromkeys(v.program for v in chosen) if key != CANONICAL]
    asked = questions(listed, specs.attribution_rules, named, as_of)
    return Results(outcomes, chosen, practice, specs.value_sets, as_of, notes, agreed, asked, seen)


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


def attribution(  # noqa: PLR0913 - keywords, each with a default
    practice: Practice,
    specs: Specs,
    *,
    rule: AnyRule | None = None,
    year: int | None = None,
    edition: int | None = None,
    as_of: dt.date | None = None,
    programs: Iterable[str] | None = None,
) -> Attribution:
    """Whose patient everybody is, for each program and for the practice as a whole, without evaluating any measure.

    ``rule``: a rule's name, an :class:`AttributionRule`, or a function, for all programs instead of their rosters and
    rules. The other arguments are those of :func:`evaluate`.
    """
    every = specs.programs.programs
    _known("program", set(programs or ()), {*every, CANONICAL})
    chosen = [one for key, one in every.items() if programs is None or key in set(programs)]
    asked = questions(chosen, specs.attribution_rules, _year(year, edition), as_of, rule)
    return Attribution(practice, asked, specs.value_sets)


def divergence(  # noqa: PLR0913 - keywords, each with a default
    practice: Practice,
    specs: Specs,
    *,
    against: str = CANONICAL,
    year: int | None = None,
    edition: int | None = None,
    as_of: dt.date | None = None,
    programs: Iterable[str] | None = None,
    measures: Iterable[str] | None = None,
    everybody: bool = False,
    any_payer: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Divergence:
    """Whom it moves that ``programs`` mean their measures differently from ``against``, and which changes do that.

    ``against`` is the canonical set, or another program. Compared are the program's own people (or of either program);
    with ``everybody``, all people of the practice. ``any_payer``: whatever asks for the program's own coverage is
    content with any payer's, for a practice whose people the program does not cover. The other arguments are those of
    :func:`evaluate`.
    """
    named = None if programs is None else [*programs, against]
    _known("program", {against}, {*specs.programs.programs, CANONICAL})
    chosen = choose(specs, year, as_of, named, measures, edition)
    if any_payer:
        chosen = tuple(replace(variant, own=None) for variant in chosen)
    compared = contrasts(specs.programs, specs.of_edition(edition), chosen, against, year or edition or YEAR, as_of)
    plan, toggled = compile_toggled(tuple(compared), as_of)
    evaluated = local.run(practice, plan, Terminology.of(specs.value_sets), as_of, progress=progress)
    found = rate_divergences(plan, toggled, evaluated, everybody=everybody)
    return Divergence(tuple(found), evaluated.subjects, tuple(not_compared(chosen, against)))


def explain_person(  # noqa: PLR0913 - keywords, each with a default
    practice: Practice,
    specs: Specs,
    person_id: str,
    measure: str,
    program: str = CANONICAL,
    *,
    year: int | None = None,
    edition: int | None = None,
    as_of: dt.date | None = None,
) -> Explanation:
    """Why one person is where they are under one program's version of a measure, without a run over everybody."""
    _of_edition(specs, edition, set(), {measure} & specs.canonical.measures.keys())
    chosen = choose(specs, year, as_of, [program], edition=edition)
    return Results(pa.table({}), chosen, practice, specs.value_sets, as_of).explain(person_id, measure, program)


def demo_practice(people: int = 2000, seed: int = 2026) -> Practice:
    """A made-up practice with several payers, realistic care and a few broken rows; the same for the same seed."""
    return from_tables(demo_tables(people, seed), origin="demo")


def check_specs(
    folder: str | Path | None = None, value_sets: str | Path | None = None, risk_tables: str | Path | None = None
) -> tuple[list[Issue], str]:
    """Every problem and hint in a folder of specs, and what was checked, in words.

    Without a folder, the shipped specs are checked whole; beneath another one, they are only read.
    """
    other = folder is not None and Path(folder).resolve() != spec_folder()
    specs = read_specs(folder, value_sets, risk_tables, trust_shipped=other)
    numbers = {
        "measure": len(specs.canonical.measures),
        "edition": len(specs.editions.changes),
        "program": len(specs.programs.programs),
        "overlay": len(specs.programs.overlays),
        "value set": len(specs.value_sets),
    }
    counted = ", ".join(f"{number} {word}{'' if number == 1 else 's'}" for word, number in numbers.items())
    return sorted(set(specs.issues)), counted


def check_value_sets(
    specs: Specs,
    *,
    year: int | None = None,
    edition: int | None = None,
    programs: Iterable[str] | None = None,
    measures: Iterable[str] | None = None,
) -> ResultTable:
    """What is there of every value set that the measures, and programs' versions of them, use.

    One row for each measure and value set: its state (complete, partial, missing), where its codes come from, and the
    rates that it is indispensable for.
    """
    return value_set_states(choose(specs, year, None, programs, measures, edition), specs.value_sets)


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
    year = _year(year, edition)
    library, named = specs.of_edition(edition), set(programs or ())
    wanted_programs = {*(named or specs.programs.programs), CANONICAL}
    _known("program", wanted_programs, {*specs.programs.programs, CANONICAL})
    wanted = set(measures or ())
    _known("measure", wanted, {*specs.canonical.measures, EVERY_MEASURE})
    _of_edition(specs, edition, named, wanted - {EVERY_MEASURE})
    key = year, as_of, frozenset(named), frozenset(wanted), edition
    if key not in specs._chosen:
        while len(specs._chosen) >= _CHOSEN_KEPT:
            del specs._chosen[next(iter(specs._chosen))]
        specs._chosen[key] = _made(specs, library, wanted_programs, wanted, year, as_of)
    return specs._chosen[key]


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


def _year(year: int | None, edition: int | None) -> int:
    """The measurement year; :class:`UsageError` where it makes no sense."""
    year = year or edition or YEAR
    if year not in YEARS:
        raise UsageError(f"The measurement year {year} is not between {YEARS[0]} and {YEARS[-1]}.")
    return year


def _of_edition(specs: Specs, edition: int | None, programs: set[str], measures: set[str]) -> None:
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


def _known(word: str, asked: set[str], there: set[str]) -> None:
    unknown = sorted(asked - there)
    if unknown:
        raise UsageError(f"There is no {word} {', '.join(unknown)}. There are: {', '.join(sorted(there))}.")


__all__ = [
    "Specs", "attribution", "check_specs", "check_value_sets", "choose", "demo_practice", "divergence", "evaluate",
    "explain_person", "load_specs", "outcomes_of", "read_specs",
]  # fmt: skip
