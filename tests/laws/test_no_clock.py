"""Law 9: the clock is an argument. Nothing in the library asks what time or day it is."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

#: Functions that read the clock, by the module or class they belong to.
CLOCK = {
    "datetime": {"now", "today", "utcnow"}, "date": {"today"}, "pd": {"Timestamp.now"}, "pandas": {"Timestamp.now"},
    "time": {"time", "time_ns", "localtime", "gmtime", "ctime", "strftime"},
}  # fmt: skip
#: The same in SQL.
SQL_CLOCK = ("current_date", "current_timestamp", "now()", "today()", "get_current_time")


def test_no_module_reads_the_clock(repository: Path) -> None:
    sources = sorted((repository / "src").rglob("*.py"))
    assert sources
    assert [found for path in sources for found in clock_readings(path)] == []


def clock_readings(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, (ast.Name, ast.Attribute)):
            owner = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
            if node.attr in CLOCK.get(owner, ()):
                yield f"{path.name}:{node.lineno}: {owner}.{node.attr}"
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from (f"{path.name}:{node.lineno}: {word}" for word in SQL_CLOCK if word in node.value.lower())


def test_a_reading_of_the_clock_would_be_found(tmp_path: Path) -> None:
    source = tmp_path / "late.py"
    source.write_text("import datetime as dt\nday = dt.date.today()\nquery = 'SELECT current_date'\n", encoding="utf-8")
    assert len(list(clock_readings(source))) == 2
