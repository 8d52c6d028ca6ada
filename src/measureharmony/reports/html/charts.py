"""Charts as inline SVG, drawn by Vega-Altair and rendered by vl-convert, both without a network and without a browser.

What a chart tells by colour it also tells by shape or by place; the table beside it has all its figures.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from measureharmony.payers.variant import CANONICAL
from measureharmony.reports.content.content import Content
from measureharmony.reports.content.figures import Figure
from measureharmony.reports.content.trend import Course
from measureharmony.reports.extra import reports_package

#: Colours that people with any of the common colour blindnesses tell apart (Okabe and Ito), darkened for white paper.
BLUE, ORANGE, INK = "#1f5f8b", "#b8500c", "#24292f"
_COLOURS = (BLUE, ORANGE, "#00805c", "#8a4a82", "#5a6570", "#9a7400", "#2b2f36", "#4b7fa8")
_SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right", "triangle-left")
#: Lines in a chart.
MOST_BARS = 15
#: Rates of fewer people are not set beside others in a chart: they swing too widely.
FEWEST = 20
#: Characters of a label.
LONGEST_LABEL = 40
#: Rates in the chart of the course.
MOST_COURSES = 12

_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
_CONFIG: Mapping[str, Any] = {
    "background": "transparent",
    "font": _FONT,
    "padding": {"left": 30, "right": 24, "top": 4, "bottom": 4},  # a browser's font may be wider than vl-convert's
    "view": {"stroke": None},
    "axis": {
        "labelFontSize": 11, "labelColor": INK, "labelLimit": 260, "titleFontSize": 11, "titleFontWeight": "normal",
        "titleColor": "#57606a", "domain": False, "tickColor": "#d0d7de", "gridColor": "#e6e9ec",
    },
    "axisY": {"grid": False, "ticks": False, "labelPadding": 8},
    "headerRow": {"labelFontSize": 11},
    "facet": {"spacing": 30},
}  # fmt: skip


def spread_dots(content: Content) -> str:
    """The rates on which payers are furthest apart, a shape for each payer, as SVG; nothing with fewer than two."""
    shown = [(_apart(rates), rates) for rates in _shares(content) if len(rates) > 1]
    widest = sorted(shown, key=lambda one: (-one[0], one[1][0].title))[:MOST_BARS]
    if not widest:
        return ""
    alt = reports_package("altair")
    order = [one.key for one in content.programs if one.key != CANONICAL]
    used = [key for key in order if any(one.program == key for _, rates in widest for one in rates)]
    rows = [{"line": _line(one), "payer": one.program, "value": one.value} for _, rates in widest for one in rates]
    scale = {"domain": used}
    legend = alt.Legend(title=None, orient="top", columns=2, columnPadding=28, symbolSize=60, labelFontSize=11)
    base = alt.Chart(alt.InlineData(values=rows)).encode(y=_lines([rates[0] for _, rates in widest]))
    x = alt.X("value:Q", title=None, scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format=".0%", tickCount=5))
    lines = base.mark_rule(strokeWidth=1.5, color="#cfd6dd").encode(x=alt.X("min(value):Q"), x2="max(value):Q")
    marks = base.mark_point(size=46, filled=True, opacity=0.95).encode(
        x=x,
        shape=alt.Shape("payer:N", legend=legend, scale=alt.Scale(**scale, range=list(_SHAPES))),
        color=alt.Color("payer:N", legend=legend, scale=alt.Scale(**scale, range=list(_COLOURS))),
    )
    return _svg((lines + marks).properties(width=210, height={"step": 18}))


def _shares(content: Content) -> list[list[Figure]]:
    """Of each rate that is a share, the programs' figures with enough people to compare."""
    found: dict[tuple[str, str], list[Figure]] = {}
    for one in content.figures:
        enough = one.is_share and one.value is not None and (one.below or 0) >= FEWEST and not one.undecided
        if enough and one.program != CANONICAL:
            found.setdefault((one.measure, one.rate), []).append(one)
    return list(found.values())


def _apart(rates: Sequence[Figure]) -> float:
    values = [one.value for one in rates if one.value is not None]
    return max(values) - min(values)


def gap_bars(content: Content) -> str:
    """How many gaps each rate of the practice has, the most first, as SVG; nothing without gaps."""
    unified = [one for one in content.of_program(CANONICAL) if one.gaps]
    unified.sort(key=lambda one: (-(one.gaps or 0), one.title))
    if not unified:
        return ""
    alt = reports_package("altair")
    rows = [{"line": _line(one), "gaps": one.gaps} for one in unified[:MOST_BARS]]
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        y=_lines(unified[:MOST_BARS]), x=alt.X("gaps:Q", title=None, axis=None)
    )
    bars = base.mark_bar(color=BLUE, height=11)
    labels = base.mark_text(align="left", dx=4, fontSize=11, color=INK).encode(text=alt.Text("gaps:Q", format=","))
    return _svg((bars + labels).properties(width=200, height={"step": 18}))


def course_lines(courses: Sequence[Course]) -> str:
    """Rates over several runs, those that changed most first, each in a small frame of its own, as SVG."""
    if not courses:
        return ""
    alt = reports_package("altair")
    most = sorted(courses, key=lambda one: (-abs(one.change), one.figure.key))[:MOST_COURSES]
    rows = [
        {"line": _line(one.figure), "day": day.isoformat(), "value": value} for one in most for day, value in one.points
    ]
    base = alt.Chart().encode(
        x=alt.X("day:T", title=None, axis=alt.Axis(format="%d %b", tickCount=3, grid=False)),
        y=alt.Y(
            "value:Q", title=None, scale=alt.Scale(zero=False), axis=alt.Axis(format=".0%", tickCount=3, grid=True)
        ),
    )
    drawn = alt.layer(
        base.mark_line(color=BLUE, strokeWidth=1.6), base.mark_point(filled=True, color=BLUE, size=26, opacity=1),
        data=alt.InlineData(values=rows),
    ).properties(width=220, height=64)  # fmt: skip
    titles = _titles([one.figure for one in most])
    header = alt.Header(
        labelFontSize=11, labelAnchor="start", labelLimit=250, title=None, labelColor=INK, labelExpr=titles
    )
    return _svg(
        drawn.facet(facet=alt.Facet("line:N", header=header, sort=None), columns=3).resolve_scale(y="independent")
    )


def _line(figure: Figure) -> str:
    """What tells the lines of a chart apart; titles cut short may be alike."""
    return f"{figure.measure}/{figure.rate}"


def _lines(figures: Sequence[Figure]) -> Any:
    """The upright axis, with a title for each line, in this order."""
    alt = reports_package("altair")
    return alt.Y("line:N", title=None, sort=None, axis=alt.Axis(labelExpr=_titles(figures)))


def _titles(figures: Sequence[Figure]) -> str:
    """An expression that says what a line is called."""
    return f"({orjson.dumps({_line(one): _cut(one.title) for one in figures}).decode()})[datum.value]"


def _cut(title: str) -> str:
    """A title short enough to stand beside a chart: of a measure with several rates, the rate's own stays."""
    if len(title) <= LONGEST_LABEL:
        return title
    measure, colon, rate = title.partition(": ")
    room = max(LONGEST_LABEL - len(rate) - 3, 12) if colon else LONGEST_LABEL - 1
    return f"{measure[:room].rstrip()}…{colon}{rate}"


def _svg(chart: Any) -> str:
    """The chart as an SVG element without a size of its own, and with nothing that a screen reader would spell out."""
    vl_convert = reports_package("vl_convert")
    spec = chart.configure(**_CONFIG).to_dict()
    svg: str = vl_convert.vegalite_to_svg(spec)
    head, rest = svg.split(">", 1)
    box = re.search(r'viewBox="[^"]+"', head)
    width = re.search(r'width="([\d.]+)"', head)
    assert box is not None  # every SVG of vl-convert has both
    assert width is not None
    style = f'style="max-width:{float(width[1]):.0f}px"'
    opened = f'<svg xmlns="http://www.w3.org/2000/svg" {box[0]} {style} aria-hidden="true" focusable="false"'
    return f"{opened}>{_silent(rest)}"


def _silent(svg: str) -> str:
    """Without roles and labels of single marks: the figure that holds the chart has one text for all of it."""
    return re.sub(r' (?:role|aria-[a-z]+)="[^"]*"', "", svg)


__all__ = ["course_lines", "gap_bars", "spread_dots"]
