"""The documentation's page, ``docs/benchmarks.md``: the prose of ``page.md`` with the committed tables in it.

python benchmarks/page.py
"""

from __future__ import annotations

import re
from pathlib import Path

from reporting import markdown, read_report

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "benchmarks.md"


def page() -> str:
    """The page: each line ``{{name}}`` of the prose is the table of that name."""
    prose = (HERE / "page.md").read_text(encoding="utf-8")
    return re.sub(r"^\{\{(\w+)\}\}\n", lambda found: _table(found[1]), prose, flags=re.MULTILINE)


def _table(name: str) -> str:
    path = HERE / "results" / f"{name}.json"
    return markdown(read_report(path)) if path.is_file() else "There is no committed run of this table yet.\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"written: docs/{PAGE.name}")
