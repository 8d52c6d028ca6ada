"""The command line: a thin layer over :mod:`measureharmony.harmonize`.

Exit codes: 0 done; 1 the answer is no (a spec is not valid, a deck disagrees); 2 the call or its input is wrong.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from measureharmony.commands.align import align
from measureharmony.commands.attribution import attribution
from measureharmony.commands.common_target import common_target
from measureharmony.commands.engine import Engine, EngineOption, SparkMaster, evaluated_on_spark, refuse_with_spark
from measureharmony.commands.export import export
from measureharmony.commands.history import history
from measureharmony.commands.options import (
    NO,
    OK,
    AsOf,
    Edition,
    Further,
    Measures,
    PayerView,
    Programs,
    RiskTablesOption,
    SpecsOption,
    ValueSetsOption,
    Year,
    errors_shown,
    load,
    number,
    require_folder,
    shown_progress,
    stderr,
    stdout,
)
from measureharmony.commands.payments import payments
from measureharmony.commands.reconcile import reconcile
from measureharmony.commands.report import report
from measureharmony.commands.statistics import statistics
from measureharmony.commands.validate import validate
from measureharmony.commands.valuesets import value_set_commands
from measureharmony.commands.worklist import worklist
from measureharmony.errors import UsageError

if TYPE_CHECKING:
    from measureharmony.reports.remarks import Found
    from measureharmony.specs import Specs

app = typer.Typer(
    name="measureharmony",
    help="One canonical set of quality measures, every payer's version of it, one pass over one practice's data.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

#: What commands are for, as `--help` groups them.
_EVALUATE, _ACT, _WRITE = "Evaluate", "Work with what was found", "Write what was found"
_SPECS, _MEASURES = "Payers' specs", "Measures and value sets"

Output = Annotated[Path, typer.Option("--output", "-o", help="Folder for the results.")]


@app.command(
    rich_help_panel=_EVALUATE, epilog="Example: `measureharmony run my-practice/ --as-of 2026-09-30 --output results/`"
)
def run(  # noqa: PLR0913 - its options
    practice: Annotated[Path, typer.Argument(help="CSV or Parquet folder, FHIR bundles, or NDJSON bulk export.")],
    output: Output = Path("output"),
    specs: SpecsOption = None,
    value_sets: ValueSetsOption = None,
    risk_tables: RiskTablesOption = None,
    as_of: AsOf = None,
    year: Year = None,
    edition: Edition = None,
    program: Programs = None,
    measure: Measures = None,
    payer_view: PayerView = None,
    previous: Annotated[
        Path | None,
        typer.Option("--previous", help="Results of an earlier such run: evaluate only what has changed since."),
    ] = None,
    memory: Annotated[
        str | None,
        typer.Option("--memory", help="Keep to about this much, such as 4GB: evaluate in parts, go on if stopped."),
    ] = None,
    people_at_once: Annotated[
        int | None, typer.Option("--people-at-once", min=1, help="How many people a part has. Default: as --memory.")
    ] = None,
    engine: EngineOption = Engine.LOCAL,
    spark_master: SparkMaster = None,
    also: Annotated[
        list[Further] | None,
        typer.Option("--also", help="Also write these tables (repeatable); they take some time."),
    ] = None,
    record: Annotated[
        Path | None,
        typer.Option("--history", help="Record the run in this file, and say what changed since the last one."),
    ] = None,
) -> None:
    """Evaluate every payer's version of every measure over a practice; write outcomes, rates and care gaps."""
    with errors_shown():
        require_folder(output)
        with stderr().status("reading specs …"):
            loaded = load(specs, value_sets, risk_tables)
        day, view = (given.date() if given else None for given in (as_of, payer_view))
        asked = {"as_of": day, "year": year, "edition": edition, "programs": program, "measures": measure}
        results: Found
        if engine is Engine.SPARK or spark_master:
            refuse_with_spark({"--payer-view": view, "--previous": previous, "--memory": memory, "--also": also})
            results = evaluated_on_spark(output, practice, loaded, spark_master, people_at_once, asked)
        else:
            if (view or also) and (memory or people_at_once):
                what = "A payers' view needs" if view else f"{' and '.join(also or ())} (--also) need"
                raise UsageError(f"{what} everybody at once. Leave out --memory and --people-at-once.")
            if previous and (memory or people_at_once):
                raise UsageError("Parts start from nothing. Leave out --previous, or --memory and --people-at-once.")
            way = _way(output, memory, people_at_once, view, previous)
            results = _evaluated_here(way, practice, loaded, memory, asked)
        _report(results, loaded, output, also or ())
        if record:
            _record(results, record)


def _way(
    output: Path, memory: str | None, people_at_once: int | None, view: dt.date | None, previous: Path | None
) -> Callable[..., Found]:
    """How this machine evaluates: in parts, written as they are found, or everybody at once."""
    from measureharmony.harmonize import evaluate
    from measureharmony.out_of_core import MEMORY, evaluate_to

    if memory or people_at_once:
        return partial(evaluate_to, output, memory=memory or MEMORY, people_at_once=people_at_once)
    return partial(evaluate, payer_view=view, previous=previous)


def _evaluated_here(
    way: Callable[..., Found], practice: Path, specs: Specs, memory: str | None, asked: Mapping[str, Any]
) -> Found:
    """A run on this machine, showing its progress."""
    from measureharmony.practice.source import read_practice

    with stderr().status(f"reading {practice} …"):
        people = read_practice(practice, memory)
    with shown_progress() as progress:
        return way(people, specs, **asked, progress=progress)


@app.command(rich_help_panel=_EVALUATE, epilog="Example: `measureharmony demo --people 2000 --output demo-output`")
def demo(
    output: Output = Path("demo-output"),
    people: Annotated[int, typer.Option("--people", min=1, help="How many people to make up.")] = 2000,
    seed: Annotated[int, typer.Option("--seed", help="Another seed, another practice.")] = 2026,
    as_of: AsOf = None,
    payer_view: PayerView = None,
    practice_only: Annotated[
        bool, typer.Option("--practice-only", help="Only write the practice, as CSV, its broken rows included.")
    ] = False,
) -> None:
    """Make up a practice, evaluate all programs over it, and show what comes out."""
    with errors_shown():
        from measureharmony.harmonize import demo_practice, evaluate
        from measureharmony.practice.demo import write_demo

        if practice_only:
            write_demo(output, people=people, seed=seed, format="csv", broken=True)
            typer.echo(f"wrote a practice of {people:,} people to {output}")
            return
        require_folder(output)
        with stderr().status("making up a practice …"):
            loaded, practice = load(None, None), demo_practice(people, seed)
        typer.echo(f"\n{practice!r}\n")
        day = as_of.date() if as_of else dt.date(2026, 10, 31)
        view = payer_view.date() if payer_view else None
        with shown_progress() as progress:
            results = evaluate(practice, loaded, as_of=day, payer_view=view, progress=progress)
        _report(results, loaded, output)


@app.command(
    rich_help_panel=_EVALUATE,
    epilog="Example: `measureharmony explain my-practice/ 4711 --measure cbp --program ma_stars`",
)
def explain(  # noqa: PLR0913 - its options
    practice: Annotated[Path, typer.Argument(help="The practice, as for `run`.")],
    person: Annotated[str, typer.Argument(help="person_id")],
    measure: Annotated[str, typer.Option("--measure", "-m", help="Which measure.")],
    program: Annotated[str, typer.Option("--program", "-p", help="Whose version of it.")] = "canonical",
    specs: SpecsOption = None,
    value_sets: ValueSetsOption = None,
    risk_tables: RiskTablesOption = None,
    as_of: AsOf = None,
    year: Year = None,
    edition: Edition = None,
) -> None:
    """Explain why one person is in or out of a measure: criteria, evidence, near misses."""
    with errors_shown():
        from measureharmony.harmonize import explain_person
        from measureharmony.practice.source import read_practice

        loaded = load(specs, value_sets, risk_tables)
        day = as_of.date() if as_of else None
        people = read_practice(practice)
        told = explain_person(people, loaded, person, measure, program, year=year, edition=edition, as_of=day)
        typer.echo(str(told))


@app.command(
    rich_help_panel=_EVALUATE,
    epilog="Example: `measureharmony divergence my-practice/ --program ma_stars --output who-moves/`",
)
def divergence(  # noqa: PLR0913 - its options
    practice: Annotated[Path, typer.Argument(help="The practice, as for `run`.")],
    against: Annotated[str, typer.Option("--against", help="What to compare with: a program.")] = "canonical",
    program: Annotated[
        list[str] | None, typer.Option("--program", "-p", help="Only this program (repeatable). Default: all.")
    ] = None,
    measure: Measures = None,
    everybody: Annotated[
        bool, typer.Option("--everybody", help="Compare over all people, not only over the program's own.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for the tables: who moves, and why.")
    ] = None,
    specs: SpecsOption = None,
    value_sets: ValueSetsOption = None,
    risk_tables: RiskTablesOption = None,
    as_of: AsOf = None,
    year: Year = None,
    edition: Edition = None,
) -> None:
    """Say whom it moves that programs mean measures differently, and which change is responsible for whom."""
    with errors_shown():
        from measureharmony import harmonize
        from measureharmony.practice.source import read_practice
        from measureharmony.reports.divergence_shown import divergence_shown

        if output:
            require_folder(output)
        loaded = load(specs, value_sets, risk_tables)
        day = as_of.date() if as_of else None
        with shown_progress() as progress:
            found = harmonize.divergence(
                read_practice(practice), loaded, against=against, year=year, edition=edition, as_of=day,
                programs=program, measures=measure, everybody=everybody, progress=progress,
            )  # fmt: skip
        stdout().print(divergence_shown(found, {key: one.title for key, one in loaded.programs.programs.items()}))
        if output:
            typer.echo(f"wrote {', '.join(path.name for path in found.write(output))} to {output}")


@app.command(rich_help_panel=_MEASURES, epilog="Example: `measureharmony people --specs my-specs`")
def people(
    measure: Annotated[list[str] | None, typer.Argument(help="Only the people of these measures.")] = None,
    specs: SpecsOption = None,
    value_sets: ValueSetsOption = None,
) -> None:
    """Evaluate the worked people beside the specs, in both ways. Exits 1 when one is not where the file says."""
    with errors_shown():
        from measureharmony.conformance.worked_people import check_worked_people
        from measureharmony.specs import read_specs

        read = read_specs(specs, value_sets).require()
        found = check_worked_people(read, measure or ())
        for issue in found:
            typer.echo(str(issue))
        counted = sum(
            len(file.people)
            for library in read.editions.libraries.values()
            for key, file in library.people.items()
            if not measure or key in measure
        )
        typer.echo(f"{number(counted, 'worked person').replace('persons', 'people')}: {number(len(found), 'problem')}")
        raise typer.Exit(NO if found else OK)


@app.command(
    rich_help_panel=_MEASURES,
    epilog="Example: `measureharmony conformance deck/2026 --value-sets deck/2026/valuesets -m CMS125`",
)
def conformance(  # noqa: PLR0913 - its options
    deck: Annotated[Path, typer.Argument(help="Folder with one sub-folder per measure (CMS122, …).")],
    value_sets: ValueSetsOption = None,
    measure: Measures = None,
    json: Annotated[
        Path | None,
        typer.Option("--json", help="Write the whole report to this file."),
    ] = None,
    exceptions: Annotated[
        Path | None,
        typer.Option("--exceptions", help="YAML list of documented exceptions, each with its proof."),
    ] = None,
    edition: Edition = None,
    specs: SpecsOption = None,
) -> None:
    """Compare with published test people. Exits 1 on any disagreement that is not a documented exception."""
    with errors_shown():
        from measureharmony.conformance import check_deck

        report = check_deck(deck, load(specs, value_sets), measure or (), exceptions, edition)
        typer.echo(str(report))
        if json:
            json.write_bytes(report.to_json())
        raise typer.Exit(OK if report.agrees else NO)


@app.command(
    rich_help_panel=_MEASURES,
    epilog="Example: `measureharmony catalog mammogram`, `measureharmony catalog --measure bcs`",
)
def catalog(
    text: Annotated[
        list[str] | None, typer.Argument(help="An identifier (CMS125, BCS-E), or words to search for.")
    ] = None,
    measure: Annotated[str | None, typer.Option("--measure", "-m", help="Show this measure in full.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the entries as JSON.")] = False,
    specs: SpecsOption = None,
    value_sets: ValueSetsOption = None,
) -> None:
    """List, search and read the canonical measures. Exits 1 when nothing is found."""
    with errors_shown():
        from measureharmony.catalogue import entries, search
        from measureharmony.catalogue.terminal import as_json, full, table

        every = entries(load(specs, value_sets))
        if measure:
            every = tuple(entry for entry in every if entry.key == measure)
        chosen = [found.entry for found in search(every, " ".join(text))] if text else list(every)
        if not chosen:
            typer.echo(f"No measure is like {' '.join(text or [measure or ''])!r}. List all: measureharmony catalog")
            raise typer.Exit(NO)
        if json:
            typer.echo(as_json(chosen))
        else:
            stdout().print(full(chosen[0]) if measure else table(chosen))


@app.command(
    "compare", rich_help_panel=_SPECS, epilog="Example: `measureharmony compare canonical bluestone_commercial -m bcs`"
)
def compare_versions(  # noqa: PLR0913 - its options
    before: Annotated[str, typer.Argument(help="A program's key, `canonical`, or an edition: `canonical@2025`.")],
    after: Annotated[str, typer.Argument(help="What to set against it.")],
    measure: Measures = None,
    year: Year = None,
    as_of: AsOf = None,
    json: Annotated[bool, typer.Option("--json", help="Print the differences as JSON.")] = False,
    specs: SpecsOption = None,
) -> None:
    """Say what differs between two versions of measures, axis by axis, by what they mean."""
    with errors_shown():
        from measureharmony.comparison import compare
        from measureharmony.comparison.terminal import shown

        loaded = load(specs, None)
        found = compare(loaded, before, after, measures=measure, year=year, as_of=as_of.date() if as_of else None)
        if json:
            typer.echo(found.to_json())
        else:
            stdout().print(shown(found, loaded.canonical.measures))


@app.command(
    rich_help_panel=_SPECS,
    epilog="Example: `measureharmony changelog 2025-12-31 2026-12-31`, `measureharmony changelog v1 HEAD`",
)
def changelog(
    before: Annotated[str, typer.Argument(help="A date (2026-01-01), or a git revision of the specs.")],
    after: Annotated[str, typer.Argument(help="A later date, or another revision.")],
    specs: SpecsOption = None,
    json: Annotated[bool, typer.Option("--json", help="JSON instead of Markdown.")] = False,
) -> None:
    """Write what changed in programs' specs between two dates or revisions, what is still open first."""
    with errors_shown():
        from measureharmony.comparison.changelog import between
        from measureharmony.comparison.minutes import as_markdown

        found = between(before, after, specs)
        typer.echo(found.to_json() if json else as_markdown(found), nl=json)


@app.command(
    rich_help_panel=_SPECS, epilog="Example: `measureharmony intake payer.xlsx --program acme --output drafts`"
)
def intake(  # noqa: PLR0913 - its options
    file: Annotated[Path, typer.Argument(help="A payer's sheet of measures: .xlsx, .xls, .csv or .tsv.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the drafts.")] = Path("drafts"),
    profile: Annotated[
        Path | None,
        typer.Option("--profile", help="What stands where in the sheet. Default: guessed."),
    ] = None,
    program: Annotated[
        str | None, typer.Option("--program", "-p", help="The contract's key. Default: the file's name.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Write over drafts that are there already.")] = False,
    specs: SpecsOption = None,
    value_sets: ValueSetsOption = None,
) -> None:
    """Make overlay drafts from a payer's sheet, every guess marked, every cell accounted for.

    Exits 1 when no measure is recognised, or a draft has problems.
    """
    with errors_shown():
        from measureharmony.intake import take_in
        from measureharmony.intake.report import shown

        require_folder(output)
        loaded = load(specs, value_sets)
        taken = take_in(file, loaded, profile=profile, program=program)
        taken.write(output, overwrite=overwrite)
        wrong = [issue for issue in taken.problems(output, loaded) if not issue.code.startswith("hint-")]
        stdout().print(shown(taken, wrong))
        typer.echo(f"wrote drafts, the profile and a report of every cell to {output}")
        raise typer.Exit(OK if taken.drafts and not wrong else NO)


# Commands that have a module of their own.
app.command(
    rich_help_panel=_ACT,
    epilog="Example: `measureharmony worklist my-practice/ --as-of 2026-09-30 --by-provider -o lists/`",
)(worklist)
app.command(
    rich_help_panel=_ACT,
    epilog="Example: `measureharmony payments my-practice/ --as-of 2026-09-30 --what-if bcs.screened=+10`",
)(payments)
app.command(
    rich_help_panel=_ACT, epilog="Example: `measureharmony statistics my-practice/ --interval clopper_pearson`"
)(statistics)
app.command(
    rich_help_panel=_ACT,
    epilog="Example: `measureharmony attribution my-practice/ --program ma_stars --output attribution/`",
)(attribution)
app.command(rich_help_panel=_ACT, epilog="Example: `measureharmony history practice.history --program ma_stars`")(
    history
)
app.command(
    rich_help_panel=_ACT, epilog="Example: `measureharmony reconcile my-practice/ gaps.csv --profile bluestone.yaml`"
)(reconcile)
app.command(
    rich_help_panel=_WRITE, epilog="Example: `measureharmony report my-practice/ --as-of 2026-09-30 --output report/`"
)(report)
app.command(
    rich_help_panel=_WRITE,
    epilog="Example: `measureharmony export my-practice/ --format gaps-in-care --program ma_stars`",
)(export)
app.command(rich_help_panel=_SPECS, epilog="Example: `measureharmony align bcs --program bluestone_commercial`")(align)
app.command(rich_help_panel=_SPECS, epilog="Example: `measureharmony common-target gsd bcs --practice my-practice/`")(
    common_target
)
app.command(rich_help_panel=_SPECS, epilog="Example: `measureharmony validate my-specs/payers/acme --sample demo`")(
    validate
)
app.add_typer(value_set_commands, rich_help_panel=_MEASURES)


# --- behind the commands -------------------------------------------------------------------------------------------


def _record(results: Found, file: Path) -> None:
    from measureharmony.history import History
    from measureharmony.history.shown import changes_told

    with History(file) as kept:
        kept.record(results)
        typer.echo(changes_told(kept))


def _report(results: Found, specs: Specs, output: Path, also: Sequence[Further] = ()) -> None:
    from measureharmony.reports.payers_shown import payers_shown
    from measureharmony.reports.results import Results
    from measureharmony.reports.summary import summary

    titles = {key: program.title for key, program in specs.programs.programs.items()}
    paths = results.write(output, also) if isinstance(results, Results) else results.write(output)
    stdout().print(summary(results, titles))
    if isinstance(results, Results) and results.payers:
        stdout().print(payers_shown(results, titles))
    rules = Counter(results.practice.rejects["rule"].to_pylist())
    if rules:
        counted = ", ".join(f"{rule} × {count:,}" for rule, count in rules.most_common())
        typer.echo(f"Not accepted ({counted}): see {output / 'rejects.csv'}.")
    typer.echo(f"wrote {', '.join(path.name for path in paths)} to {output}")


__all__ = ["app"]
