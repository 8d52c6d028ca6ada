"""The report as one HTML page: no network, no file beside it, no framework.

Templates escape everything that is put into them; the page's own policy lets nothing run but its own script and lets
nothing be loaded.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from measureharmony.measures.measure import POPULATIONS
from measureharmony.measures.plain_words import plain
from measureharmony.payers.variant import CANONICAL
from measureharmony.reports.content.content import Content, MeasureTitle, Program
from measureharmony.reports.content.figures import Figure
from measureharmony.reports.content.gap_lists import CLOSED_HERE, of_program
from measureharmony.reports.extra import reports_package
from measureharmony.reports.file_names import FileNames
from measureharmony.reports.html import words
from measureharmony.reports.html.charts import course_lines, gap_bars, spread_dots
from measureharmony.reports.html.gap_section import gap_section


@dataclass(frozen=True)
class MatrixRow:
    """One rate of the overview: a figure for each program, ``None`` where it does not measure that."""

    figures: tuple[Figure | None, ...]
    lower: bool


def page(content: Content, title: str = "Quality report", beside: str = "") -> str:
    """The whole page. ``beside`` says where the full lists of gaps are.

    :class:`UsageError` where the packages that reports need are not installed.
    """
    jinja2, markupsafe = reports_package("jinja2"), reports_package("markupsafe")
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("measureharmony.reports.html"), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    script, own = _own_file("report.js"), markupsafe.Markup
    gaps = gap_section(content.gaps, beside) if content.gaps is not None else None
    told: str = environment.get_template("page.html.jinja").render(
        **_context(content),
        **_functions(content),
        title=title,
        css=own(_own_file("report.css")),
        script=own(script),
        policy=_policy(script),
        charts={name: own(svg) for name, svg in _charts(content).items()},
        gaps=gaps and {**vars(gaps), "json": own(gaps.json)},
    )
    return told


def _own_file(name: str) -> str:
    return files("measureharmony.reports.html").joinpath(name).read_text("utf-8")


def _policy(script: str) -> str:
    """Nothing is loaded, and no script runs but the page's own, by its hash."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; img-src data:"


def _charts(content: Content) -> Mapping[str, str]:
    unified = [one for one in content.courses if one.figure.program == CANONICAL]
    return {"gaps": gap_bars(content), "spread": spread_dots(content), "courses": course_lines(unified)}


def _context(content: Content) -> dict[str, Any]:
    """What the templates show."""
    dataset = content.manifest["dataset"]
    assert isinstance(dataset, dict)  # so the manifest is made
    value_sets = content.manifest["value_sets"]
    assert isinstance(value_sets, list)
    return {
        "content": content,
        "subtitle": _subtitle(content),
        "facts": _facts(content),
        "notes": _notes(content),
        "matrix": _matrix(content),
        "programs": _programs(content),
        "measures": _measures(content),
        "intervals": any(one.low is not None for one in content.figures),
        "targets": any(one.target for one in content.figures),
        "some_final": any(one.final for one in content.figures) and not all(one.final for one in content.figures),
        "chances": any(one.meets is not None and one.target for one in content.figures),
        "populations": POPULATIONS,
        "accounts": dataset.get("accounts", []),
        "value_set_words": words.value_sets_in_words(value_sets),
    }


def _functions(content: Content) -> dict[str, Callable[..., object]]:
    """What the templates ask for piece by piece."""
    names = FileNames()
    titles = {(one.measure, one.rate): one.title for one in reversed(content.figures)}
    return {
        "id_of": names.stem,
        "number": words.number,
        "percent": words.percent,
        "bound": words.bound,
        "chance": words.chance,
        "points": words.points,
        "sortable": words.sortable,
        "money": words.money,
        "x": words.place,
        "span": words.span,
        "period_of": words.period_of,
        "excluded": words.excluded,
        "moving": words.moving,
        "moved_words": words.moved_words,
        "pooled_of": lambda lines: list(dict.fromkeys(one.pooled for _, one in lines if one.pooled)),
        "plain": plain,
        "title_of": lambda measure, rate: titles[measure, rate],
        "parts_of": _parts_of,
        "gaps_of": lambda program: of_program(content.gaps, program).num_rows,
        "payments_of": lambda program: [row for row in content.payments if row["program"] == program],
    }


def _parts_of(row: Mapping[str, str], columns: tuple[str, ...]) -> tuple[str, str]:
    """What a cell of several columns shows first, and what behind it."""
    parts = [row[name] for name in columns if row[name]] or [""]
    return parts[0], " ".join(parts[1:])


def _subtitle(content: Content) -> str:
    day = f"with what was known on {content.as_of}" if content.as_of else "with everything in the data"
    periods = dict.fromkeys(words.span(one.period) for one in content.figures if one.program == CANONICAL)
    origin = f"Practice data from {content.origin}, " if content.origin else ""
    return f"{origin}{day}, measurement period {', '.join(periods)}"


def _facts(content: Content) -> list[tuple[str, str]]:
    people = f"{content.people:,}" if content.people is not None else "fewer than 11"
    programs, measures = len(content.programs) - 1, len(content.measures)
    facts = [("people", people), ("payers’ programs", f"{programs}"), ("measures", f"{measures}")]
    if content.gaps is not None:
        counted = Counter(content.gaps["status"].to_pylist())
        facts.append(("care gaps", f"{counted['open'] + counted['missed']:,}"))
        facts.append(("of them open", f"{counted['open']:,}"))
        if counted[CLOSED_HERE]:
            facts.append(("closed here, not for a payer", f"{counted[CLOSED_HERE]:,}"))
    reached = [one.target.met for one in content.figures if one.target and one.target.met is not None]
    return [*facts, ("targets met", f"{sum(reached)} of {len(reached)}")] if reached else facts


def _notes(content: Content) -> list[str]:
    """What makes a reader wonder: remarks, rates that are not final, rates that say nothing."""
    final = sum(one.final for one in content.figures)
    notes = list(content.remarks)
    if final < len(content.figures):
        counted = f"{final or 'None'} of {len(content.figures)} rates {'is' if final < 2 else 'are'} final"
        notes.append(f"{counted}: “How it was computed” says why, rate by rate.")
    if any(one.undecided for one in content.figures):
        notes.append("* A rate with a star says nothing yet: a value set that decides it has no codes.")
    return notes


def _matrix(content: Content) -> list[tuple[str, MatrixRow]]:
    known = {one.key: one for one in content.figures}
    rows: list[tuple[str, MatrixRow]] = []
    for measure, rate in dict.fromkeys((one.measure, one.rate) for one in content.figures):
        found = tuple(known.get(f"{program.key}/{measure}/{rate}") for program in content.programs)
        there = [one for one in found if one is not None]
        rows.append((there[0].title, MatrixRow(found, there[0].direction == "lower")))
    return rows


def _programs(content: Content) -> list[tuple[Program, list[tuple[str, Figure]]]]:
    return [(one, [(f.title, f) for f in content.of_program(one.key)]) for one in content.programs]


def _measures(content: Content) -> list[tuple[MeasureTitle, list[tuple[str, Figure]]]]:
    """Each measure with its rates of every program, rate by rate."""
    order = {program.key: place for place, program in enumerate(content.programs)}
    short = {program.key: program.short for program in content.programs}
    found = []
    for measure in content.measures:
        figures = content.of_measure(measure.key)
        rates = list(dict.fromkeys(one.rate for one in figures))
        figures = tuple(sorted(figures, key=lambda one: (rates.index(one.rate), order[one.program])))
        several = len(rates) > 1
        lines = [
            (
                f"{short[one.program]}: {one.title.removeprefix(measure.title + ': ')}"
                if several
                else short[one.program],
                one,
            )
            for one in figures
        ]
        found.append((measure, lines))
    return found


__all__ = ["page"]
