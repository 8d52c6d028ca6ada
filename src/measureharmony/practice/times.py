"""How a moment in a source becomes days and, where a time of day was written, an exact instant.

Days are counted from 1970-01-01 and are the date *as written* (no time-zone shift). A moment has a first and a last
possible day (``lo``, ``hi``): equal when a whole date is written, apart when only a year or a month is. Its instant
``ms`` (milliseconds since 1970 in UTC; no offset written means UTC) exists only when a time of day is written.

===================  ======================  ==========================
what the source has  lo                      hi
===================  ======================  ==========================
nothing (unknown)    ``NO_START_DAY``        ``NO_END_DAY``
since ever           ``NO_START_DAY``        ``NO_START_DAY``
known to go on       ``NO_END_DAY``          ``NO_END_DAY``
===================  ======================  ==========================
"""

from __future__ import annotations

from dataclasses import dataclass

from measureharmony.practice.contract import NO_END

#: Earlier than every real day.
NO_START_DAY = -10_000_000
#: Later than every real day.
NO_END_DAY = 10_000_000
#: The date that says "since ever" in ``start`` columns.
NO_START = "0001-01-01"

#: The word that says "nobody knows" where an empty cell would mean something else.
UNKNOWN = "unknown"

MS_PER_DAY = 86_400_000

_FIRST_MS = -62_135_596_800_000  # 0001-01-01T00:00
_LAST_MS = 253_402_300_799_999  # 9999-12-31T23:59:59.999

_DATE = r"\d{4}-\d{2}-\d{2}"
_CLOCK = r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)?"
_TIME = rf"{UNKNOWN}|\d{{4}}|\d{{4}}-\d{{2}}|{_DATE}([T ]{_CLOCK})?"

#: SQL macros that every connection of a practice has; see :mod:`measureharmony.practice.cells` for their use.
#: ``t`` is text of the right pattern, ``d`` a DATE, ``x`` a TIMESTAMP with or without zone, ``ms`` an instant.
MACROS = (
    f"CREATE MACRO is_date_text(t) AS regexp_full_match(t, '{_DATE}')",
    f"CREATE MACRO is_time_text(t) AS regexp_full_match(t, '{_TIME}')",
    "CREATE MACRO first_date(t) AS TRY_CAST(CASE length(t) WHEN 4 THEN t || '-01-01' WHEN 7 THEN t || '-01' "
    "ELSE left(t, 10) END AS DATE)",
    "CREATE MACRO last_date(t) AS CASE length(t) WHEN 4 THEN TRY_CAST(t || '-12-31' AS DATE) "
    "WHEN 7 THEN last_day(TRY_CAST(t || '-01' AS DATE)) ELSE TRY_CAST(left(t, 10) AS DATE) END",
    "CREATE MACRO day_of_date(d) AS CAST(d - DATE '1970-01-01' AS INTEGER)",
    f"CREATE MACRO day_of_ms(ms) AS TRY_CAST(floor(ms / {MS_PER_DAY}.0) AS INTEGER)",
    # The engine's own cast from text overlooks a written offset, so it is cut off and subtracted here.
    "CREATE MACRO has_offset(t) AS length(t) > 16 AND substr(t, -6, 1) IN ('+', '-')",
    "CREATE MACRO offset_ms(t) AS CASE WHEN has_offset(t) THEN (CASE substr(t, -6, 1) WHEN '-' THEN -1 ELSE 1 END) "
    "* (60 * TRY_CAST(substr(t, -5, 2) AS BIGINT) + TRY_CAST(right(t, 2) AS BIGINT)) * 60000 ELSE 0 END",
    "CREATE MACRO clock_text(t) AS rtrim(CASE WHEN has_offset(t) THEN left(t, length(t) - 6) ELSE t END, 'Z')",
    "CREATE MACRO ms_of_text(t) AS CASE WHEN length(t) > 10 "
    "THEN epoch_ms(TRY_CAST(clock_text(t) AS TIMESTAMP)) - offset_ms(t) END",
    "CREATE MACRO is_real_date(d) AS coalesce(d BETWEEN DATE '0001-01-01' AND DATE '9999-12-31', false)",
    f"CREATE MACRO is_real_instant(x) AS coalesce(epoch_ms(x) BETWEEN {_FIRST_MS} AND {_LAST_MS}, false)",
)


@dataclass(frozen=True)
class Moment:
    """SQL of a moment's first and last possible day and of its instant; each NULL when the cell is empty.

    The instant is NULL without a type where the source's type has no time of day: nothing is then handed over for it.
    """

    lo: str
    hi: str
    ms: str

    def with_sentinel(self, is_sentinel: str, day: int) -> Moment:
        """This moment, but ``day`` without an instant wherever the SQL condition ``is_sentinel`` holds."""
        return Moment(
            f"CASE WHEN {is_sentinel} THEN {day} ELSE {self.lo} END",
            f"CASE WHEN {is_sentinel} THEN {day} ELSE {self.hi} END",
            f"CASE WHEN NOT {is_sentinel} THEN {self.ms} END",
        )


def moment(column: str, raw: str, family: str) -> Moment:
    """The moment in the raw SQL expression ``raw`` of column ``column`` (``start`` and ``end`` know "no limit").

    ``family`` is one of ``text``, ``date``, ``timestamp``, ``absent``. Text must match ``is_time_text``; other text
    gives NULL or nonsense and is rejected by the checks beforehand.
    """
    if family == "absent":
        return Moment("CAST(NULL AS INTEGER)", "CAST(NULL AS INTEGER)", "NULL")
    if family == "text":
        read = Moment(f"day_of_date(first_date({raw}))", f"day_of_date(last_date({raw}))", f"ms_of_text({raw})")
    elif family == "date":
        read = Moment(f"day_of_date({raw})", f"day_of_date({raw})", "NULL")
    else:
        day = f"day_of_ms(epoch_ms({raw}))"
        read = Moment(day, day, f"epoch_ms({raw})")
    if column == "start":
        return read.with_sentinel(_is_day(raw, family, NO_START), NO_START_DAY)
    if column == "end":
        return read.with_sentinel(_is_day(raw, family, NO_END), NO_END_DAY)
    return read


def _is_day(raw: str, family: str, day: str) -> str:
    """SQL that is true where ``raw`` is given and names the date ``day``; never NULL."""
    if family == "text":
        return f"coalesce(left({raw}, 10) = '{day}', false)"
    if family == "date":
        return f"coalesce({raw} = DATE '{day}', false)"
    return f"coalesce(day_of_ms(epoch_ms({raw})) = day_of_date(DATE '{day}'), false)"
