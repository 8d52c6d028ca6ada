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
        case "docs/governance.md":
            _write_valley(folder / "my-specs" / "payers" / "valley")
        case "docs/common-target.md":
            _write_two_contracts(folder / "my-specs" / "payers")
        case "docs/supplemental-data.md":
            shutil.copytree(REPOSITORY / "docs" / "examples" / "supplemental", folder, dirs_exist_ok=True)
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


_VALLEY = """\
program: valley
title: Valley quality contract
payer: bluestone
fictional: true
edition: 2026
membership: {roster: true}
measures: [{measure: bcs, overlay: true}]
sources: [{document: Quality Contract 2026}]
"""
_VALLEY_BCS = """\
overlay: bcs
edition: 2026
changes:
  - set_parameter: {name: age_to, to: 70}
    effective: 2026-07-01
    source: {document: Quality Contract 2026, page: 7}
    reason: The contract of July.
    status: agreed
    agree: [Bluestone, Valley Physicians]
    agreed_by: [Bluestone, Valley Physicians]
"""


def _write_two_contracts(home: Path) -> None:
    """Contracts about blood sugar, whose overlays the page shows."""
    for key in ("valley", "river"):
        text = _VALLEY.replace("bcs", "gsd").replace("valley", key).replace("Valley", key.capitalize())
        (home / key).mkdir(parents=True)
        (home / key / "program.yaml").write_text(text, encoding="utf-8")


def _write_valley(home: Path) -> None:
    """A contract with one agreed change, and the proposal that the page shows."""
    page = (REPOSITORY / "docs" / "governance.md").read_text("utf-8")
    start = page.index("    - set_parameter")
    proposal = "".join(f"  {line[4:]}\n" for line in page[start : page.index("\n\n", start)].splitlines())
    home.mkdir(parents=True)
    (home / "program.yaml").write_text(_VALLEY, encoding="utf-8")
    (home / "bcs.yaml").write_text(_VALLEY_BCS + proposal, encoding="utf-8")
