"""Whether resources are FHIR: by HL7's own JSON schema for R4, and by the models of ``fhir.resources``."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
from fhir.resources.R4B import get_fhir_model_class

#: HL7's schema, cut down to the resources that reports use (its ``oneOf`` over all of them tells nothing useful).
SCHEMA = Path(__file__).parent / "fhir-r4.schema.json"


def check(resource: dict[str, Any]) -> None:
    """Raise what is wrong with a resource, or with one inside it."""
    for entry in resource.get("entry", []) if resource["resourceType"] == "Bundle" else []:
        check(entry["resource"])
    shallow = resource
    if resource["resourceType"] == "Bundle":  # its entries have been checked one by one; all at once takes seconds
        shallow = {**resource, "entry": [{**entry, "resource": _STAND_IN} for entry in resource["entry"]]}
    _validator(resource["resourceType"]).validate(shallow)
    get_fhir_model_class(resource["resourceType"]).model_validate(shallow)


_STAND_IN = {"resourceType": "Organization", "id": "x", "name": "x"}


@cache
def _validator(kind: str) -> Any:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    return jsonschema.Draft6Validator({**schema, "oneOf": [{"$ref": f"#/definitions/{kind}"}]})
