"""Values as they stand in SQL."""

from __future__ import annotations

from collections.abc import Iterable

from measureharmony.practice.times import NO_END_DAY, NO_START_DAY


def text(value: str) -> str:
    """A text in quotes.

    >>> text("the practice's")
    "'the practice''s'"
    """
    return "'" + value.replace("'", "''") + "'"


def texts(values: Iterable[str]) -> str:
    """Several texts, for ``IN (…)``."""
    return ", ".join(map(text, values))


def date(day: str) -> str:
    """The SQL expression ``day``, in days since 1970, as a date; NULL where it has no beginning or end."""
    return f"CASE WHEN {day} > {NO_START_DAY} AND {day} < {NO_END_DAY} THEN DATE '1970-01-01' + {day} END"


__all__ = ["date", "text", "texts"]
