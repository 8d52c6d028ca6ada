"""Reading one spec file into its model, with every problem of its shape reported at once, each with its line.

A file that its model accepts strictly is right. Otherwise the same JSON Schema that editors use says what is wrong with
its shape, and the model what is wrong beyond it. Meaning (do the names exist, do the units fit) is checked by
``measureharmony.measures.rules``.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import orjson
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from measureharmony.errors import Issue
from measureharmony.measures.kept import kept
from measureharmony.measures.schema import JsonSchema, schema_of
from measureharmony.measures.shape import Problem, dotted, shape_problems
from measureharmony.measures.yaml_lines import Document, Place, Plain, read_yaml

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Reading(Generic[M]):
    """A file read as ``M``: the model (``None`` when it has issues), the plain document and the issues."""

    model: M | None
    document: Document
    issues: tuple[Issue, ...]


def read_model(path: str | Path, model: type[M], *, schema: JsonSchema | None = None) -> Reading[M]:
    """The file at ``path`` as a ``model``, checked against ``schema`` (left out: the model's own).

    Everything wrong with the file is in ``issues``; nothing is raised.
    """
    return read_document(read_yaml(path), model, schema=schema)


def read_document(document: Document, model: type[M], *, schema: JsonSchema | None = None) -> Reading[M]:
    """Like :func:`read_model`, for a file that has been read already."""
    if document.data is None:
        return Reading(None, document, document.issues)
    if not document.issues and schema is None:
        right = _strictly(document.data, model)
        if right is not None:
            return Reading(right, document, ())
    data = _dates_as_text(document.data)
    found = list(shape_problems(data, schema or schema_of(model)))
    built: M | None = None
    try:
        built = model.model_validate(data)
    except ValidationError as error:
        found += _model_problems(error, data, {place for place, *_ in found})
    misread = {issue.line for issue in document.issues if issue.code == "spec-yaml-word"}
    issues = [document.issue(*problem) for problem in found]
    issues = [issue for issue in issues if not (issue.code == "spec-wrong-type" and issue.line in misread)]
    every = tuple(sorted({*document.issues, *issues}))
    return Reading(None if every else built, document, every)


@kept(1024)
def _strictly(data: Plain, model: type[M]) -> M | None:
    """The model, where ``data`` is right as it stands; much quicker than finding out what is wrong."""
    try:
        return model.model_validate_json(orjson.dumps(data), strict=True)
    except ValidationError:
        return None


def _dates_as_text(data: Plain) -> Any:
    """``data`` as JSON has it."""
    if isinstance(data, dict):
        return {key: _dates_as_text(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_dates_as_text(value) for value in data]
    return data.isoformat() if isinstance(data, dt.date) else data


# --- the model's own checks -----------------------------------------------------------------------------------------


def _model_problems(error: ValidationError, data: object, known: set[Place]) -> list[Problem]:
    """What the models find beyond the shape. Where the shape is wrong already, they have nothing to add."""
    details = error.errors(include_url=False)
    own = [detail for detail in details if detail["type"] == "value_error"]
    if not own and not known:
        own = details  # the schema missed something: better a plain message than none
    problems = [_model_problem(detail, data) for detail in own]
    return [problem for problem in problems if not any(_inside(place, problem[0]) for place in known)]


def _inside(shape: Place, place: Place) -> bool:
    """Whether a shape problem at ``shape`` already speaks about the part at ``place``."""
    return shape[: len(place)] == place and len(shape) <= len(place) + 1


def _model_problem(detail: ErrorDetails, data: object) -> Problem:
    place = _place_of(detail["loc"], data)
    text = str(detail["msg"]).removeprefix("Value error, ")
    where = f"{dotted(place)}: " if place else ""
    if text.startswith("give exactly one of"):
        return place, "spec-one-key", f"{where}there must be exactly one of several keys", text
    if text.startswith(("give ", "say ")):  # the model only says what it wants
        return place, "spec-bad-value", f"{where}these keys do not go together, or one is lacking", text
    what, _, fix = text.partition("; ")
    return place, "spec-bad-value", f"{where}{what}", fix or "correct it here, or what it is compared with"


def _place_of(loc: tuple[int | str, ...], data: object) -> Place:
    """A pydantic location without the labels of unions and the index of a single item that stands for a list."""
    place: list[str | int] = []
    for step in loc:
        is_key = isinstance(data, dict) and step in data
        is_index = isinstance(data, list) and isinstance(step, int) and step < len(data)
        if is_key or is_index:
            data = data[step]  # type: ignore[index]
            place.append(step)
    return tuple(place)


__all__ = ["Reading", "read_document", "read_model"]
