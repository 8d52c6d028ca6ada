"""Which counts a shareable report hides."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from measureharmony.reports.small_cells import Counts, Hidden, hidden_rows

#: Below and above of one rate.
Line = tuple[int, int]


def hidden(*rows: Line, total: Line | None = None) -> Sequence[Hidden]:
    """What is hidden of each row, and of the total (by default the sum of the rows) behind them."""
    total = total or (sum(below for below, _ in rows), sum(above for _, above in rows))
    counts = [Counts(str(place), (row,)) for place, row in enumerate(rows)]
    return list(hidden_rows(counts, Counts("total", (total,))).values())


def test_counts_of_nobody_and_of_eleven_or_more_are_shown() -> None:
    assert hidden((40, 20), (30, 11), (50, 0), (0, 0)) == ["", "", "", "", ""]


@pytest.mark.parametrize("above", [1, 10, 30, 39])
def test_a_small_count_above_the_line_or_below_it_hides_both_and_a_second_row(above: int) -> None:
    assert hidden((40, above), (50, 25), (60, 30)) == ["split", "split", "", ""]


def test_few_people_are_hidden_and_with_them_the_next_smallest_row() -> None:
    assert hidden((4, 2), (60, 30), (50, 25)) == ["all", "", "all", ""]


def test_the_only_row_with_a_small_count_takes_the_total_with_it() -> None:
    assert hidden((40, 5), total=(40, 5)) == ["split", "split"]
    assert hidden((4, 2), (0, 0)) == ["all", "", "all"]


def test_two_hidden_counts_whose_sum_tells_both_are_not_enough() -> None:
    assert hidden((40, 10), (50, 10), (60, 30)) == ["split", "split", "split", ""]


def test_hidden_counts_that_together_are_few_need_a_further_row() -> None:
    assert hidden((40, 2), (50, 3), (60, 30)) == ["split", "split", "split", ""]


def test_rows_that_do_not_add_up_by_far_hide_each_other() -> None:
    assert hidden((40, 5), (50, 25), total=(300, 150)) == ["split", "", ""]
    assert hidden((40, 5), (50, 25), total=(95, 35)) == ["split", "split", ""]


def test_rates_of_one_measure_are_hidden_together() -> None:
    rows = [Counts("a", ((40, 5), (40, 20))), Counts("b", ((40, 20), (10, 5)))]
    assert hidden_rows(rows, None) == {"a": "split", "b": "all"}


def test_where_rates_count_different_people_their_numbers_are_hidden_too() -> None:
    assert hidden_rows([Counts("a", ((40, 35), (35, 20)))], None) == {"a": "all"}
