"""No hidden count can be computed from what a shareable report shows: every table is solved by trying everything."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from measureharmony.reports.small_cells import Counts, Hidden, hidden_rows

#: Small enough to try everything: counts of 1 and 2 are small cells.
LEAST = 3
Line = tuple[int, int]
lines = st.integers(0, 6).flatmap(lambda below: st.tuples(st.just(below), st.integers(0, below)))


@given(st.lists(lines, min_size=1, max_size=3))
def test_every_hidden_count_may_have_several_values(rows: list[Line]) -> None:
    total = (sum(below for below, _ in rows), sum(above for _, above in rows))
    everybody = Counts("total", (total,))
    hidden = hidden_rows([Counts(str(place), (row,)) for place, row in enumerate(rows)], everybody, LEAST)
    possible = list(solutions(rows, total, hidden))
    for place in range(len(rows)):
        seen = [solution[place] for solution in possible]
        if hidden[str(place)]:
            assert len({above for _, above in seen}) > 1
            assert len({below - above for below, above in seen}) > 1
        if hidden[str(place)] == "all":
            assert len({below for below, _ in seen}) > 1


@given(st.lists(lines, min_size=1, max_size=4), lines)
def test_no_small_count_is_shown(rows: list[Line], total: Line) -> None:
    counts = [Counts(str(place), (row,)) for place, row in enumerate(rows)]
    hidden = hidden_rows(counts, Counts("total", (total,)), LEAST)
    for (below, above), level in zip([*rows, total], hidden.values(), strict=True):
        shown = {"": (below, above, below - above), "split": (below,), "all": ()}[level]
        assert not any(0 < count < LEAST for count in shown)


def solutions(rows: list[Line], total: Line, hidden: dict[str, Hidden]) -> Iterator[tuple[Line, ...]]:
    """Every table that agrees with what is shown, by a reader who takes the total for the sum of the rows."""
    possible = [list(values(row, hidden[str(place)], total[0])) for place, row in enumerate(rows)]
    for solution in product(*possible):
        below, above = sum(line[0] for line in solution), sum(line[1] for line in solution)
        if hidden["total"] != "all" and below != total[0]:
            continue
        if hidden["total"] == "" and above != total[1]:
            continue
        yield solution


def values(row: Line, hidden: Hidden, most: int) -> Iterator[Line]:
    """What a row may be as far as the row itself tells."""
    match hidden:
        case "":
            yield row
        case "split":
            yield from ((row[0], above) for above in range(row[0] + 1))
        case "all":
            yield from ((below, above) for below in range(most + 1) for above in range(below + 1))
