"""A validation in a terminal: what is wrong and open first, then measure by measure what differs and whom it moves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from measureharmony.comparison.axes import TITLES
from measureharmony.comparison.difference import AxisDifference
from measureharmony.measures.plain_words import how_many, listed, plain
from measureharmony.reports.divergence import MEMBERSHIP
from measureharmony.validation.checking import Validation
from measureharmony.validation.finding import Finding, Level, counted
from measureharmony.validation.impact import Impact

_STYLES: dict[Level, str] = {"error": "red", "warning": "yellow", "hint": "dim"}
#: Causes of which more are counted, not told: divergence has them all.
_MOST_CAUSES = 6
#: What lines that hang under another one begin with.
_HANGING = "· "
#: A sentence of a cause that is longer is cut.
_LONGEST = 110


def validation_shown(one: Validation, *, hints: bool = True) -> RenderableType:
    """Everything about one program, at any width."""
    title = one.program.title if one.program else one.folder
    parts: list[RenderableType] = [Text.assemble((title, "bold"), f"  {one.folder}"), Text()]
    parts += [_finding(found) for found in one.findings if hints or found.level != "hint"]
    parts += list(_compared(one))
    parts += [Text(text) for text in one.not_checked]
    return Group(*parts, Text(summary(one)))


def summary(one: Validation) -> str:
    """Such as: ``acme: 2 errors, 1 warning``."""
    numbers = counted(one.findings)
    told = [how_many(number, level) for level, number in numbers.items() if number or level != "hint"]
    return f"{one.name}: {', '.join(told)}"


def _finding(found: Finding) -> RenderableType:
    issue = found.issue
    place = f"{issue.file}:{issue.line}" if issue.line else issue.file
    lines = [Text(issue.what), *([Text(f"fix: {issue.fix}", "dim")] if issue.fix else [])]
    lines += [Text(f"see {other.file}:{other.line}: {other.why}", "dim") for other in found.related]
    head = Text.assemble(f"{place}: ", (found.level, _STYLES[found.level]), f" {issue.code}", no_wrap=True)
    head.overflow = "ignore"  # whoever looks for a place finds it in one line
    return Group(head, Padding(Group(*lines), (0, 0, 1, 4)))


# --- measure by measure ----------------------------------------------------------------------------------------------


def _compared(one: Validation) -> Iterator[RenderableType]:
    if one.comparison is None:
        return
    yield Text.assemble("Compared with ", (one.comparison.before, "bold"))
    if one.impact:
        yield from (Text(note) for note in one.impact.notes)
    if one.comparison.of_contract:
        yield _block("Every measure", "", [("differs", _differences(one.comparison.of_contract))])
    same = [key for key in one.comparison.measures if not one.comparison.of(key) and not _relations(one, key)]
    for key in one.comparison.measures:
        if key not in same:
            rows = [("differs", _differences(one.comparison.of(key))), ("aligns", _relations(one, key))]
            rows.append(("moves", list(_moves(one.impact, key)) if one.impact else []))
            yield _block(key, one.titles.get(key, ""), rows)
    yield from _closing(one, same)


def _closing(one: Validation, same: list[str]) -> Iterator[RenderableType]:
    yield Text()
    if same:
        yield Text(f"The same in both: {', '.join(same)}")
    assert one.comparison is not None
    asked = f"{one.comparison.before} {one.name}"
    yield Text(f"More: measureharmony compare {asked} -m MEASURE; measureharmony align, divergence.", "dim")
    yield Text()


def _block(key: str, title: str, rows: Iterable[tuple[str, list[str]]]) -> RenderableType:
    """What is said of a measure, by what it is about; lines that begin with a dash hang under the one before."""
    table = Table.grid(padding=(0, 1))
    table.add_column(style="dim", width=8)
    table.add_column(ratio=1, overflow="fold")
    for word, lines in rows:
        for number, line in enumerate(lines):
            shown = Padding(Text(line), (0, 0, 0, 2)) if line.startswith(_HANGING) else Text(line)
            table.add_row("" if number else word, shown)
    return Group(Text(), Text.assemble((key, "bold"), f"  {title}" if title else ""), table)


def _differences(found: Iterable[AxisDifference]) -> list[str]:
    return [f"{TITLES[one.axis]}: {one.sentence}{_of_rates(one)}" for one in found]


def _of_rates(one: AxisDifference) -> str:
    rates = listed(map(plain, one.rates), "and")
    return f" (rate {rates})" if one.rates and rates not in one.sentence else ""


def _relations(one: Validation, key: str) -> list[str]:
    """A line for each rate, of the populations that are not equal."""
    lines = []
    for alignment in (found for found in one.alignments if found.variant.measure.measure == key):
        for rate, claims in groupby(alignment.claims, key=lambda claim: claim.rate):
            told: dict[str, list[str]] = {}
            for claim in claims:
                if claim.sentence != "equal":
                    told.setdefault(claim.sentence, []).append(_place(claim.place))
            words = "; ".join(f"{listed(places, 'and')} {word}" for word, places in told.items())
            lines += [f"{rate}: {words}"] if told else []
    return lines


def _place(place: str) -> str:
    return {"denominator_counted": "who is counted", "numerator_counted": "who counts as met"}.get(place, plain(place))


# --- people ----------------------------------------------------------------------------------------------------------


def _moves(found: Impact, key: str) -> Iterator[str]:
    """A line for each rate, then one for each change that moves somebody by itself."""
    rows = [row for row in found.divergence.counts.to_dicts() if row["measure"] == key and row["cause"] != MEMBERSHIP]
    for rate, group in groupby(rows, key=lambda row: row["rate"]):
        whole, *causes = group
        if len(causes) == 1:
            yield f"{rate}: {_moved(whole)}: {_cut(causes[0])}"
            continue
        yield f"{rate}: {_moved(whole)}"
        moving = sorted((row for row in causes if row["moved"]), key=lambda row: -_number(row["moved"]))
        yield from (f"{_HANGING}{_moved(row)}: {_cut(row)}" for row in moving[:_MOST_CAUSES])
        if len(moving) > _MOST_CAUSES:
            yield f"{_HANGING}and {len(moving) - _MOST_CAUSES} more changes that move somebody"


def _moved(row: dict[str, Any]) -> str:
    """Such as: ``+14 −3 people in the denominator, −2.1 points``."""
    if not row["moved"]:
        return "nobody"
    come, gone = row["denominator_in"], row["denominator_out"]
    signed = [f"+{come}"] * bool(come) + [f"−{gone}"] * bool(gone)
    who = f"{' '.join(signed)} people in the denominator" if signed else f"{row['moved']} people elsewhere"
    if row["points"] is None:
        return f"{who}, nobody left to count" if row["rate_before"] is not None else who
    return f"{who}, {round(row['points'], 1) + 0:+.1f} points".replace("-", "−")


def _number(value: object) -> int:
    return int(str(value))


def _cut(row: dict[str, Any]) -> str:
    sentence = str(row["sentence"])
    return sentence if len(sentence) <= _LONGEST else f"{sentence[: _LONGEST - 1]}…"


__all__ = ["summary", "validation_shown"]
