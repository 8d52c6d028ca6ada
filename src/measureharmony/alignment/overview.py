"""Many alignments at a glance: measures down, programs across, a mark for who is counted below and above the line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from measureharmony.alignment.claims import Alignment, Claim
from measureharmony.alignment.versions import COUNTED

#: What is known of a claim (within, contains) as a mark.
_MARKS: Mapping[tuple[bool | None, bool | None], str] = {
    (True, True): "=", (True, False): "<", (False, True): ">", (False, False): "≠",
    (True, None): "≤", (None, True): "≥",
}  # fmt: skip
_UNDECIDED = "?"
_LEGEND = (
    "Two marks: who is counted in the denominator, and in the numerator. = the same people, < fewer (nobody but those "
    "counted there), > more, ≠ others, ≤ and ≥ the same or fewer (more), ? not decided. What is the same or fewer is "
    "proved; what is more or others, somebody shows."
)


def overview(alignments: Sequence[Alignment], titles: Mapping[str, str]) -> RenderableType:
    """A matrix of the alignments, which are all against one version each; ``titles`` are what programs are called."""
    programs = list(dict.fromkeys(one.variant.program for one in alignments))
    cells = {
        (one.variant.measure.measure, rate.id, one.variant.program): _cell(one, rate.id)
        for one in alignments
        for rate in one.variant.measure.rates
    }
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="dim")
    table.add_column("Measure and rate", overflow="fold")
    for place in range(1, len(programs) + 1):
        table.add_column(Text(f"[{place}]"), justify="center", no_wrap=True)
    rows = dict.fromkeys((measure, rate) for measure, rate, _ in cells)
    for measure, rate in rows:
        table.add_row(f"{measure}/{rate}", *(cells.get((measure, rate, program), "") for program in programs))
    told = [Text(f"[{place}] {titles.get(program, program)}") for place, program in enumerate(programs, 1)]
    head = Text.assemble("Compared with ", (_against(alignments), "bold"))
    return Group(head, Text(), table, *told, Text(), Text(_LEGEND, "dim"))


def _cell(alignment: Alignment, rate: str) -> str:
    """Empty for a rate that only one of the two versions has."""
    if rate in alignment.left_out:
        return ""
    return " ".join(_mark(alignment.claim(rate, place)) for place in COUNTED)


def _mark(claim: Claim) -> str:
    return _MARKS.get((claim.within, claim.contains), _UNDECIDED)


def _against(alignments: Sequence[Alignment]) -> str:
    names = dict.fromkeys(
        one.against.program + (f" of {one.against.measure.edition}" if _of_other_edition(one) else "")
        for one in alignments
    )
    return ", ".join(names)


def _of_other_edition(one: Alignment) -> bool:
    return one.against.measure.edition != one.variant.measure.edition


__all__ = ["overview"]
