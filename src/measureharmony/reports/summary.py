"""The summary that a run ends with in the terminal: payer by payer, measure by measure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from measureharmony.payers.variant import CANONICAL, Variant
from measureharmony.reports.finality import Shortfall
from measureharmony.reports.remarks import Found, remarks
from measureharmony.reports.tables import shown_value

#: The columns of numbers, and how wide they usually are; so wide is the title then, and so wide at least.
_COLUMNS = {"Rate": 7, "Met": 11, "Excluded": 8, "Gaps": 4}
_TITLE, _LEAST_TITLE = 36, 16


def summary(results: Found, titles: Mapping[str, str]) -> RenderableType:
    """Rates and gaps of every program, the unified rate first. ``titles`` are what programs are called."""
    variants = {(v.program, v.measure.measure): v for v in results.variants}
    several = {v.measure.measure for v in results.variants if len(v.measure.rates) > 1}
    peopled = {CANONICAL, *results.programs_with_people}
    rows = [row for row in results.rates.to_dicts() if not row["stratum"] and row["program"] in peopled]
    widths = _widths(rows)
    tables: dict[str, Table] = {}
    for row in rows:
        program, measure, rate = str(row["program"]), str(row["measure"]), str(row["rate"])
        variant = variants[program, measure]
        table = tables.setdefault(program, _program_table(program, titles.get(program, program), variant, widths))
        grouped = len(variant.measure.rates) > 1
        if grouped and rate == variant.measure.rates[0].id:
            table.add_row(variant.measure.title)
        title = _rate_title(variant, rate, named=not grouped, told=measure in several)
        table.add_row(
            Padding(title.append(_mark(results, program, measure, rate)), (0, 0, 0, 2 * grouped)),
            *_figures(row),
        )
    empty = [titles.get(program, program) for program in dict.fromkeys(v.program for v in results.variants)
             if program not in peopled]  # fmt: skip
    return Group(*tables.values(), *map(Text, remarks(results, empty)), _legend(results), _finality(results))


def _figures(row: Mapping[str, object]) -> tuple[str, ...]:
    """What stands in the columns of numbers, in the order of :data:`_COLUMNS`."""
    gaps = str(_gaps(row)) if row["scoring"] == "proportion" else ""
    return (*shown_value(row), str(row["denominator_exclusion"]), gaps)


def _widths(rows: Sequence[Mapping[str, object]]) -> list[int]:
    """How wide the columns of numbers are, so that none is cut off, however many people there are."""
    figures = [_figures(row) for row in rows]
    return [max([least, *(len(cells[n]) for cells in figures)]) for n, least in enumerate(_COLUMNS.values())]


def _program_table(program: str, title: str, variant: Variant, widths: Sequence[int]) -> Table:
    name = "The practice, all payers together" if program == CANONICAL else title
    heading = Text(name, style="bold").append(f"  {_period(variant)}", style="dim not bold")
    table = Table(title=heading, title_justify="left", box=SIMPLE_HEAD, pad_edge=False, header_style="dim")
    table.add_column("Measure", width=max(_TITLE - sum(widths) + sum(_COLUMNS.values()), _LEAST_TITLE), overflow="fold")
    for column, width in zip(_COLUMNS, widths, strict=True):
        table.add_column(column, justify="right", no_wrap=True, width=width)
    return table


def _rate_title(variant: Variant, rate_id: str, *, named: bool, told: bool) -> Text:
    """The measure's title if it is to be ``named``; the rate's if it is to be ``told``, or where lower is better."""
    rate = next(rate for rate in variant.measure.rates if rate.id == rate_id)
    titles = [variant.measure.title] if named else []
    if told or variant.measure.direction_of(rate) == "lower":
        titles.append(rate.title)
    text = Text(": ".join(titles))
    if variant.measure.scoring != "proportion":
        text.append(f", {variant.measure.aggregate or 'observed / expected'}", style="dim")
    if variant.measure.direction_of(rate) == "lower":
        text.append(", lower is better", style="dim")
    return text


def _period(variant: Variant) -> str:
    start, end = variant.period.start, variant.period.end
    return str(start.year) if (start.month, start.day, end.month, end.day) == (1, 1, 12, 31) else f"{start} – {end}"


def _gaps(row: Mapping[str, object]) -> int:
    """How many gaps a rate has: those below the line but not above it; of an inverse rate, those above it."""
    below, above = int(str(row["below"])), int(str(row["above"]))
    return above if row["direction"] == "lower" else below - above


def _legend(results: Found) -> Text:
    people, (gaps, still_open) = results.practice.person_count, results.gap_counts
    text = Text(f"{people:,} {'person' if people == 1 else 'people'}, each ")
    text.append("counted once in the practice's rate and once per payer. ")
    text.append(f"{gaps:,} care gaps, {still_open:,} of them still open")
    text.append(f" on {results.as_of}." if results.as_of else " (give --as-of to see which).")
    return text


def _mark(results: Found, program: str, measure: str, rate: str) -> Text:
    """A star behind rates that say nothing, because a value set without any code decides them."""
    return Text(" *" if results.finality.shortfalls[program, measure, rate, ""].undecided else "", style="bold red")


def _finality(results: Found) -> Text:
    """How many rates are final, why the others are not, and what to do about it."""
    lacking = {key: found for key, found in results.finality.shortfalls.items() if not key[3]}
    final = sum(not results.finality.why_not(*key) for key in lacking)
    if final == len(lacking):
        return Text("The only rate is final." if final == 1 else "All rates are final.")
    text = Text(_counted(final, len(lacking)), style="bold")
    text.append(": " + "; ".join(_causes(results, list(lacking.values()))) + ".", style="not bold")
    if any(lacking.values()):
        more = " `measureharmony valuesets check` says which sets to load with --value-sets."
        text.append(more, style="not bold")
    for line in _undecided(results):
        text.append("\n* ", style="bold red").append(line, style="not bold")
    return text


def _counted(final: int, rates: int) -> str:
    if rates == 1:
        return "The only rate is not final"
    return f"{final or 'None'} of {rates} rates {'is' if final < 2 else 'are'} final"


def _undecided(results: Found) -> list[str]:
    """The measures with a rate that says nothing, and the value sets that it would take."""
    titles = {v.measure.measure: v.measure.title for v in results.variants}
    sets: dict[str, dict[str, None]] = {}
    for key, found in results.finality.shortfalls.items():
        if found.undecided:
            sets.setdefault(titles[key[1]], {}).update(dict.fromkeys(found.missing))
    return [f"{title} cannot be decided without codes for {', '.join(names)}." for title, names in sets.items()]


def _causes(results: Found, lacking: Sequence[Shortfall]) -> Iterator[str]:
    variants = results.variants
    if any(results.finality.is_open(v.program, v.measure.measure) for v in variants):
        yield f"periods are not over on {results.as_of}"
    if tables := sorted({name for names in results.finality.tables.values() for name in names}):
        yield f"no risk table {', '.join(tables)} (see --risk-tables)"
    for verb, names in (
        ("no codes at all", {name for found in lacking for name in found.missing}),
        ("not all of their codes", {name for found in lacking for name in found.incomplete}),
        ("only openly usable codes", {name for found in lacking for name in found.open_codes}),
    ):
        if names:
            yield f"{len(names)} value set{' has' if len(names) == 1 else 's have'} {verb}"


__all__ = ["summary"]
