"""The schemas that editors use are those that the reader uses."""

from __future__ import annotations

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from measureharmony.measures.schema import MODELS, schema_of, schema_text


@pytest.mark.parametrize("name", MODELS)
def test_the_committed_schema_is_current(name: str, repository: Path) -> None:
    committed = repository / "measure_specs" / "schema" / f"{name}.schema.json"
    assert committed.read_text("utf-8") == schema_text(MODELS[name]), "run: python -m measureharmony.measures.schema"


@pytest.mark.parametrize("name", MODELS)
def test_it_is_a_json_schema(name: str) -> None:
    Draft202012Validator.check_schema(schema_of(MODELS[name]))


@pytest.mark.parametrize("name", MODELS)
def test_it_offers_no_null_where_a_key_may_be_left_out(name: str) -> None:
    properties = schema_of(MODELS[name])["properties"]
    assert not [key for key, part in properties.items() if {"type": "null"} in part.get("anyOf", [])]
    assert '"default": null' not in schema_text(MODELS[name])
