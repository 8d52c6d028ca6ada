"""The command ``measureharmony export``: results in the formats that other programs read."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from measureharmony.commands import options
from measureharmony.commands.running import evaluated, load
from measureharmony.commands.terminal import errors_shown, require_folder
from measureharmony.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

    from measureharmony.payers.program import Program
    from measureharmony.reports.fhir import Setting
    from measureharmony.reports.measure_ids import MeasureIds
    from measureharmony.reports.results import Results
    from measureharmony.reports.supplemental import PayerProfile
    from measureharmony.specs import Specs


class Format(StrEnum):
    """What can be written."""

    MEASURE_REPORT = "measure-report"
    GAPS_IN_CARE = "gaps-in-care"
    QRDA3 = "qrda3"
    SUPPLEMENTAL = "supplemental"


class Release(StrEnum):
    """The releases of the Da Vinci guide (DEQM) whose names FHIR files can bear."""

    STU5 = "stu5"
    UV_BALLOT = "uv-ballot"


def export(  # noqa: PLR0913 - its options
    practice: options.PracticeOrDemo = None,
    format: Annotated[Format, typer.Option("--format", "-f", help="What to write.")] = Format.MEASURE_REPORT,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the files.")] = Path("export"),
    program: Annotated[
        list[str] | None,
        typer.Option("--program", "-p", help="Only this program (repeatable); `canonical`: the unified version."),
    ] = None,
    measure: options.Measures = None,
    reporter: Annotated[str, typer.Option("--reporter", help="The practice's name, as reports give it.")] = "Practice",
    npi: Annotated[str, typer.Option("--npi", help="The practice's National Provider Identifier.")] = "",
    tin: Annotated[str, typer.Option("--tin", help="The practice's tax identification number.")] = "",
    base_url: Annotated[
        str | None, typer.Option("--base-url", help="Where your resources and identifiers live.")
    ] = None,
    release: Annotated[
        Release, typer.Option("--release", help="The release of the DEQM guide whose names FHIR files bear.")
    ] = Release.STU5,
    measure_ids: Annotated[
        Path | None, typer.Option("--measure-ids", help="CSV of official identifiers: measure,edition,rate,item,id.")
    ] = None,
    profile: Annotated[
        Path | None, typer.Option("--profile", help="How the payer takes supplemental data: a payer profile (YAML).")
    ] = None,
    specs: options.Specs = None,
    value_sets: options.ValueSets = None,
    risk_tables: options.RiskTables = None,
    as_of: options.AsOf = None,
    payer_view: options.PayerView = None,
    year: options.Year = None,
    edition: options.Edition = None,
) -> None:
    """Write results for other programs: FHIR measure reports and gaps in care, QRDA III, supplemental-data files."""
    with errors_shown(output):
        require_folder(output)
        loaded = load(specs, value_sets, risk_tables)
        ids = _measure_ids(loaded, measure_ids)
        setting = _setting((reporter, npi, tin), base_url, release, ids)
        form = _payer_profile(loaded, profile, program) if format is Format.SUPPLEMENTAL else None
        results = evaluated(
            loaded, practice, as_of, year=year, edition=edition, programs=program, measures=measure,
            payer_view=payer_view,
        )  # fmt: skip
        paths = _supplemental(results, form, output) if form else _written(results, format, output, setting, program)
        for path in paths:
            typer.echo(f"wrote {path} ({path.stat().st_size:,} bytes)")


def _measure_ids(specs: Specs, path: Path | None) -> MeasureIds:
    from measureharmony.reports.measure_ids import MeasureIds, read_measure_ids

    if path is None:
        return MeasureIds()
    libraries = (specs.canonical, *specs.editions.libraries.values())
    return read_measure_ids(path, [measure for library in libraries for measure in library.measures.values()])


def _setting(who: tuple[str, str, str], base_url: str | None, release: Release, ids: MeasureIds) -> Setting:
    from measureharmony.reports.fhir import GUIDES, Reporter, Setting
    from measureharmony.reports.fhir.setting import BASE

    base = (base_url or BASE).rstrip("/")
    return Setting(Reporter(*who), base, GUIDES[release.value], ids=ids)


def _payer_profile(specs: Specs, path: Path | None, asked: list[str] | None) -> tuple[PayerProfile, Program]:
    """The profile, and the one program whose file it is."""
    from measureharmony.reports.supplemental import read_payer_profile

    programs = specs.programs.programs
    if path is None:
        raise UsageError("A supplemental-data file needs the payer's profile. Give it with --profile FILE.")
    if asked is None or len(asked) != 1:
        raise UsageError("A supplemental-data file is one program's. Say which with --program KEY, once.")
    key = asked[0]
    if key not in programs:
        raise UsageError(f"There is no program {key}. There are: {', '.join(sorted(programs))}.")
    return read_payer_profile(path, specs.canonical.measures), programs[key]


def _gaps(results: Results) -> pa.Table | None:
    """Programs' gaps with their reasons, where a payers' view was asked for."""
    return results.program_gaps.arrow if results.payers else None


def _supplemental(results: Results, form: tuple[PayerProfile, Program], output: Path) -> list[Path]:
    from measureharmony.reports.supplemental import supplemental_data

    data = supplemental_data(results, *form, gaps=_gaps(results))
    typer.echo(repr(data))
    return data.write(output)


def _written(
    results: Results, format: Format, output: Path, setting: Setting, programs: list[str] | None
) -> list[Path]:
    from measureharmony.reports.fhir import write_gaps_in_care, write_measure_reports
    from measureharmony.reports.qrda import write_qrda3

    match format:
        case Format.GAPS_IN_CARE:
            return write_gaps_in_care(results, output, setting, programs, gaps=_gaps(results))
        case Format.QRDA3:
            return write_qrda3(results, output, setting.reporter, programs, setting.ids)
    return write_measure_reports(results, output, setting, programs)


__all__ = ["export"]
