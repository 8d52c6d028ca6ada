"""The reference page of the dataset contract, written from the contract itself.

``python -m measureharmony.practice.reference > docs/dataset.md``; a test keeps the page current.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.resources import files

from measureharmony.practice.contract import DEFAULT_STATUS, TABLES, Column, Table
from measureharmony.practice.rejects import DATASET_ISSUES, RULES

_PROSE = "dataset_page.md"


def dataset_page() -> str:
    """``docs/dataset.md``: the prose beside this module, with the tables and rules of the contract filled in."""
    prose = files("measureharmony.practice").joinpath(_PROSE).read_text(encoding="utf-8")
    filled = {
        "tables": "\n".join(_table(table) for table in TABLES.values()),
        "statuses": _grid(
            ("kind", "empty status means"), [(f"`{k}`", f"`{s}`") for k, s in DEFAULT_STATUS.items() if s]
        ),
        "rules": _grid(("rule", "meaning"), [(f"`{rule}`", meaning) for rule, meaning in RULES.items()]),
        "issues": _grid(("code", "meaning"), [(f"`{code}`", meaning) for code, meaning in DATASET_ISSUES.items()]),
    }
    for name, text in filled.items():
        prose = prose.replace(f"<!-- {name} -->", text)
    return prose


def _table(table: Table) -> str:
    required = "Required." if table.required else "May be absent."
    key = f" Unique: `{', '.join(table.key)}`." if table.key else ""
    rows = [(f"`{c.name}`", c.type, "yes" if c.required else "", _meaning(c)) for c in table.columns]
    grid = _grid(("column", "type", "required", "meaning"), rows)
    return f"### {table.name}\n\n{table.meaning} {required}{key}\n\n{grid}\n"


def _meaning(column: Column) -> str:
    """What a column means, with its closed list where it has one."""
    if not column.allowed:
        return column.meaning
    return f"{column.meaning} One of: {', '.join(f'`{word}`' for word in column.allowed)}."


def _grid(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


if __name__ == "__main__":
    sys.stdout.write(dataset_page())
