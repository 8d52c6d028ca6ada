"""Which rule of enrolment is stricter than which, and coverage that keeps some rules and breaks others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from measureharmony.evaluation.columns import NEVER_ENDS, SINCE_EVER, Bools, Spans, Words
from measureharmony.evaluation.enrolment import counted, enrolled
from measureharmony.evaluation.nodes import CoveredUntil, EnrolledOver, NodeId, Operand

#: What asks about coverage: a rule of enrolment, or until when coverage goes on.
Asking: TypeAlias = EnrolledOver | CoveredUntil
#: Questions about coverage, by node.
Covers: TypeAlias = Mapping[NodeId, Asking]
#: A payer that no program is of.
NOBODY = "another_payer"
#: Coverage with gaps begins so many days before a window that it is not about its first day.
_LEAD = 3 * 366
#: Coverage without gaps begins on 1 January 1900, before anybody made up is born.
_EARLY = -25567


def implied(one: EnrolledOver, other: EnrolledOver) -> bool:
    """Whoever is enrolled as ``one`` asks is enrolled as ``other`` asks: the same payer's spans show both."""
    return _is_whose(one, other) and _window_implied(one, other) and _anchor_implied(one, other)


def ends_no_later(one: CoveredUntil, other: CoveredUntil) -> bool:
    """Where coverage goes on from a day as ``one`` asks, it does as ``other`` asks, and for as long at least."""
    same = (one.at, one.latest_end) == (other.at, other.latest_end)
    return same and one.gap_days <= other.gap_days and _is_whose(one, other)


def _is_whose(one: Asking, other: Asking) -> bool:
    """Every span that counts for ``one`` counts for ``other``."""
    payer = other.payer in (None, one.payer)
    lines = not other.product_lines or (one.product_lines and set(one.product_lines) <= set(other.product_lines))
    return payer and bool(lines) and set(other.benefits) <= set(one.benefits)


def allowed_gaps(one: EnrolledOver) -> tuple[int, int]:
    """How many gaps are allowed, and how long each: nothing of one is nothing of both."""
    return (one.gaps, one.gap_days) if one.gaps > 0 and one.gap_days > 0 else (0, 0)


def _window_implied(one: EnrolledOver, other: EnrolledOver) -> bool:
    (gaps, days), (more_gaps, more_days) = allowed_gaps(one), allowed_gaps(other)
    fewer = gaps <= more_gaps and days <= more_days
    if (one.start, one.end, one.latest_end) == (other.start, other.end, other.latest_end):
        return fewer
    mine, theirs = fixed_window(one), fixed_window(other)
    if mine is None or theirs is None:
        return False
    inside = mine[0] <= theirs[0] and theirs[1] <= mine[1]
    # A gap could fill the whole of a short window, in which some day must be covered.
    return fewer and inside and days < theirs[1] - theirs[0] + 1


def _anchor_implied(one: EnrolledOver, other: EnrolledOver) -> bool:
    if other.anchor is None or other.anchor == one.anchor:
        return True
    window, day = fixed_window(one), _fixed(other.anchor)
    return window is not None and day is not None and allowed_gaps(one) == (0, 0) and window[0] <= day <= window[1]


def fixed_window(node: EnrolledOver) -> tuple[int, int] | None:
    """The window's first and last day, where they are the same for everybody."""
    first, last = [_fixed(operand) for operand in node.start], [_fixed(operand) for operand in node.end]
    starts, ends = [day for day in first if day is not None], [day for day in last if day is not None]
    if len(starts) < len(first) or len(ends) < len(last):
        return None
    end = min(ends) if node.latest_end is None else min(*ends, node.latest_end)
    return (max(starts), end) if max(starts) <= end else None


def _fixed(operand: Operand) -> int | None:
    if operand.source != "constant" or not SINCE_EVER < operand.day < NEVER_ENDS:
        return None
    return operand.day


# --- coverage to show ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CoverSpan:
    """A span of coverage; an ``end`` of ``None`` is open. ``benefits`` empty: all of them."""

    payer: str
    line: str
    start: int
    end: int | None
    benefits: str = ""


#: Somebody's coverage.
Coverage: TypeAlias = tuple[CoverSpan, ...]


def patterns(covers: Covers) -> list[Coverage]:
    """Coverage that may tell rules of enrolment apart, simple ones first: none, all the time, with gaps, and so on."""
    found: dict[Coverage, None] = {(): None}
    whole: dict[Coverage, None] = {}
    benefits = dict.fromkeys(" ".join(node.benefits) for node in covers.values())
    for node in covers.values():
        payer, lines = node.payer or NOBODY, node.product_lines or ("",)
        mine = [_always(payer, line) for line in lines]
        whole |= dict.fromkeys(mine)
        found |= dict.fromkeys([*mine, *(_always(NOBODY, line) for line in lines), _always(payer, "other")])
        found |= dict.fromkeys(_always(payer, lines[0], some) for some in ("none_of_these", *benefits) if some)
        window = fixed_window(node) if isinstance(node, EnrolledOver) else None
        if window is not None:
            for stretches in _with_gaps(window, _telling_gaps(covers.values())):
                found[tuple(CoverSpan(payer, lines[0], start, end) for start, end in stretches)] = None
    for one in whole:
        for other in whole:
            found[tuple(dict.fromkeys((*one, *other)))] = None
    return list(found)


def telling(covers: Covers, days: Iterable[int] = ()) -> list[Coverage]:
    """The simplest of the patterns for each way of keeping some rules and breaking others.

    Where it is asked until when coverage goes on: also one that ends on each of ``days``, beside another payer's.
    """
    coverage = patterns(covers)
    kept = [(set(one.keeping), set(one.breaking)) for one in answers(covers, coverage).values()]
    found: dict[object, Coverage] = {}
    for place, spans in enumerate(coverage):
        found.setdefault(tuple((place in keeping, place in breaking) for keeping, breaking in kept), spans)
    ending = {
        CoverSpan(node.payer, line, _EARLY, day): _always(NOBODY, line)
        for node in covers.values() if isinstance(node, CoveredUntil) and node.payer
        for line in node.product_lines or ("",) for day in days
    }  # fmt: skip
    return [*found.values(), *((span, *other) for span, other in ending.items())]


def _always(payer: str, line: str, benefits: str = "") -> Coverage:
    return (CoverSpan(payer, line, _EARLY, None, benefits),)


def _telling_gaps(nodes: Iterable[Asking]) -> list[int]:
    """Lengths of gaps at which some rule changes its mind."""
    lengths = {allowed_gaps(node)[1] for node in nodes if isinstance(node, EnrolledOver)}
    return sorted({days + more for days in lengths for more in (0, 1)} - {0})


def _with_gaps(window: tuple[int, int], gaps: Iterable[int]) -> Iterator[tuple[tuple[int, int | None], ...]]:
    """Coverage of a window but for a gap in its midst, at its start or its end, or two gaps."""
    first, last = window
    before, third = first - _LEAD, (last - first) // 3
    for days in gaps:
        yield ((before, first + third), (first + third + days + 1, None))
        yield ((first + days, None),)
        yield ((before, last - days),)
        second = first + 2 * third
        yield ((before, first + third), (first + third + days + 1, second), (second + days + 1, None))
    yield ((last, None),)


@dataclass(frozen=True)
class Kept:
    """Which patterns surely keep a rule, and which surely break it; of the others nobody knows before the person."""

    keeping: tuple[int, ...]
    breaking: tuple[int, ...]


def answers(covers: Covers, coverage: list[Coverage]) -> dict[NodeId, Kept]:
    """What the patterns are to each rule: as the kernel says; where the window is the person's own, whole or none."""
    spans = _spans(coverage)
    found: dict[NodeId, Kept] = {}
    for number, node in covers.items():
        wanted = _wanted(spans, node)
        fixed = _fixed_days(node)
        if fixed is None or not isinstance(node, EnrolledOver):
            whole = wanted & (spans.start == _EARLY)
            kept = np.isin(np.arange(len(coverage)), spans.person[whole])
            broken = ~np.isin(np.arange(len(coverage)), spans.person[wanted])
        else:
            first, last, *anchor = (np.full(len(coverage), day) for day in fixed)
            at = anchor[0] if anchor else None
            kept = enrolled(counted(spans, wanted), (first, last), at, (node.gaps, node.gap_days))
            broken = ~kept
        found[number] = Kept(tuple(map(int, np.flatnonzero(kept))), tuple(map(int, np.flatnonzero(broken))))
    return found


def _fixed_days(node: Asking) -> tuple[int, ...] | None:
    """First and last day of a rule's window, and its anchor if it has one, where they are the same for everybody."""
    window = fixed_window(node) if isinstance(node, EnrolledOver) else None
    if window is None or not isinstance(node, EnrolledOver) or node.anchor is None:
        return window
    anchor = _fixed(node.anchor)
    return None if anchor is None else (*window, anchor)


def _wanted(spans: Spans, node: Asking) -> Bools:
    """The spans that count for a rule."""
    wanted = np.ones(len(spans.person), dtype=bool)
    if node.payer:
        wanted &= spans.name.lookup({node.payer: True})[spans.name.codes]
    if node.product_lines:
        wanted &= spans.product_line.lookup(dict.fromkeys(node.product_lines, True))[spans.product_line.codes]
    needed = set(node.benefits)
    accepts: dict[str | None, bool] = {word: needed <= set(word.split()) for word in spans.benefits.words}
    wanted &= spans.benefits.lookup({**accepts, None: True})[spans.benefits.codes]
    return wanted


def _spans(coverage: list[Coverage]) -> Spans:
    """The patterns as columns: each is a person."""
    rows = [(person, span) for person, spans in enumerate(coverage) for span in spans]

    def words(values: list[str]) -> Words:
        different = tuple(sorted(set(values) - {""}))
        return Words(np.array([different.index(v) if v else -1 for v in values], dtype=np.int64), different)

    return Spans(
        person=np.array([person for person, _ in rows], dtype=np.int64),
        name=words([span.payer for _, span in rows]),
        product_line=words([span.line for _, span in rows]),
        benefits=words([span.benefits for _, span in rows]),
        start=np.array([span.start for _, span in rows], dtype=np.int64),
        end=np.array([NEVER_ENDS if span.end is None else span.end for _, span in rows], dtype=np.int64),
    )


__all__ = [
    "Asking",
    "CoverSpan",
    "Coverage",
    "Covers",
    "Kept",
    "answers",
    "ends_no_later",
    "fixed_window",
    "implied",
    "patterns",
    "telling",
]
