"""Reports as files: the HTML page, the workbooks, the lists of gaps, into one folder and nowhere else."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Literal, get_args

import pyarrow as pa

from measureharmony.errors import UsageError
from measureharmony.payers.variant import CANONICAL
from measureharmony.reports.content import Also, Content, content_of
from measureharmony.reports.content.gap_lists import of_program
from measureharmony.reports.extra import reports_package
from measureharmony.reports.file_names import FileNames
from measureharmony.reports.html import page
from measureharmony.reports.results import Results
from measureharmony.reports.safe_cells import write_safe_csv
from measureharmony.reports.workbook import write_workbook

Format = Literal["html", "xlsx", "csv"]
#: Every format there is.
FORMATS: tuple[Format, ...] = get_args(Format)
#: The packages that formats are written with.
_PACKAGES = {"html": ("altair", "jinja2", "vl_convert"), "xlsx": ("xlsxwriter",)}
#: What the names of files begin with that name nobody.
_SHAREABLE = "de-identified-"
#: What the unified rate's files are called.
_PRACTICE = "practice"


def write_report(
    results: Results,
    folder: str | Path,
    *,
    formats: Collection[Format] = FORMATS,
    also: Also | None = None,
    de_identified: bool = False,
) -> list[Path]:
    """Write the report of a run into ``folder`` (made if need be); returns the paths.

    ``html`` is one page, ``xlsx`` a workbook of the practice and one for each program, ``csv`` the gaps of the practice
    and of each program. ``de_identified``: nothing that names people, small counts hidden; instead of lists of gaps,
    the rates. ``also`` holds what a report shows beside the run itself.

    :class:`UsageError` for an unknown format, for a folder that holds other files where the report is to name nobody (a
    folder is shared as a whole), and where the packages of the extra ``reports`` are missing.
    """
    require_formats(formats)
    target = Path(folder)
    if de_identified:
        _require_nothing_else(target)
    content = content_of(results, also or Also(), de_identified=de_identified)
    target.mkdir(parents=True, exist_ok=True)
    names, prefix = FileNames(), _SHAREABLE if de_identified else ""
    names.stem(CANONICAL, like=_PRACTICE)
    stems = {one.key: names.stem(one.key) for one in content.programs}
    paths: list[Path] = []
    if "csv" in formats:
        paths += _write_lists(content, target, stems)
    if "xlsx" in formats:
        paths += [write_workbook(content, target / f"{prefix}{stem}.xlsx", key) for key, stem in stems.items()]
    if "html" in formats:
        beside = f"All of them are in gaps-{stems[CANONICAL]}.csv beside it." if "csv" in formats else ""
        paths.append(target / f"{prefix}report.html")
        paths[-1].write_text(page(content, beside=beside), encoding="utf-8")
    return paths


def _write_lists(content: Content, target: Path, stems: dict[str, str]) -> Iterable[Path]:
    """The gaps of the practice and of each program; without people, the rates."""
    if content.gaps is None:
        yield write_safe_csv(_rates(content), target / f"{_SHAREABLE}rates.csv")
        return
    for program, stem in stems.items():
        yield write_safe_csv(of_program(content.gaps, program), target / f"gaps-{stem}.csv")


def _rates(content: Content) -> pa.Table:
    """The rates that may be shown; ``hidden`` says what of them is not."""
    names = ("program", "measure", "rate", "title", "direction", "scoring", "value", "below", "above", "low", "high")
    schema = pa.schema([
        *((name, pa.string()) for name in names[:6]),
        *((name, pa.int64() if name in ("below", "above") else pa.float64()) for name in names[6:]),
        ("hidden", pa.string()),
    ])  # fmt: skip
    rows = [{name: getattr(one, name) for name in (*names, "hidden")} for one in content.figures]
    return pa.Table.from_pylist(rows, schema=schema)


def require_formats(formats: Collection[str]) -> None:
    """:class:`UsageError` for formats that there are not, or whose packages are not installed."""
    unknown = sorted(set(formats) - set(FORMATS))
    if unknown or not formats:
        asked = f"There is no format {', '.join(unknown)}." if unknown else "No format is given."
        raise UsageError(f"{asked} There are: {', '.join(FORMATS)}.")
    for one in formats:
        for package in _PACKAGES.get(one, ()):
            reports_package(package)


def _require_nothing_else(folder: Path) -> None:
    """A folder is shared as a whole: what lies in it already may name people."""
    others = folder.is_dir() and any(not path.name.startswith(_SHAREABLE) for path in folder.iterdir())
    if others:
        raise UsageError(
            f"The folder {folder} holds other files, which may name people. "
            "Give a de-identified report a folder of its own."
        )


__all__ = ["FORMATS", "Format", "require_formats", "write_report"]
