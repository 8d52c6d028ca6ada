"""Rates of earlier runs beside those of this one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from measureharmony.reports.content.also import Also, rows_of
from measureharmony.reports.content.figures import Figure


@dataclass(frozen=True)
class Course:
    """The course of one rate over several runs: days and values, this run's last."""

    figure: Figure
    points: tuple[tuple[dt.date, float], ...]

    @property
    def change(self) -> float:
        """Percentage points between the first and the last run."""
        return 100 * (self.points[-1][1] - self.points[0][1])


def courses(figures: Sequence[Figure], also: Also, day: dt.date | None) -> tuple[Course, ...]:
    """The shares that were counted before, in the order of the figures; runs after ``day`` are left out."""
    earlier: dict[tuple[str, str, str], dict[dt.date, float]] = {}
    for row in rows_of(also.earlier_rates):
        when, value = row["as_of"], row["value"]
        if row.get("stratum") or not isinstance(value, float) or not isinstance(when, dt.date):
            continue
        if day is None or when < day:
            earlier.setdefault((str(row["program"]), str(row["measure"]), str(row["rate"])), {})[when] = value
    found = []
    for figure in figures:
        before = earlier.get((figure.program, figure.measure, figure.rate))
        if before and figure.is_share and figure.value is not None:
            now = day or max(figure.period[1], *before)
            found.append(Course(figure, (*sorted(before.items()), (now, figure.value))))
    return tuple(found)


__all__ = ["Course", "courses"]
