"""Put into the documentation what its examples really show: ``python -m tests.docs.renew [page …]``.

Read the difference before you commit it. Where a page shows only parts (``…`` stands for the rest), each part is found
again by the beginning of its first line, and is as long as before.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from tests.docs.pages import REPOSITORY, name, pages
from tests.docs.reader import ANYTHING, Shown, read, trimmed
from tests.docs.results_page import results_page
from tests.docs.setting import FILES_IN, prepare

#: How much of a line is compared to find it again: all of it, else less and less.
_BEGINNINGS = (200, 60, 40, 24, 12)


def renew(page: Path) -> None:
    """Rewrite what ``page`` shows, from its end, so that line numbers stay right."""
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        prepare(page, Path(folder))
        shown = list(read(page, Path(folder), FILES_IN.get(name(page), ".")))
        os.chdir(REPOSITORY)
    lines = page.read_text("utf-8").splitlines()
    for example in reversed([example for example in shown if not example.agrees]):
        start = example.first_line - 1
        lines[start : start + len(example.expected)] = _renewed(example)
        sys.stdout.write(f"{name(page)}:{example.first_line}: {example.source}\n")
    page.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _renewed(example: Shown) -> list[str]:
    actual = [line.rstrip() for line in example.actual]
    if ANYTHING not in example.expected:
        return list(trimmed(example.actual))
    renewed: list[str] = []
    place = 0
    for part in _parts(example.expected):
        if part == [ANYTHING]:
            renewed += part
            continue
        found = _place(actual, part[0], place)
        if found is None:
            sys.stdout.write(f"    no line begins like {part[0]!r} any more: mend this part by hand\n")
            return list(example.expected)
        place = found + len(part)
        renewed += actual[found:place]
    return renewed


def _place(actual: list[str], line: str, start: int) -> int | None:
    for length in _BEGINNINGS:
        for number in range(start, len(actual)):
            if actual[number][:length] == line[:length]:
                return number
    return None


def _parts(lines: tuple[str, ...]) -> list[list[str]]:
    """Runs of shown lines, and the marks between them."""
    parts: list[list[str]] = []
    for line in lines:
        if line.strip() == ANYTHING:
            parts.append([ANYTHING])
        elif parts and parts[-1] != [ANYTHING]:
            parts[-1].append(line.rstrip())
        else:
            parts.append([line.rstrip()])
    return parts


if __name__ == "__main__":
    for chosen in [REPOSITORY / argument for argument in sys.argv[1:]] or pages():
        if name(chosen) == "docs/results.md":
            chosen.write_text(results_page(), encoding="utf-8")
        renew(chosen)
