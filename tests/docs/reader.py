"""A reader who types a page's examples in, one after the other, in an empty folder.

* ``python`` blocks run in one namespace; a ``text`` block that comes next shows what they print.
* ``console`` blocks hold commands after ``$``, each with what it shows. A command may fail only if the reader looks at
  the code next (``echo $?``).
* Blocks under a line that names a file (```my-practice/person.csv```) are written to that file.

In what is shown, a line with only ``…`` stands for any lines.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner

from measureharmony.cli import app
from tests.docs.pages import REPOSITORY, Fence, fences

ANYTHING = "…"
#: The width at which terminal output is shown in the documentation.
WIDTH = "80"
_SHELL = re.compile(r"[|<>&;*]")


@dataclass(frozen=True)
class Shown:
    """What an example really shows, and the lines of the page (from 1) that say what it shows."""

    source: str
    first_line: int
    expected: tuple[str, ...]
    actual: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        return not self.expected or matches(trimmed(self.expected), trimmed(self.actual))


def read(page: Path, folder: Path, files: str = ".") -> Iterator[Shown]:
    """Do everything that ``page`` says, in ``folder``, which the caller makes the working folder.

    ``files`` is the folder in which the page's files are to be put.
    """
    reader = _Reader(folder)
    blocks = fences(page.read_text("utf-8"))
    for block, below in zip(blocks, [*blocks[1:], None], strict=False):
        if block.file is not None:
            target = folder / files / block.file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.text, encoding="utf-8")
        elif block.language == "python":
            printed = reader.python(block, page)
            if below is not None and below.language == "text":
                yield Shown("python", below.line, below.lines, printed)
        elif block.language == "console":
            yield from reader.console(block)


def matches(expected: tuple[str, ...], actual: tuple[str, ...]) -> bool:
    """Whether the lines are the same, where ``…`` stands for any lines."""
    if not expected:
        return not actual
    if expected[0].strip() == ANYTHING:
        return any(matches(expected[1:], actual[skip:]) for skip in range(len(actual) + 1))
    return bool(actual) and expected[0] == actual[0] and matches(expected[1:], actual[1:])


def trimmed(lines: tuple[str, ...]) -> tuple[str, ...]:
    """Without blanks at the ends of lines, and without empty lines at both ends."""
    return tuple("\n".join(line.rstrip() for line in lines).strip("\n").split("\n")) if any(lines) else ()


class _Reader:
    def __init__(self, folder: Path):
        self.folder = folder
        self.names: dict[str, object] = {"__name__": "__main__"}
        self.exit_code = 0
        self.made: dict[str, tuple[str, ...]] = {}

    def python(self, block: Fence, page: Path) -> tuple[str, ...]:
        """Run a block; its lines keep their numbers, so that a traceback points into the page."""
        printed = io.StringIO()
        code = compile("\n" * (block.line - 1) + block.text, str(page), "exec")
        with contextlib.redirect_stdout(printed):
            exec(code, self.names)
        return tuple(printed.getvalue().splitlines())

    def console(self, block: Fence) -> Iterator[Shown]:
        commands = list(_commands(block))
        for (command, line, expected), following in zip(commands, [*commands[1:], None], strict=False):
            failing_is_shown = following is not None and following[0] == "echo $?"
            yield Shown(command, line, expected, self.command(command, may_fail=failing_is_shown))

    def command(self, command: str, *, may_fail: bool) -> tuple[str, ...]:
        if command == "echo $?":
            return (str(self.exit_code),)
        if command.startswith("make "):
            # A page may show a command at its top and what comes out of it further down.
            if command not in self.made:
                self.made[command] = self.run(recipe(command.split()[1]), may_fail=may_fail)
            return self.made[command]
        return self.run(command, may_fail=may_fail)

    def run(self, command: str, *, may_fail: bool) -> tuple[str, ...]:
        if not _is_run(command):
            return ()
        # In this process, which has everything loaded already; only what needs a shell gets one.
        own = command.startswith("measureharmony ") and not _SHELL.search(command)
        output, self.exit_code = self._own(command) if own else self._shell(command)
        assert may_fail or self.exit_code == 0, f"$ {command}\n{output}"
        return tuple(output.splitlines())

    def _own(self, command: str) -> tuple[str, int]:
        done = CliRunner().invoke(app, shlex.split(command)[1:], env={"COLUMNS": WIDTH})
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.stdout + (done.stderr if done.exit_code else ""), done.exit_code

    def _shell(self, command: str) -> tuple[str, int]:
        path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
        environment = {**os.environ, "PATH": path, "COLUMNS": WIDTH}
        done = subprocess.run(
            ["bash", "-c", command], cwd=self.folder, env=environment, capture_output=True, text=True, encoding="utf-8"
        )
        return done.stdout + (done.stderr if done.returncode else ""), done.returncode


def recipe(target: str) -> str:
    """What ``make`` runs for a target, without the virtual environment's folder."""
    makefile = (REPOSITORY / "Makefile").read_text("utf-8")
    match = re.search(rf"^{target}:.*\n\t@?\$\(BIN\)/(.*)$", makefile, flags=re.MULTILINE)
    assert match or re.search(rf"^{target}:", makefile, flags=re.MULTILINE), f"the Makefile has no target {target}"
    return match[1].replace("$(ARGS)", "").strip() if match else f"make {target}"


def _is_run(command: str) -> bool:
    """Not run: what sets up or tests the project itself, which would be this very run, or needs a network."""
    first = Path(command.split()[0]).name
    return first not in ("make", "pip", "python3", "run", "pre-commit") and not command.startswith("python -m pytest")


def _commands(block: Fence) -> Iterator[tuple[str, int, tuple[str, ...]]]:
    """Each command of a block, the page's line on which what it shows begins, and those lines."""
    starts = [number for number, line in enumerate(block.lines) if line.startswith("$ ")]
    for start, stop in zip(starts, [*starts[1:], len(block.lines)], strict=True):
        first = start
        while block.lines[first].endswith("\\"):
            first += 1
        command = " ".join(line.removesuffix("\\").strip() for line in block.lines[start : first + 1])
        yield command.removeprefix("$ "), block.line + first + 1, block.lines[first + 1 : stop]


__all__ = ["ANYTHING", "Shown", "matches", "read", "recipe", "trimmed"]
