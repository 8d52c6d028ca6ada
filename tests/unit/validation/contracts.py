"""Programs' folders, written briefly."""

from __future__ import annotations

from pathlib import Path
from textwrap import indent

EVERY_DECISION = (
    "missing_result", "boundary", "reading", "age_as_of", "enrolment", "source", "cut_off", "minimum_denominator",
)  # fmt: skip
_PROGRAM = """\
program: acme
title: Acme quality contract
payer: acme
fictional: true
product_lines: [commercial]
edition: 2026
membership: {{roster: false, covered: last_day}}
accepts:{accepted}
measures:
{measures}
sources: [{{document: Contract}}]
"""
_ACCEPTED = """
  - decisions: [{decisions}]
    source: {{document: Contract}}"""
_CHANGE = """\
- {what}
  effective: 2026-01-01
  source: {{document: Contract, page: 2}}
  reason: Test.
"""


def write_contract(home: Path, overlays: dict[str, list[str]], accepted: tuple[str, ...] = EVERY_DECISION) -> Path:
    """A program in ``home`` with the changes of each measure; no change, no overlay."""
    folder = home / "acme"
    folder.mkdir()
    listed = [f"  - {{measure: {key}, overlay: {str(bool(some)).lower()}}}" for key, some in overlays.items()]
    accepts = _ACCEPTED.format(decisions=", ".join(accepted)) if accepted else " []"
    text = _PROGRAM.format(accepted=accepts, measures="\n".join(listed))
    (folder / "program.yaml").write_text(text, "utf-8")
    for measure, changes in overlays.items():
        if changes:
            body = "".join(indent(_CHANGE.format(what=change), "  ") for change in changes)
            (folder / f"{measure}.yaml").write_text(f"overlay: {measure}\nedition: 2026\nchanges:\n{body}", "utf-8")
    return folder
