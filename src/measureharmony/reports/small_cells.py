"""Small cells: which counts a shareable report hides, so that nobody can be recognised in them or computed from others.

The counts of one measure are a table: a row for each program, split into those who have what the measure wants and
those who do not, and a row for everybody (the unified rate). Then

1. a count of 1 to 10 (fewer than ``least``) is not shown; nor is its counterpart in the row, nor the rate, the interval
   and whatever else follows from the two; the row keeps the number of people, if that is not itself small;
2. several rates of one measure in one program are hidden together; if they do not count the same people, with the
   numbers of people too: the one rate's people may be those whom the other rate's numerator counts;
3. what is hidden in a column must not follow from what is shown of it, if the rows add up to the total: it is at least
   two counts; their sum (the total less what is shown) is not small; and each may have at least three different values,
   both if hidden counts can be anything and if all of them are small. While that is not so, the smallest row still
   shown is hidden as well, and at last the row for everybody.

Rows need not add up: people of no program are in the total only, and who has two payers is in two rows. Where that
makes ``least`` people or more of difference, the difference itself is a hidden count that is not small, and rule 3
holds of its own; where it makes fewer, the rows count as adding up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

#: Fewer people than this are a small cell (the rule of CMS for what may be published).
LEAST = 11
#: So many different values must remain possible for a hidden count.
LEAST_POSSIBLE = 3

#: What is hidden of a row: nothing; how its people divide; the number of people, too.
Hidden = Literal["", "split", "all"]


@dataclass(frozen=True)
class Counts:
    """What one program counts under one measure: for each rate, how many people, and how many of them are above."""

    program: str
    rates: tuple[tuple[int, int], ...]

    @property
    def same_people(self) -> bool:
        """Whether all rates count equally many people."""
        return len({below for below, _ in self.rates if below}) < 2

    @property
    def split(self) -> Hidden:
        """What it takes to hide how the people divide (rule 2)."""
        return "split" if self.same_people else "all"

    @property
    def people(self) -> int:
        """The most that any of the rates counts."""
        return max((below for below, _ in self.rates), default=0)


def hidden_rows(programs: Sequence[Counts], everybody: Counts | None, least: int = LEAST) -> Mapping[str, Hidden]:
    """What is hidden of each program's counts under one measure, and of the row for ``everybody`` if there is one."""
    rows = {row.program: row for row in programs}
    hidden = {key: _small(row, least) for key, row in rows.items()}
    if everybody is None:
        return hidden
    hidden[everybody.program] = _small(everybody, least)
    while column := next((one for one in _columns(rows, everybody, hidden) if one.is_weak(least)), None):
        _hide_more(rows, everybody, hidden, column)
    return hidden


@dataclass(frozen=True)
class _Column:
    """The hidden counts of one column: what is left for them of the total, and the most that each row allows.

    ``balance``: what is left of the total when all rows are taken from it.
    """

    level: Hidden
    total: int
    most: tuple[int, ...]
    balance: int

    def is_weak(self, least: int) -> bool:
        """Whether a hidden count, or all of them together, can be computed too closely (rule 3)."""
        if not self.most or abs(self.balance) >= least:
            return False
        if len(self.most) < 2 or self.total < least:
            return True
        anything = [(0, most) for most in self.most]
        small = [(1, min(most, least - 1)) for most in self.most]
        return self._pinned(anything) or self._pinned(small)

    def _pinned(self, ranges: Sequence[tuple[int, int]]) -> bool:
        """Whether some count, each known to lie in its range, is left with too few values by the sum."""
        low, high = sum(a for a, _ in ranges), sum(b for _, b in ranges)
        if not low <= self.total <= high:
            return False  # it cannot be so: nothing follows
        left = [(max(a, self.total - (high - b)), min(b, self.total - (low - a))) for a, b in ranges]
        return any(most - fewest + 1 < LEAST_POSSIBLE for fewest, most in left)


def _small(row: Counts, least: int) -> Hidden:
    """What is hidden of a row for its own counts' sake (rules 1 and 2)."""
    if any(0 < below < least for below, _ in row.rates):
        return "all"
    if any(0 < part < least for below, above in row.rates for part in (above, below - above)):
        return row.split
    return ""


def _columns(rows: Mapping[str, Counts], everybody: Counts, hidden: Mapping[str, Hidden]) -> Iterator[_Column]:
    """The columns of every rate whose total is shown: people, those above, and the rest."""
    of_all = hidden[everybody.program]
    for place, (people, above) in enumerate(everybody.rates):
        counts = {key: row.rates[place] for key, row in rows.items() if place < len(row.rates)}
        gone = [key for key in counts if hidden[key] == "all"]
        split = [key for key in counts if hidden[key]]
        if of_all != "all":
            total = people - sum(counts[key][0] for key in counts if key not in gone)
            balance = total - sum(counts[key][0] for key in gone)
            yield _Column("all", total, tuple(max(total, 0) for _ in gone), balance)
        if of_all == "":
            of_part = {key: (high, below - high) for key, (below, high) in counts.items()}
            for part, total in enumerate((above, people - above)):
                left = total - sum(of_part[key][part] for key in counts if key not in split)
                most = (max(left, 0) if key in gone else counts[key][0] for key in split)
                balance = left - sum(of_part[key][part] for key in split)
                yield _Column("split", left, tuple(most), balance)


def _hide_more(rows: Mapping[str, Counts], everybody: Counts, hidden: dict[str, Hidden], column: _Column) -> None:
    """Hide one row more in a weak column: the smallest that is shown there, else that of everybody."""
    shown = [row for key, row in rows.items() if row.people and hidden[key] not in ("all", column.level)]
    row = min(shown, key=lambda one: (one.people, one.program), default=everybody)
    hidden[row.program] = "all" if column.level == "all" else row.split


__all__ = ["LEAST", "Counts", "Hidden", "hidden_rows"]
