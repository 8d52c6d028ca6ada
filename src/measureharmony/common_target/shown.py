"""Common targets for the terminal, and as data for machines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, TypeAlias

import orjson
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from measureharmony.common_target.dated import said
from measureharmony.common_target.targets import CommonTarget, GoalTarget
from measureharmony.common_target.wanted import asks_for_own_coverage
from measureharmony.common_target.written import spec_text
from measureharmony.measures.plain_words import listed, plain
from measureharmony.reports.tables import ResultTable

Evidence: TypeAlias = Literal["claims", "supplemental"]
_EVIDENCE: dict[Evidence, str] = {"claims": "claims", "supplemental": "supplemental data"}


def shown(targets: Sequence[CommonTarget]) -> RenderableType:
    """The targets, measure by measure."""
    parts: list[RenderableType] = []
    for target in targets:
        parts += [Text()] if parts else []
        parts.append(Text.assemble((target.measure, "bold"), f"  {target.canonical.measure.title}"))
        parts += [_goal(target, goal) for goal in target.goals]
    return Group(*parts)


def _goal(target: CommonTarget, goal: GoalTarget) -> Table:
    lines = Table.grid(padding=(0, 2))
    lines.add_column(style="dim", width=18)
    lines.add_column(ratio=1, overflow="fold")
    lines.add_row(Text(f"  {plain(goal.goal.id)}"), Text(goal.sentence or "No common target.", style="bold"))
    for name, text in _details(target, goal):
        lines.add_row(Text(f"    {name}"), Text(text))
    return lines


def _details(target: CommonTarget, goal: GoalTarget) -> Iterator[tuple[str, str]]:
    programs = goal.goal.programs
    yield "for", listed(programs, "and")
    yield from (("contradiction", text) for text in goal.contradictions)
    if goal.contradictions:
        return
    if goal.things:
        yield "that is", "; ".join(f"{thing}: {codes}" for thing, codes in goal.things.items())
    if len(programs) > 1:
        yield "by", _ends(target, programs)
    sent = _sent(target, programs)
    if sent:
        yield "sent", sent
    if goal.sources:
        yield "evidence from", listed(plain(source) for source in goal.sources)
    yield from (("proof", text) for text in _proof(goal))


def _ends(target: CommonTarget, programs: Sequence[str]) -> str:
    """The last days of the programs' periods, the earliest first."""
    ends: dict[dt.date, list[str]] = {}
    for one in sorted(target.deadlines, key=lambda deadline: deadline.period.end):
        if one.program in programs:
            ends.setdefault(one.period.end, []).append(one.program)
    if len(ends) == 1:
        return said(next(iter(ends)))
    earliest, *later = ends
    return "; ".join(
        [f"{said(earliest)} ({listed(ends[earliest], 'and')})", *(f"{said(day)} (others)" for day in later)]
    )


def _sent(target: CommonTarget, programs: Sequence[str]) -> str:
    """Until when evidence must have reached the first program that closes its books for it."""
    texts = []
    for evidence, word in _EVIDENCE.items():
        day, program = earliest_cut_off(target, programs, evidence)
        if day is not None:
            texts.append(f"{word} by {said(day)} ({program})")
    return ", ".join(texts)


def earliest_cut_off(target: CommonTarget, programs: Sequence[str], evidence: Evidence) -> tuple[dt.date | None, str]:
    """The first day on which a program stops to take evidence of some sort, and which one; ``None`` without any."""
    found = []
    for one in target.deadlines:
        day: dt.date | None = getattr(one.cut_offs, evidence, None)
        if one.program in programs and day is not None:
            found.append((day, one.program))
    return min(found, default=(None, ""))


def _proof(goal: GoalTarget) -> Iterator[str]:
    if len(goal.goal.asked) == 1:
        return
    if goal.unproved:
        why = ": it depends on each payer's own coverage" if any(map(asks_for_own_coverage, goal.goal.asked)) else ""
        yield f"not decided whether whoever meets it meets the rate of {listed(goal.unproved, 'and')}, too{why}"
        return
    back = "; whoever meets every one meets it" if goal.proofs.exact else ""
    there = "; somebody made up does" if goal.example is not None else ""
    yield f"whoever meets it meets the rate of every program that counts them{back}{there}"
    for one, other in goal.proofs.open:
        pair = (goal.goal.asked[one].program, goal.goal.asked[other].program)
        yield f"not decided whether somebody can meet both {listed(pair, 'and')}"


def summary(table: ResultTable) -> RenderableType:
    """How many people the targets count, and how many meet them: of all, and of those whom a program counts."""
    shown_as = Table(box=None, padding=(0, 2))
    for name in ("measure", "goal", "people", "meet it", "of a program's own", "satisfy all theirs"):
        shown_as.add_column(name, justify="left" if name in ("measure", "goal") else "right")
    frame = table.to_pandas()
    for (measure, goal), rows in frame.groupby(["measure", "goal"], sort=True):
        own = rows[rows["programs"] != ""]
        numbers = (len(rows), (rows["met"] == True).sum(), len(own), (own["missing_for"] == "").sum())  # noqa: E712
        shown_as.add_row(str(measure), plain(str(goal)), *(f"{number:,}" for number in numbers))
    return shown_as


# --- as data ----------------------------------------------------------------------------------------------------------


def as_json(targets: Iterable[CommonTarget]) -> str:
    """Everything about the targets, the specs as text."""
    return orjson.dumps([_data(target) for target in targets], option=orjson.OPT_INDENT_2).decode()


def _data(target: CommonTarget) -> dict[str, object]:
    return {
        "measure": target.measure,
        "title": target.canonical.measure.title,
        "programs": [
            {
                "program": one.program, "period_start": one.period.start, "period_end": one.period.end,
                **{f"{name}_by": getattr(one.cut_offs, name, None) for name in _EVIDENCE},
            }
            for one in target.deadlines
        ],
        "goals": [_goal_data(goal) for goal in target.goals],
        "spec": None if target.variant is None else spec_text(target),
    }  # fmt: skip


def _goal_data(goal: GoalTarget) -> dict[str, object]:
    return {
        "goal": goal.goal.id,
        "standing": goal.standing,
        "sentence": goal.sentence or None,
        "things": dict(goal.things),
        "contradictions": list(goal.contradictions),
        "sources": list(goal.sources),
        "rates": [
            {"program": asked.program, "rate": asked.rate.id, "inverse": asked.is_inverse, "proved": within}
            for asked, within in zip(goal.goal.asked, goal.proofs.within, strict=True)
        ],
        "exact": goal.proofs.exact,
        "example": goal.example is not None,
    }


__all__ = ["as_json", "earliest_cut_off", "shown", "summary"]
