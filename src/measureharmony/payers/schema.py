"""JSON Schemas of program and overlay files: ``python -m measureharmony.payers.schema`` rewrites the committed ones."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel

from measureharmony.measures.schema import write_schemas
from measureharmony.payers.overlay import Overlay
from measureharmony.payers.program import Program
from measureharmony.spec_files import spec_folder

MODELS: Mapping[str, type[BaseModel]] = {"program": Program, "overlay": Overlay}


def main() -> None:
    """Rewrite the committed schemas of programs and overlays."""
    write_schemas(spec_folder() / "schema", MODELS)


if __name__ == "__main__":
    main()


__all__ = ["MODELS"]
