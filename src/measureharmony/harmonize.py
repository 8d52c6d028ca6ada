"""The whole way on one page: specs and a practice in, outcomes, rates, care gaps and explanations out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pyarrow as pa

from measureharmony.attribution import AnyRule, questions
from measureharmony.choosing import YEAR, choose, known, measurement_year, require_edition
from measureharmony.engines import arranging, local
from measureharmony.errors import UsageError
from measureharmony.evaluation.compile import compile_plan
from measureharmony.evaluation.outcome import outcome_table, part_outcomes
from measureharmony.evaluation.outcomes import Outcomes
from measureharmony.evaluation.payer_views import compile_payer_views
from measureharmony.evaluation.program_gaps import PayersSee, payers_see
from measureharmony.evaluation.reference import Explanation
from measureharmony.evaluation.responsibility import rate_divergences
from measureharmony.evaluation.terminology import Terminology
from measureharmony.evaluation.toggling import compile_toggled
from measureharmony.incremental import ToEvaluate, evaluate_changes
from measureharmony.payers import CANONICAL, Variant
from measureharmony.payers.contrast import contrasts
from measureharmony.payers.payer_view import payer_views
from measureharmony.practice import Practice, from_tables
from measureharmony.practice.demo import demo_tables
from measureharmony.preparing import Prepared, prepare
from measureharmony.reports.attribution import Attribution
from measureharmony.reports.divergence import Divergence, not_compared
from measureharmony.reports.fingerprints import Fingerprints
from measureharmony.reports.results import Results
from measureharmony.reports.tables import ResultTable
from measureharmony.reports.value_set_states import value_set_states
from measureharmony.specs import Specs


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
    previous: str | Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Results:
    """Evaluate every program's version of every measure, and the canonical ones, over the practice in one pass.

    ``as_of``: with what was known at the end of that day. ``programs``, ``measures``: only these (the canonical version
    of a measure is always evaluated, too; ``measures=["all"]`` are also those that no program lists). ``everybody``:
    outcomes of all people for every program, not only its own. ``payer_view``: also what each payer would see on that
    day, and why every gap is one (``Results.program_gaps``, ``Results.rates_seen``).

    ``edition``: the measures of that yearly edition and the programs of that edition; left out, each measure as its own
    file says it. ``year``: the measurement year; left out, the edition's.

    ``previous``: a folder with earlier results of such a run; only people and variants that have changed since are
    evaluated, and what is found is the same. Where it holds nothing of use, everything is evaluated
    (``Results.manifest["incremental"]`` says why). Written results can then be the ``previous`` ones of a later run.
    """
    if previous is not None and payer_view:
        raise UsageError("A payers' view needs everybody evaluated. Leave out payer_view, or previous.")
    prepared = prepare(specs, year, as_of, programs, measures, edition)
    if payer_view is not None:
        return _with_payer_view(prepared, practice, payer_view, everybody=everybody, progress=progress)
    if previous is not None:
        asked = ToEvaluate(practice, prepared, everybody, progress)
        outcomes, fingerprints = evaluate_changes(asked, Path(previous))
        return _results(prepared, practice, outcomes, fingerprints=fingerprints)
    found = local.each_part(
        practice, prepared.plan, prepared.terminology, as_of,
        partial(part_outcomes, prepared.variants, everybody=everybody), progress=progress,
    )  # fmt: skip
    return _results(prepared, practice, Outcomes(found))


def arrange(practice: Practice) -> None:
    """Put the rows of a practice in order once, for many evaluations: each then only finds the codes it looks for.

    Worth it from the second evaluation on: a service, or somebody who changes specs and looks what comes of it. The
    rows take 100 to 200 bytes of memory an event, until the practice is closed. Results are the same. An evaluation
    ``as_of`` a day by which some events were not known makes no use of it. Raises :class:`UsageError` for a closed
    practice.

    >>> practice = demo_practice(people=20)
    >>> arrange(practice)
    """
    arranging.arrange(practice)


def _with_payer_view(
    prepared: Prepared,
    practice: Practice,
    seen_on: dt.date,
    *,
    everybody: bool,
    progress: Callable[[int, int], None] | None,
) -> Results:
    """What was found, and what each payer would see on a day, from one pass."""
    as_of = prepared.as_of
    views = payer_views(prepared.specs.programs, prepared.variants, seen_on, prepared.year, as_of)
    plan = compile_plan(prepared.variants, as_of)
    viewed = compile_payer_views(plan, views, as_of)
    evaluated = local.run(practice, plan, prepared.terminology, as_of, progress=progress)
    seen = payers_see(seen_on, views, plan, viewed, evaluated)
    return _results(prepared, practice, outcome_table(prepared.variants, evaluated, everybody=everybody), seen=seen)


def _results(
    prepared: Prepared,
    practice: Practice,
    outcomes: pa.Table | Outcomes,
    *,
    seen: PayersSee | None = None,
    fingerprints: Fingerprints | None = None,
) -> Results:
    return Results(
        outcomes,
        prepared.variants,
        practice,
        prepared.specs.value_sets,
        prepared.as_of,
        (*prepared.notes, *([fingerprints.reevaluation.sentence()] if fingerprints else [])),
        prepared.contracts,
        prepared.attribution,
        seen,
        prepared.finality,
        fingerprints,
    )


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
    finish = partial(part_outcomes, chosen, everybody=everybody)
    return Outcomes(local.each_part(practice, plan, terminology, as_of, finish, progress=progress)).table()


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
    known("program", set(programs or ()), {*every, CANONICAL})
    chosen = [one for key, one in every.items() if programs is None or key in set(programs)]
    asked = questions(chosen, specs.attribution_rules, measurement_year(year, edition), as_of, rule)
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
    known("program", {against}, {*specs.programs.programs, CANONICAL})
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
    require_edition(specs, edition, set(), {measure} & specs.canonical.measures.keys())
    chosen = choose(specs, year, as_of, [program], edition=edition)
    return Results(pa.table({}), chosen, practice, specs.value_sets, as_of).explain(person_id, measure, program)


def demo_practice(people: int = 2000, seed: int = 2026) -> Practice:
    """A made-up practice with several payers, realistic care and a few broken rows; the same for the same seed."""
    return from_tables(demo_tables(people, seed), origin="demo")


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


__all__ = [
    "arrange", "attribution", "check_value_sets", "demo_practice", "divergence", "evaluate", "explain_person",
    "outcomes_of",
]  # fmt: skip
