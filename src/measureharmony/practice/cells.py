"""How one column of a source is read: SQL for its values, and the checks that a cell must pass.

All sources become a relation with the contract's column names and whatever types the source had. From the contract
column and the source's type this module writes SQL expressions, so text (CSV) is parsed and typed columns (Parquet,
Arrow) are only renamed or cast: a view over a Parquet file stays a view.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from measureharmony.practice import times
from measureharmony.practice.contract import Column, ColumnType

#: Types of a source column, as far as reading is concerned. ``absent``: no such column, or nothing but nulls.
Family = Literal["absent", "text", "integer", "number", "date", "timestamp", "flag", "other"]

_FAMILIES: dict[str, Family] = {
    '"NULL"': "absent",
    "NULL": "absent",
    "VARCHAR": "text",
    "UUID": "text",
    "DOUBLE": "number",
    "FLOAT": "number",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP_S": "timestamp",
    "TIMESTAMP_MS": "timestamp",
    "TIMESTAMP_NS": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamp",
    "TIMESTAMPTZ": "timestamp",
    "BOOLEAN": "flag",
}
_IDENTIFIER_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
_OTHER_INTEGERS = ("UBIGINT", "HUGEINT", "UHUGEINT")

#: Which families can mean a contract type.
ACCEPTED: dict[ColumnType, tuple[Family, ...]] = {
    "text": ("absent", "text", "integer"),
    "word": ("absent", "text"),
    "words": ("absent", "text"),
    "date": ("absent", "text", "date", "timestamp"),
    "time": ("absent", "text", "date", "timestamp"),
    "number": ("absent", "text", "integer", "number"),
    "integer": ("absent", "text", "integer", "number"),
    "flag": ("absent", "text", "flag"),
}

#: Columns that name a person, and an event: each group is read with one type, so that joins compare like with like.
PERSON_IDS = ("person_id",)
EVENT_IDS = ("event_id", "encounter_id", "parent_id", "based_on_id")

#: The plain types of accepted cells; all other columns are text.
_WRITTEN_TYPES: dict[ColumnType, str] = {"date": "DATE", "number": "DOUBLE", "integer": "BIGINT", "flag": "BOOLEAN"}

#: The length of a text that is a date and nothing besides.
_WHOLE_DATE = 10

_NOT_NEGATIVE = ("days_supply", "quantity", "refills")

_NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
#: At most 18 digits, so that every one fits into 64 bits.
_INTEGER = r"[+-]?\d{1,18}"

#: ``shape_of_text(t)`` describes a text without quoting it. ``identity(t)`` is the number that a text writes as numbers
#: are written; of any other text it is a hash. Text that begins with a letter, or is long, costs next to nothing.
MACROS = (
    "CREATE MACRO identity(t) AS CASE WHEN t < ':' AND length(t) <= 20 AND regexp_full_match(t, '0|-?[1-9][0-9]*') "
    "THEN coalesce(TRY_CAST(t AS BIGINT), CAST(hash(t) >> 1 AS BIGINT)) "
    "WHEN t IS NOT NULL THEN CAST(hash(t) >> 1 AS BIGINT) END",
    f"CREATE MACRO is_number_text(t) AS regexp_full_match(t, '{_NUMBER}') AND isfinite(TRY_CAST(t AS DOUBLE))",
    f"CREATE MACRO is_integer_text(t) AS regexp_full_match(t, '{_INTEGER}')",
    f"CREATE MACRO shape_of_text(t) AS CASE WHEN t IS NULL THEN 'empty' WHEN regexp_full_match(t, '{_NUMBER}') "
    "THEN 'number' WHEN length(t) = 1 THEN 'text of 1 character' "
    "ELSE concat('text of ', length(t), ' characters') END",
)


@dataclass(frozen=True)
class Check:
    """A rule of ``rejects.RULES`` that a row breaks where the SQL condition ``fails`` is true (NULL: not broken)."""

    column: str
    rule: str
    fails: str


@dataclass(frozen=True)
class Cell:
    """One column of a source, ready to be read.

    ``raw``: SQL of the cell as the source has it, empty text made NULL; readable as ``raw_<column>`` in ``outputs``
    and ``checks``. ``outputs``: SQL by name of the value read (moments give three: ``start_lo``, ``start_hi``,
    ``start_ms``). ``written``: SQL of the accepted cell in the plain type that ``Practice.table`` promises.
    ``said``: SQL of a value that is alike where cells say the same, whatever the source's type; but for what
    ``besides`` says, which is NULL for nearly all cells, and empty where no cell of the source can have anything
    besides. ``shape``: SQL that describes the cell. ``parsed``: text must be parsed, so reading again is dear.
    ``is_exact``: cells that say the same are accepted alike.
    """

    raw: str
    outputs: dict[str, str]
    checks: tuple[Check, ...]
    written: str
    said: str
    besides: str
    shape: str
    parsed: bool
    is_exact: bool


def quoted(name: str) -> str:
    """``name`` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def family(sql_type: str) -> Family:
    """The family of a DuckDB type name."""
    if sql_type in _IDENTIFIER_INTEGERS or sql_type in _OTHER_INTEGERS:
        return "integer"
    if sql_type.startswith("DECIMAL"):
        return "number"
    if sql_type.startswith("ENUM"):
        return "text"
    return _FAMILIES.get(sql_type, "other")


def is_identifier_integer(sql_type: str) -> bool:
    """Whether identifiers of this DuckDB type can be kept as 64-bit integers."""
    return sql_type in _IDENTIFIER_INTEGERS


def read_cell(
    column: Column, sql_type: str, text_as: str = "VARCHAR", *, filled: bool = False, positive: bool = False
) -> Cell:
    """How to read contract column ``column`` from a source column of DuckDB type ``sql_type``.

    ``text_as`` is the type in which text is kept (identifiers may be BIGINT). ``filled``: none of it is empty, so that
    it can be left as it is, which keeps what files repeat from being read word by word. ``positive``: none of its
    numbers is zero, of which there are two. The family of ``sql_type`` must be one of ``ACCEPTED[column.type]``; the
    reader has checked that before.
    """
    source = family(sql_type)
    name = quoted(column.name)
    raw = name
    if source == "text":
        raw = f"CAST({name} AS VARCHAR)" if filled else f"nullif(CAST({name} AS VARCHAR), '')"
    cell = f"raw_{column.name}"
    checks = [*_required(column, cell), *_well_formed(column, cell, source)]
    parsed = source == "text" and column.type not in ("text", "word", "words")
    # What is rounded to say it, or said to be nothing, may be like something else that is accepted.
    is_rounded = (column.type, source) in (("integer", "number"), ("date", "timestamp"))
    return Cell(
        raw="CAST(NULL AS VARCHAR)" if source == "absent" else raw,
        outputs=_outputs(column, cell, source, text_as),
        checks=tuple(checks),
        written=_written(column, cell, source),
        said=_said(column, cell, source, text_as),
        besides="" if positive else _besides(column, cell, source),
        shape=_shape(cell, source),
        parsed=parsed,
        is_exact=not (parsed or is_rounded),
    )


def _required(column: Column, cell: str) -> list[Check]:
    return [Check(column.name, "missing-value", f"{cell} IS NULL")] if column.required else []


def _well_formed(column: Column, cell: str, source: Family) -> list[Check]:
    """The checks of one cell beyond being there; typed cells need few, since their type has vouched for the rest."""
    if source == "absent":
        return []

    def check(rule: str, fails: str) -> Check:
        return Check(column.name, rule, fails)

    match column.type:
        case "word":
            words = ", ".join(f"'{word}'" for word in column.allowed)
            return [check("not-in-list", f"{cell} NOT IN ({words})")]
        case "date" | "time":
            return _time_checks(column, cell, source)
        case "number":
            ill = {"text": f"NOT is_number_text({cell})", "number": f"NOT isfinite(CAST({cell} AS DOUBLE))"}
            found = [check("not-a-number", ill[source])] if source in ill else []
        case "integer":
            ill = {
                "text": f"NOT is_integer_text({cell})",
                "number": f"TRY_CAST({cell} AS BIGINT) IS DISTINCT FROM {cell}",
            }
            found = [check("not-an-integer", ill[source])] if source in ill else []
        case "flag" if source == "text":
            return [check("not-a-flag", f"lower({cell}) NOT IN ('true', 'false')")]
        case _:
            return []
    if column.name in _NOT_NEGATIVE:
        found.append(check("negative-number", f"{_number(cell, 'DOUBLE')} < 0"))
    return found


def _time_checks(column: Column, cell: str, source: Family) -> list[Check]:
    if source == "date":
        return [Check(column.name, "impossible-date", f"{cell} IS NOT NULL AND NOT is_real_date({cell})")]
    if source == "timestamp":
        return [Check(column.name, "impossible-date", f"{cell} IS NOT NULL AND NOT is_real_instant({cell})")]
    rule, pattern = ("not-a-date", "is_date_text") if column.type == "date" else ("not-a-time", "is_time_text")
    return [
        Check(column.name, rule, f"NOT {pattern}({cell})"),
        Check(
            column.name,
            "impossible-date",
            f"{pattern}({cell}) AND {cell} <> '{times.UNKNOWN}' AND NOT is_real_date(first_date({cell}))",
        ),
    ]


def _outputs(column: Column, cell: str, source: Family, text_as: str) -> dict[str, str]:
    name = column.name
    match column.type:
        case "time":
            moment = times.moment(name, cell, source)
            return {f"{name}_lo": moment.lo, f"{name}_hi": moment.hi, f"{name}_ms": moment.ms}
        case "date":
            return {f"{name}_day": times.moment(name, cell, source).lo}
        case "number":
            return {name: _number(cell, "DOUBLE")}
        case "integer":
            return {name: _number(cell, "BIGINT")}
        case "flag":
            return {name: f"lower({cell}) = 'true'" if source == "text" else f"CAST({cell} AS BOOLEAN)"}
        case _:
            same = source == "text" and text_as == "VARCHAR"
            return {name: cell if same else f"CAST({cell} AS {text_as})"}


def _written(column: Column, cell: str, source: Family) -> str:
    if source == "timestamp":
        cell = f"epoch_ms(epoch_ms({cell}))"  # a TIMESTAMP without zone, whatever it was
    return f"CAST({cell} AS {_WRITTEN_TYPES.get(column.type, 'VARCHAR')})"


def _said(column: Column, cell: str, source: Family, text_as: str) -> str:
    if column.name in (*PERSON_IDS, *EVENT_IDS):
        return f"CAST({cell} AS BIGINT)" if text_as == "BIGINT" else f"identity(CAST({cell} AS VARCHAR))"
    if column.type != "time":
        return _written(column, cell, source)
    match source:
        case "text":
            return f"CASE WHEN length({cell}) = {_WHOLE_DATE} THEN TRY_CAST({cell} AS DATE) END"
        case "timestamp":
            return "CAST(NULL AS DATE)"
        case _:
            return f"CAST({cell} AS DATE)"


def _besides(column: Column, cell: str, source: Family) -> str:
    if column.type == "number" and source in ("text", "number"):
        number = _number(cell, "DOUBLE")
        return f"CASE WHEN {number} = 0 AND signbit({number}) THEN 1::UBIGINT END"  # equal to zero, not written alike
    if column.type == "time" and source in ("text", "timestamp"):
        # What says more or less than a whole date, is told by all that is read of it.
        condition = f"length({cell}) <> {_WHOLE_DATE}" if source == "text" else f"{cell} IS NOT NULL"
        return f"CASE WHEN {condition} THEN hash({', '.join(_outputs(column, cell, source, '').values())}) END"
    return ""


def _number(cell: str, sql_type: str) -> str:
    # TRY also for typed cells: an infinity must end as a reject, not as an error in the middle of the scan.
    return f"TRY_CAST({cell} AS {sql_type})"


def _shape(cell: str, source: Family) -> str:
    if source == "text":
        return f"shape_of_text({cell})"
    given = {"integer": "number", "timestamp": "date"}.get(source, source)
    return f"CASE WHEN {cell} IS NULL THEN 'empty' ELSE '{given}' END"
