"""What a JSON Schema finds wrong with the shape of a file, in words that help its author."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from measureharmony.measures.schema import JsonSchema
from measureharmony.measures.yaml_lines import Place

#: Where, code, what, fix.
Problem: TypeAlias = tuple[Place, str, str, str]


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like ``word``, if any is alike."""
    close = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return close[0] if close else None


def suggestion(word: str, known: Collection[str], none: str = "none are known here") -> str:
    """A fix for an unknown ``word``: the nearest known one, else all of them (up to twelve)."""
    close = nearest(word, known)
    if close is not None:
        return f"did you mean '{close}'?"
    shown = sorted(known)
    more = f" and {len(shown) - 12} more" if len(shown) > 12 else ""
    return f"known: {', '.join(shown[:12])}{more}" if shown else none


def shape_problems(data: object, schema: JsonSchema) -> Iterator[Problem]:
    """Everything about ``data`` (as JSON has it) that ``schema`` does not allow."""
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    for error in validator.iter_errors(data):
        for precise in _drill(error):
            yield from _problems(precise)


def _drill(error: ValidationError) -> Iterator[ValidationError]:
    """The errors of the one alternative that the author meant, going by what sort of thing is written."""
    if error.validator not in ("anyOf", "oneOf") or not error.context:
        yield error
        return
    branches: dict[object, list[ValidationError]] = {}
    for inner in error.context:
        branches.setdefault(inner.schema_path[0], []).append(inner)
    meant = [errors for errors in branches.values() if not any(_is_other_type(e) for e in errors)]
    if len(meant) != 1:
        yield error
        return
    for inner in meant[0]:
        yield from _drill(inner)


def _is_other_type(error: ValidationError) -> bool:
    return error.validator == "type" and not error.relative_path


def _problems(error: ValidationError) -> Iterator[Problem]:
    """One error of the validator as problems of ours."""
    place: Place = tuple(error.absolute_path)
    schema: Mapping[str, Any] = error.schema if isinstance(error.schema, Mapping) else {}
    instance: Any = error.instance
    match error.validator:
        case "additionalProperties":
            yield from _unknown_keys(place, instance, schema)
        case "required":
            yield from _missing_key(place, error.message, schema)
        case "type" | "anyOf" | "oneOf":
            yield _wrong_type(place, instance, schema)
        case "enum" | "const":
            allowed = [str(word) for word in schema.get("enum", [schema.get("const")])]
            what = f"{_at(place)} cannot be {_quoted(instance)}"
            yield place, "spec-bad-value", what, suggestion(str(instance), allowed)
        case "minProperties" | "maxProperties":
            if all(key in schema.get("properties", {}) for key in instance):  # else: an unknown key says it
                yield _one_key(place, instance, schema)
        case "minItems" | "maxItems":
            many = "1 item" if len(instance) == 1 else f"{len(instance)} items"
            there = f"has {many}" if instance else "is an empty list"
            bound = "at least" if error.validator == "minItems" else "at most"
            wanted = "one item" if error.validator_value == 1 else f"{error.validator_value} items"
            yield place, "spec-bad-value", f"{_at(place)} {there}", f"give {bound} {wanted}"
        case "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum":
            yield _out_of_bounds(place, error)
        case "pattern" | "format" | "minLength":
            yield _bad_text(place, instance, schema)
        case _:
            yield place, "spec-bad-value", f"{_at(place)} is not allowed: {error.validator} {error.validator_value}", ""


def _out_of_bounds(place: Place, error: ValidationError) -> Problem:
    bound = f"{error.validator_value:g}"
    told = {
        "minimum": f"below {bound}, the least there can be",
        "maximum": f"above {bound}, the most there can be",
        "exclusiveMinimum": f"not above {bound}",
        "exclusiveMaximum": f"not below {bound}",
    }
    what = f"{_at(place)} is {error.instance}, which is {told[str(error.validator)]}"
    return place, "spec-bad-value", what, "correct the number"


def _unknown_keys(place: Place, instance: Mapping[str, object], schema: Mapping[str, Any]) -> Iterator[Problem]:
    patterns = schema.get("patternProperties", {})
    known = schema.get("properties", {})
    for key in instance:
        if key in known or any(re.search(pattern, key) for pattern in patterns):
            continue
        if patterns:
            what = f"'{key}' cannot be a name"
            fix = "use lower-case letters, digits and underscores, beginning with a letter"
            yield (*place, key), "spec-bad-name", what, fix
        else:
            what = f"'{key}' is not a key of {_thing(place, schema)}"
            yield (*place, key), "spec-unknown-key", what, suggestion(key, known)


def _missing_key(place: Place, message: str, schema: Mapping[str, Any]) -> Iterator[Problem]:
    """The validator reports each missing key on its own; its message begins with the key it means."""
    for key in schema.get("required", ()):
        if message.startswith(f"'{key}' "):
            yield place, "spec-missing-key", f"{_thing(place, schema)} lacks the key '{key}'", f"add '{key}: …'"


def _wrong_type(place: Place, instance: object, schema: Mapping[str, Any]) -> Problem:
    if instance is None:
        return place, "spec-empty", f"{_at(place)} has no value", "give it one, or remove the key"
    wanted = list(dict.fromkeys(_wanted(schema)))
    what = f"{_at(place)} must be {' or '.join(wanted) or 'something else'}, not {_kind(instance)}"
    fix = "write it as " + (wanted[0] if wanted else "the schema says")
    if "text" in wanted and isinstance(instance, (int, float)):
        fix = f'put it in quotes: "{str(instance).lower() if isinstance(instance, bool) else instance}"'
    elif schema.get("type") == "object" and "properties" in schema:
        fix = f"give it keys, such as {', '.join(list(schema['properties'])[:3])}"
    return place, "spec-wrong-type", what, fix


_TYPES = {
    "string": "text", "number": "a number", "integer": "a whole number", "boolean": "true or false", "array": "a list",
    "object": "a mapping", "null": "null",
}  # fmt: skip


def _wanted(schema: Mapping[str, Any]) -> Iterator[str]:
    """In words, what a schema accepts."""
    for branch in schema.get("anyOf", ()):
        yield from _wanted(branch)
    title = schema["$ref"].rpartition("/")[2] if "$ref" in schema else schema.get("title")
    types = schema.get("type", ())
    if title:
        yield _words(str(title))
    else:
        yield from (_TYPES[name] for name in ([types] if isinstance(types, str) else types))


def _one_key(place: Place, instance: Mapping[str, object], schema: Mapping[str, Any]) -> Problem:
    known = schema.get("properties", {})
    given = list(instance)
    what = f"{_thing(place, schema)} has {'no key' if not given else 'the keys ' + ' and '.join(given)}"
    fix = f"give exactly one of: {', '.join(known)}"
    if len(given) > 1:
        fix += "; to combine several, use all or any"
    return place, "spec-one-key", what, fix


_EXAMPLES = {
    "Point": "'period.start - 15 months' or 'other.end + 3 days'",
    "ParameterName": "$name",
    "Code": "a value set's name or SYSTEM|code, such as LOINC|4548-4",
    "Moment": "2026, 2026-03, 2026-03-09 or 2026-03-09T14:30",
}


def _bad_text(place: Place, instance: object, schema: Mapping[str, Any]) -> Problem:
    title = str(schema.get("title", ""))
    if schema.get("format") == "date":
        example = "a date, such as 2026-03-09"
    elif title.endswith("Name") and title not in _EXAMPLES:
        example = "a name: lower-case letters, digits and underscores, with the shared file's name and a dot before it"
    else:
        example = _EXAMPLES.get(title, "lower-case letters, digits and underscores")
    wanted = f"is not {_words(title)}" if title else "is not written as it should be"
    return place, "spec-bad-value", f"{_at(place)}: {_quoted(instance)} {wanted}", f"write {example}"


def _thing(place: Place, schema: Mapping[str, Any]) -> str:
    """What a mapping is, and where: ``an event set (events.bp)``."""
    where = f" ({dotted(place)})" if place else ""
    title = str(schema.get("title", ""))
    return f"{_words(title)}{where}" if title else (dotted(place) or "this file")


#: Titles of schemas that do not read well as they are.
_TITLES = {
    "Shared": "a shared file",
    "Populations": "the list of populations",
    "PeopleFile": "a file of worked people",
    "PersonRow": "a row of the table person",
    "CoverageRow": "a row of the table coverage",
    "EventCase": "an event",
}


def _words(title: str) -> str:
    """``EventSet`` as ``an event set``."""
    if title in _TITLES:
        return _TITLES[title]
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", title).lower()
    return f"{'an' if words[:1] in 'aeio' else 'a'} {words}" if words else ""


def _at(place: Place) -> str:
    return dotted(place) or "this file"


def dotted(place: Place) -> str:
    """A place as people write it: ``populations.numerator.all[2].age``."""
    text = ""
    for step in place:
        text += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def _quoted(value: object) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return f"the number {value}"
    if isinstance(value, str):
        return f"the text '{value}'"
    return "a list" if isinstance(value, list) else "a mapping"


__all__ = ["Problem", "dotted", "nearest", "shape_problems", "suggestion"]
