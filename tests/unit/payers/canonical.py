"""What the tests of this folder share: the shipped canonical measures, read once, and changes written briefly."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

import yaml

from measureharmony.measures.library import Library, read_canonical
from measureharmony.payers import Overlay, Program
from measureharmony.payers.change import Change
from measureharmony.spec_files import spec_folder
from measureharmony.value_sets import read_value_sets

VALUE_SETS = tuple(read_value_sets(spec_folder() / "value_sets")[0])


@cache
def canonical() -> Library:
    return read_canonical(spec_folder() / "canonical").require()


def change(text: str, effective: str = "2026-01-01") -> Change:
    """A change from the text of its one key."""
    data: dict[str, Any] = yaml.safe_load(text)
    known = {"effective": effective, "source": {"document": "Contract", "page": 1}, "reason": "Test."}
    return Change.model_validate({**data, **known})


def overlay(measure: str, *changes: str | Change) -> Overlay:
    built = tuple(one if isinstance(one, Change) else change(one) for one in changes)
    return Overlay(overlay=measure, edition=2026, changes=built)


def program(**others: object) -> Program:
    data: dict[str, object] = {
        "program": "contract",
        "title": "A contract",
        "payer": "somebody",
        "fictional": True,
        "product_lines": ["commercial"],
        "edition": 2026,
        "membership": {"roster": False, "covered": "last_day"},
        "measures": [{"measure": "bcs", "overlay": True}],
        "sources": [{"document": "Contract"}],
    }
    return Program.model_validate({**data, **others})


def program_yaml(measures: str = "{measure: bcs, overlay: true}", more: str = "") -> str:
    """The file of a small program; ``more``: what stands below."""
    return f"""\
program: contract
title: A contract
payer: somebody
fictional: true
edition: 2026
membership: {{roster: true}}
measures: [{measures}]
sources: [{{document: Contract}}]
{more}"""


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)
