"""JSON Schemas of files of programs, overlays, editions and attribution rules.

``python -m measureharmony.payers.schema`` rewrites the committed ones.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel

from measureharmony.measures.schema import write_schemas
from measureharmony.payers.attribution_rule import AttributionRule
from measureharmony.payers.edition import Edition, SharedEdition
from measureharmony.payers.overlay import Overlay
from measureharmony.payers.program import Program
from measureharmony.spec_files import spec_folder

MODELS: Mapping[str, type[BaseModel]] = {
    "program": Program,
    "overlay": Overlay,
    "edition": Edition,
    "shared_edition": SharedEdition,
    "attribution_rule": AttributionRule,
}


def main() -> None:
    """Rewrite the committed schemas of programs, overlays, editions and attribution rules."""
    write_schemas(spec_folder() / "schema", MODELS)


if __name__ == "__main__":
    main()


__all__ = ["MODELS"]
