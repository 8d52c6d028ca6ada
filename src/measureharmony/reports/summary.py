"""The summary that a run ends with in the terminal: payer by payer, measure by measure."""

from __future__ import annotations

from collections import Counter

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from measureharmony.payers.variant import CANONICAL, Variant
from measureharmony.reports.results import Results


def summary(results: Results, titles: dict[str, str]) -> RenderableType:
    """Rates and gaps of every program, the unified rate first. ``titles`` are what programs are called."""
    table = Table(title="Rates and care gaps", title_justify="left", pad_edge=False, header_style="bold")
    table.add_column("Program")
    table.add_column("Measure")
    table.add_column("Rate", justify="right")
    table.add_column("Met / counted", justify="right", no_wrap=True)
    table.add_column("Excluded", justify="right")
    table.add_column("Gaps", justify="right")
    table.add_column("Period", no_wrap=True)
    gaps = _gaps(results)
    variants = {(v.program, v.measure.measure): v for v in results.variants}
    last = None
    for row in results.rates.to_dicts():
        if row["stratum"]:
            continue
        program, measure, rate = str(row["program"]), str(row["measure"]), str(row["rate"])
        if program != last:
            table.add_section()
        name = "Practice, all payers" if program == CANONICAL else titles.get(program, program)
        table.add_row(
            Text(name if program != last else "", style="bold"),
            _rate_title(variants[program, measure], rate),
            "–" if row["value"] is None else f"{100 * float(str(row['value'])):.1f} %",
            f"{row['above']} / {row['below']}",
            str(row["denominator_exclusion"]),
            str(gaps[program, measure, rate]),
            _period(variants[program, measure]),
        )
        last = program
    return Group(table, _legend(results))


def _rate_title(variant: Variant, rate_id: str) -> Text:
    rate = next(rate for rate in variant.measure.rates if rate.id == rate_id)
    text = Text(f"{variant.measure.title}: {rate.title}" if len(variant.measure.rates) > 1 else variant.measure.title)
    if variant.measure.direction_of(rate) == "lower":
        text.append(" (lower is better)", style="dim")
    return text


def _period(variant: Variant) -> str:
    start, end = variant.period.start, variant.period.end
    return str(start.year) if (start.month, start.day, end.month, end.day) == (1, 1, 12, 31) else f"{start} – {end}"


def _gaps(results: Results) -> Counter[tuple[str, str, str]]:
    counts: Counter[tuple[str, str, str]] = Counter()
    for row in results.care_gaps.to_dicts():
        programs = str(row["programs"]).split() + ([CANONICAL] if row["unified"] else [])
        counts.update((program, str(row["measure"]), str(row["rate"])) for program in programs)
    return counts


def _legend(results: Results) -> Text:
    people, gaps = results.practice.person_count, len(results.care_gaps)
    still_open = sum(row["status"] == "open" for row in results.care_gaps.to_dicts())
    text = Text(f"{people:,} people, each counted once in the practice's rate and once per payer. ")
    text.append(f"{gaps:,} care gaps, {still_open:,} of them still open")
    text.append(f" on {results.as_of}." if results.as_of else " (give --as-of to see which).")
    incomplete = [s for s in _value_sets(results) if s["completeness"] != "complete"]
    if incomplete:
        text.append(
            f"\n{len(incomplete)} of {len(_value_sets(results))} value sets hold only openly usable codes; "
            "load licensed ones with --value-sets."
        )
    return text


def _value_sets(results: Results) -> list[dict[str, object]]:
    sets = results.manifest["value_sets"]
    assert isinstance(sets, list)
    return sets


__all__ = ["summary"]
