"""JSON of unknown shape, narrowed without ever failing.

A FHIR file may hold anything where an object, a list or a text is expected. These functions give the expected
shape or its empty form, so that the converters need no special cases and weird input cannot raise.
"""

from __future__ import annotations

from typing import TypeAlias

#: A parsed JSON object whose members have not been looked at yet.
JsonObject: TypeAlias = dict[str, object]

_NO_OBJECT: JsonObject = {}


def as_object(value: object) -> JsonObject:
    """``value`` if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else _NO_OBJECT


def as_list(value: object) -> list[object]:
    """``value`` if it is a JSON array; a lone object becomes a list of one, as some servers write it."""
    if isinstance(value, list):
        return value
    return [value] if isinstance(value, dict) else []


def objects(value: object) -> list[JsonObject]:
    """The JSON objects among the members of an array (or the lone object)."""
    if value is None:  # as most are that are asked for
        return []
    return [member for member in as_list(value) if isinstance(member, dict)]


def texts(value: object) -> list[str]:
    """The strings among the members of an array (or the lone string)."""
    return [member for member in ([value] if isinstance(value, str) else as_list(value)) if isinstance(member, str)]


def as_text(value: object) -> str:
    """``value`` if it is a string, else the empty string."""
    return value if isinstance(value, str) else ""


def as_number(value: object) -> float | None:
    """``value`` if it is a JSON number (``true`` is not one), as a float."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    return None


def shape_of(value: object) -> str:
    """What ``value`` looks like, without quoting it: rejects never carry personal data."""
    if value is None:
        return "absent"
    if isinstance(value, str):
        return f"text of {len(value)} characters"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float)):
        return "number"
    return f"list of {len(value)}" if isinstance(value, list) else "object"
