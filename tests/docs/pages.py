"""The documentation as data: pages, their fenced examples, headings and links."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]

#: A line that names the file shown below it: `my-practice/person.csv`, and what it is.
_FILE = re.compile(r"^`([\w./-]+\.(?:csv|yaml|json|md))`")
_FENCE = re.compile(r"^```(\w*)$")
_HEADING = re.compile(r"^#{1,6} (.+)$")
_LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Fence:
    """One fenced block. ``line`` is where its first line of text stands; ``file`` is the name given to it above."""

    language: str
    lines: tuple[str, ...]
    line: int
    file: str | None = None

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n"


def pages() -> list[Path]:
    """Everything that a reader is sent to: the README and all of ``docs/``."""
    return [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]


def name(page: Path) -> str:
    return page.relative_to(REPOSITORY).as_posix()


def fences(text: str) -> list[Fence]:
    """The fenced blocks of a page, in order."""
    found: list[Fence] = []
    lines = text.splitlines()
    opened: tuple[str, int] | None = None
    for number, line in enumerate(lines):
        mark = _FENCE.match(line)
        if opened is None and mark:
            opened = mark[1], number
        elif opened is not None and line == "```":
            language, start = opened
            found.append(Fence(language, tuple(lines[start + 1 : number]), start + 2, _file_named_above(lines, start)))
            opened = None
    return found


def prose(text: str) -> str:
    """A page without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)


def anchors(text: str) -> set[str]:
    """What links may point to in a page, as Markdown renderers name its headings."""
    titles = [match[1] for line in prose(text).splitlines() if (match := _HEADING.match(line))]
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def links(text: str) -> list[str]:
    """The targets of a page's links."""
    return _LINK.findall(prose(text))


def _file_named_above(lines: list[str], start: int) -> str | None:
    above = next((line for line in reversed(lines[:start]) if line.strip()), "")
    match = _FILE.match(above)
    return match[1] if match else None
