"""From what the cases measured to a report: medians, ratios to the scan, a table, JSON and Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

NAME = "shared_evaluation"

#: One run of a case: ``counts``, and ``stages`` by name with ``wall``, ``cpu`` and ``peak_bytes``.
Run = Mapping[str, Any]
Line = dict[str, Any]
Report = dict[str, Any]


def report(runs: Mapping[str, Sequence[Run]], programs: int, measures: int, machine: Mapping[str, object]) -> Report:
    """All figures: seconds, peak gigabytes, ratios to the scan, and what many programs cost in terms of one.

    ``runs``: the runs of the cases ``scan``, ``read``, ``one`` (program) and ``many`` (``programs``).
    """
    scan = _line("one DuckDB scan of the events", runs["scan"], ("scan",), None)
    read = _line("reading and validating", runs["read"], ("read",), scan)
    one, whole_one = _evaluating(runs["one"], f"{measures} measures × 1 program", scan)
    many, whole_many = _evaluating(runs["many"], f"{measures} measures × {programs} programs", scan)
    write = _line(f"writing the results of {programs} programs", runs["many"], ("write",), scan)
    return {
        "machine": dict(machine),
        "data": {"people": runs["read"][0]["counts"]["people"], "events": runs["scan"][0]["counts"]["events"]},
        "programs": programs,
        "repetitions": len(runs["scan"]),
        "counts": {"one": runs["one"][0]["counts"], "many": runs["many"][0]["counts"]},
        "lines": [scan, read, one, many, whole_one, whole_many, write],
        "many_to_one": {"evaluating": _ratios(many, one), "reading and evaluating": _ratios(whole_many, whole_one)},
    }


def _evaluating(runs: Sequence[Run], what: str, scan: Line) -> tuple[Line, Line]:
    """The line of evaluating alone, and that of reading and evaluating."""
    alone = _line(f"evaluating {what}", runs, ("evaluate",), scan)
    return alone, _line(f"reading, evaluating {what}", runs, ("read", "evaluate"), scan)


def _line(what: str, runs: Sequence[Run], stages: Sequence[str], scan: Line | None) -> Line:
    """One line of the table: medians over the runs of the sums over ``stages``; the peak is at the end of the last."""
    line: Line = {"what": what}
    for clock in ("wall", "cpu"):
        line[clock] = round(median(sum(run["stages"][stage][clock] for stage in stages) for run in runs), 3)
    line["peak_gb"] = round(median(run["stages"][stages[-1]]["peak_bytes"] for run in runs) / 1e9, 2)
    line["to_scan"] = _ratios(line, scan or line)
    return line


def _ratios(line: Line, to: Line) -> dict[str, float]:
    return {clock: round(line[clock] / to[clock], 2) for clock in ("wall", "cpu") if to[clock]}


def printed(found: Report) -> str:
    """The report for a terminal."""
    return "\n".join(_text(found))


def written(found: Report, folder: Path) -> list[Path]:
    """Write the report as JSON and as Markdown; returns the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{NAME}.json", folder / f"{NAME}.md"]
    paths[0].write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    paths[1].write_text("\n".join(_markdown(found)) + "\n", encoding="utf-8")
    return paths


def _cells(found: Report) -> Iterator[list[str]]:
    yield ["", "wall s", "CPU s", "peak GB", "wall ÷ scan", "CPU ÷ scan"]
    for line in found["lines"]:
        ratios = [f"{line['to_scan'].get(clock, 0):.1f}" for clock in ("wall", "cpu")]
        yield [line["what"], f"{line['wall']:.2f}", f"{line['cpu']:.2f}", f"{line['peak_gb']:.2f}", *ratios]


def _facts(found: Report) -> Iterator[str]:
    data, machine = found["data"], found["machine"]
    per_person = data["events"] / data["people"]
    yield f"{data['people']:,} people, {data['events']:,} events ({per_person:.0f} a person), Parquet."
    yield (
        f"{machine['cores']} cores ({machine['processor']}), {machine['memory_gb']} GB; load average before "
        f"{machine['load_average_before']}; Python {machine['python']}, DuckDB {machine['duckdb']}, "
        f"NumPy {machine['numpy']}, pyarrow {machine['pyarrow']}, measureharmony {machine['measureharmony']}."
    )
    yield f"Median of {found['repetitions']}; each case in a process of its own, the cases in turn."


def _shares(found: Report) -> Iterator[str]:
    for what, ratio in found["many_to_one"].items():
        yield (
            f"{what}: {found['programs']} programs cost {ratio.get('wall', 0):.2f} × one program by the wall clock, "
            f"{ratio.get('cpu', 0):.2f} × in CPU time."
        )


def _text(found: Report) -> Iterator[str]:
    rows = list(_cells(found))
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    yield ""
    yield from _facts(found)
    yield ""
    for row in rows:
        numbers = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        yield "  ".join([row[0].ljust(widths[0]), *numbers])
    yield ""
    yield from _shares(found)


def _markdown(found: Report) -> Iterator[str]:
    head, *rows = _cells(found)
    yield from (f"{fact}  " for fact in _facts(found))
    yield ""
    yield f"| {' | '.join(head)} |"
    yield f"|---|{'--:|' * (len(head) - 1)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""
    yield from (f"- {share}" for share in _shares(found))


__all__ = ["NAME", "printed", "report", "written"]
