"""JSON Schemas of the spec files, made from the models, so that editors and the reader check the same shape.

``python -m measureharmony.measures.schema`` rewrites the committed ones in ``measure_specs/schema/``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core import core_schema

from measureharmony.measures.criterion import Criterion
from measureharmony.measures.measure import Measure, Shared
from measureharmony.measures.names import CodeRef, Name
from measureharmony.measures.people import PeopleFile
from measureharmony.measures.window import listed
from measureharmony.spec_files import spec_folder

JsonSchema: TypeAlias = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
#: The files that belong to this layer: ``<name>.schema.json`` and what a file of that sort holds.
MODELS: Mapping[str, type[BaseModel]] = {"measure": Measure, "shared": Shared, "people": PeopleFile}
#: Models of which exactly one key is given, whichever it is.
ONE_KEY: tuple[type[BaseModel], ...] = (Criterion,)


@cache
def schema_of(model: type[BaseModel]) -> JsonSchema:
    """The JSON Schema (draft 2020-12) of files that hold ``model``. Do not change the result: it is kept."""
    schema = model.model_json_schema(by_alias=True, schema_generator=_FileSchema)
    return {"$schema": DIALECT, **schema}


def schema_text(model: type[BaseModel]) -> str:
    """The schema of ``model`` as it is committed."""
    return json.dumps(schema_of(model), indent=2, ensure_ascii=False) + "\n"


def write_schemas(folder: Path, models: Mapping[str, type[BaseModel]] = MODELS) -> list[Path]:
    """Write ``<name>.schema.json`` for each of ``models`` into ``folder``; the files written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, model in models.items():
        path = folder / f"{name}.schema.json"
        path.write_text(schema_text(model), "utf-8")
        written.append(path)
    return written


class _FileSchema(GenerateJsonSchema):
    """Pydantic's schemas as people write files: one item for a list of one, no ``null`` for "left out", few words."""

    def generate(self, schema: core_schema.CoreSchema, mode: JsonSchemaMode = "validation") -> JsonSchemaValue:
        result = super().generate(schema, mode)
        for name, part in result.get("$defs", {}).items():
            part.setdefault("title", name)
        words: dict[str, JsonSchemaValue] = {}
        result = {key: _said_once(part, words, top=key == "$defs") for key, part in result.items()}
        result["$defs"] = dict(sorted((result.get("$defs", {}) | words).items()))
        return result

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False  # the key says it

    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> JsonSchemaValue:
        inner = self.generate_inner(schema["schema"])
        if schema["function"]["function"] is not listed:
            return inner
        return _either(inner["items"], inner)

    def function_after_schema(self, schema: core_schema.AfterValidatorFunctionSchema) -> JsonSchemaValue:
        function: object = schema["function"]["function"]
        if isinstance(function, type) and issubclass(function, (Name, CodeRef)):
            title = function.__name__.removesuffix("Ref")
            return {"title": title, "description": _text(function), "type": "string", "pattern": function.pattern}
        return super().function_after_schema(schema)

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        inner = schema["schema"]
        if "default" in schema and schema["default"] is None and inner["type"] == "nullable":
            return self.generate_inner(inner["schema"])
        result = super().default_schema(schema)
        if result.get("default") in ([], {}, "", None) or isinstance(result.get("default"), dict):
            result.pop("default", None)
        return result

    def union_schema(self, schema: core_schema.UnionSchema) -> JsonSchemaValue:
        return _merged(super().union_schema(schema))

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        result = super().dict_schema(schema)
        if "patternProperties" in result:
            result["additionalProperties"] = False
        return result

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        result = super().model_schema(schema)
        model = schema["cls"]
        if result.get("type") == "object":
            result = {"title": result.pop("title", model.__name__), "description": _text(model), **result}
        if model in ONE_KEY:
            result |= {"minProperties": 1, "maxProperties": 1}
        return result


def _text(model: type) -> str:
    """The docstring as an editor shows it: paragraphs without line breaks, plain backticks."""
    paragraphs = (model.__doc__ or "").replace("``", "`").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _said_once(part: Any, words: dict[str, JsonSchemaValue], *, top: bool = False) -> Any:
    """``part`` with every titled text pattern replaced by a reference and put into ``words``; not those of ``top``."""
    if isinstance(part, list):
        return [_said_once(item, words) for item in part]
    if not isinstance(part, dict):
        return part
    if "pattern" in part and isinstance(part.get("title"), str):
        words[part["title"]] = part
        return {"$ref": f"#/$defs/{part['title']}"}
    if top:
        return {key: value if "pattern" in value else _said_once(value, words) for key, value in part.items()}
    return {key: _said_once(value, words) for key, value in part.items()}


def _either(item: JsonSchemaValue, many: JsonSchemaValue) -> JsonSchemaValue:
    """A single ``item``, or the list ``many`` of them."""
    return {"anyOf": [*item.get("anyOf", [item]), many]}


def _merged(schema: JsonSchemaValue) -> JsonSchemaValue:
    """``integer or number`` is ``number``."""
    branches = schema.get("anyOf", [])
    if {"type": "integer"} in branches and {"type": "number"} in branches:
        branches = [branch for branch in branches if branch != {"type": "integer"}]
        return branches[0] if len(branches) == 1 else {"anyOf": branches}
    return schema


def main() -> None:
    """Rewrite the committed schemas of measures, shared parts and worked people."""
    write_schemas(spec_folder() / "schema")


if __name__ == "__main__":
    main()


__all__ = ["DIALECT", "MODELS", "ONE_KEY", "schema_of", "schema_text", "write_schemas"]
