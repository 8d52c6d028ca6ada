"""What payers see, for a terminal: the gaps of each program, counted by what to do about them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from measureharmony.reports.results import Results

_OTHERS = (
    ("not_accepted", "with evidence not accepted"),
    ("in_run_out", "in run-out"),
    ("too_late", "too late to close"),
)


def payers_shown(results: Results, titles: Mapping[str, str]) -> RenderableType:
    """One sentence for each program that has gaps or rates. ``titles`` are what programs are called."""
    counted: dict[str, Counter[tuple[str, dt.date | None]]] = {}
    for row in results.rates_seen.to_dicts():
        counted.setdefault(str(row["program"]), Counter())
    gaps = results.program_gaps.arrow
    columns = (gaps[name].to_pylist() for name in ("program", "reason", "due"))
    for program, reason, due in zip(*columns, strict=True):
        counted[program][reason, due if reason == "send_evidence" else None] += 1
    on = results.payers.on if results.payers else None
    lines: list[RenderableType] = [Text(f"Gaps as the payers would see them on {on}", style="bold")]
    for program, found in counted.items():
        if found or program in _programs_with_people(results):
            lines.append(Text(titles.get(program, program)))
            lines.append(Padding(Text(_sentence(found)), (0, 0, 0, 2)))
    return Group(*lines)


def _programs_with_people(results: Results) -> set[str]:
    return {str(row["program"]) for row in results.rates_seen.to_dicts() if row["denominator"]}


def _sentence(found: Mapping[tuple[str, dt.date | None], int]) -> str:
    """Such as: "137 gaps: 90 need care, 30 have evidence to send by 2027-02-28, 12 not accepted, 5 in run-out"."""
    total = sum(found.values())
    told = ", ".join(_parts(found))
    return f"{total:,} {'gap' if total == 1 else 'gaps'}" + (f": {told}." if told else ".")


def _parts(found: Mapping[tuple[str, dt.date | None], int]) -> Iterator[str]:
    care = found.get(("needs_care", None), 0)
    if care:
        yield f"{care:,} {'needs' if care == 1 else 'need'} care"
    sending = {due: count for (reason, due), count in found.items() if reason == "send_evidence"}
    for due in sorted(sending, key=lambda day: day or dt.date.max):
        yield f"{sending[due]:,} with evidence to send" + (f" by {due}" if due else "")
    for reason, words in _OTHERS:
        if count := found.get((reason, None), 0):
            yield f"{count:,} {words}"


__all__ = ["payers_shown"]
