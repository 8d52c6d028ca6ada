"""From figures to a report: printed, and written as JSON and as Markdown, which ``docs/benchmarks.md`` shows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

Cells = Sequence[str]


@dataclass(frozen=True)
class Report:
    """What one benchmark found.

    ``facts`` say what was measured over, in sentences; ``head`` and ``rows`` are the table, as text, the first column
    to the left; ``findings`` the ratios in sentences; ``figures`` all that was measured, for machines.
    """

    name: str
    title: str
    machine: Mapping[str, str | int | float]
    facts: Sequence[str]
    head: Cells
    rows: Sequence[Cells]
    findings: Sequence[str]
    figures: Mapping[str, Any]


def finished(report: Report, folder: Path) -> None:
    """Print the report, and write it into ``folder``."""
    print("\n".join(_text(report)))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{report.name}.json"
    path.write_text(json.dumps(asdict(report), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    path.with_suffix(".md").write_text(markdown(report), encoding="utf-8")
    print(f"written: {report.name}.json, {report.name}.md")


def read_report(path: Path) -> Report:
    """A report as it was written."""
    return Report(**json.loads(path.read_text(encoding="utf-8")))


def markdown(report: Report) -> str:
    """The report for the documentation."""
    return "\n".join(_markdown(report)) + "\n"


def times(ratio: float, digits: int = 2) -> str:
    """A ratio, as people write it."""
    return f"{ratio:,.{digits}f} ×"


def _machine(report: Report) -> str:
    facts = report.machine
    versions = ", ".join(f"{name} {facts[name]}" for name in ("DuckDB", "NumPy", "pyarrow", "pandas", "measureharmony"))
    return (
        f"{facts['cores']} cores ({facts['processor']}), {facts['memory_gb']} GB; load average before "
        f"{facts['load_average_before']}; Python {facts['python']}, {versions}."
    )


def _text(report: Report) -> Iterator[str]:
    table = [report.head, *report.rows]
    widths = [max(len(row[place]) for row in table) for place in range(len(report.head))]
    yield from ("", report.title, "", *report.facts, _machine(report), "")
    for row in table:
        numbers = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        yield "  ".join([row[0].ljust(widths[0]), *numbers])
    yield from ("", *report.findings, "")


def _markdown(report: Report) -> Iterator[str]:
    yield from (f"{fact}  " for fact in report.facts)
    yield f"{_machine(report)}"
    yield ""
    yield f"| {' | '.join(report.head)} |"
    yield f"|---|{'--:|' * (len(report.head) - 1)}"
    yield from (f"| {' | '.join(row)} |" for row in report.rows)
    yield ""
    yield from (f"- {finding}" for finding in report.findings)
