"""What a page takes for granted: the folders that its reader has at hand before the first example."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.docs.pages import REPOSITORY, fences, name

#: Pages whose files are shown without the folder that their examples read.
FILES_IN = {"docs/dataset.md": "my-practice"}

_PATIENT = {"resourceType": "Patient", "id": "ann", "birthDate": "1967-05-02", "gender": "female"}


def prepare(page: Path, folder: Path) -> None:
    """Put into ``folder`` what the reader of ``page`` has."""
    match name(page):
        case "README.md":
            _copy_program(folder)
        case "docs/payers.md":
            (folder / "measure_specs").symlink_to(REPOSITORY / "measure_specs")
        case "docs/intake.md":
            shutil.copytree(REPOSITORY / "docs" / "examples" / "intake", folder, dirs_exist_ok=True)
        case "docs/fhir.md":
            bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": _PATIENT}]}
            (folder / "my_export").mkdir()
            (folder / "my_export" / "ann.json").write_text(json.dumps(bundle), encoding="utf-8")


def _copy_program(folder: Path) -> None:
    """The README shows an overlay; the program that it belongs to stands in ``docs/add-a-payer.md``."""
    guide = (REPOSITORY / "docs" / "add-a-payer.md").read_text("utf-8")
    program = next(block for block in fences(guide) if block.file and block.file.endswith("program.yaml"))
    assert program.file is not None
    target = folder / program.file
    target.parent.mkdir(parents=True)
    target.write_text(program.text, encoding="utf-8")
