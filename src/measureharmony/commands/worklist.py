"""The command ``measureharmony worklist``."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Annotated

import typer

from measureharmony.commands import options
from measureharmony.commands.running import evaluated, load
from measureharmony.commands.terminal import errors_shown, require_folder, stdout
from measureharmony.errors import UsageError
from measureharmony.measures.plain_words import how_many


def worklist(  # noqa: PLR0913 - its options
    practice: options.PracticeOrDemo = None,
    top: Annotated[int, typer.Option("--top", min=1, help="How many lines to show.")] = 10,
    weights: Annotated[
        Path | None, typer.Option("--weights", help="What a gap weighs: a copy of measure_specs/work_list.yaml.")
    ] = None,
    risk: Annotated[Path | None, typer.Option("--risk", help="CSV of risk scores: person_id,risk.")] = None,
    people: Annotated[
        Path | None, typer.Option("--people", help="CSV with the column person_id: only they, such as a day's visits.")
    ] = None,
    by_provider: Annotated[
        bool, typer.Option("--by-provider", help="Write a list for each clinician, not one for all.")
    ] = False,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Folder for the lists (CSV).")] = None,
    program: options.Programs = None,
    measure: options.Measures = None,
    specs: options.Specs = None,
    value_sets: options.ValueSets = None,
    risk_tables: options.RiskTables = None,
    as_of: options.AsOf = None,
    payer_view: options.PayerView = None,
    year: options.Year = None,
    edition: options.Edition = None,
) -> None:
    """List per person, once for all payers, what closes their care gaps: the most urgent first."""
    with errors_shown(output):
        from measureharmony.reports.work_list import read_weights
        from measureharmony.reports.work_list.shown import work_list_shown, write_work_lists

        require_folder(output)
        weighed, scores = read_weights(weights), _scores(risk) if risk else None
        only = [row["person_id"] for row in _rows(people, "person_id")] if people else None
        loaded = load(specs, value_sets, risk_tables)
        results = evaluated(
            loaded, practice, as_of, year=year, edition=edition, programs=program, measures=measure,
            payer_view=payer_view,
        )  # fmt: skip
        found = results.work_list(weighed, scores, only)
        stdout().print(work_list_shown(found, top))
        if output:
            paths = write_work_lists(found, output, "provider_id" if by_provider else None)
            typer.echo(f"wrote {how_many(len(paths), 'list')} to {output}")


def _scores(path: Path) -> dict[str, float]:
    scores: dict[str, float] = {}
    for number, row in enumerate(_rows(path, "person_id", "risk"), start=2):
        try:
            scores[row["person_id"]] = float(row["risk"])
        except ValueError:
            raise UsageError(f"{path}:{number}: the risk score is no number. Write such as 1.25.") from None
    return scores


def _rows(path: Path, *columns: str) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        missing = [name for name in columns if name not in (reader.fieldnames or ())]
        if missing:
            raise UsageError(f"{path}:1: there is no column {', '.join(missing)}. The first line names the columns.")
        return list(reader)


__all__ = ["worklist"]
