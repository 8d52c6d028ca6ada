"""How commands end when something outside of them goes wrong: with a message and an exit code, without a traceback."""

from __future__ import annotations

import sys
from errno import ENOSPC
from pathlib import Path
from types import ModuleType

import duckdb
import pytest
import typer

from measureharmony.__main__ import main
from measureharmony.commands.running import shown_progress
from measureharmony.commands.terminal import STOPPED, WRONG, errors_shown, stderr


@pytest.mark.parametrize("error", [MemoryError(), duckdb.OutOfMemoryException("failed to pin a block of somebody")])
def test_too_little_memory_is_told(error: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended, errors_shown():
        raise error
    assert ended.value.exit_code == WRONG
    said = capsys.readouterr().err
    assert "not enough memory" in said
    assert "--memory" in said
    assert "somebody" not in said


def test_ctrl_c_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended, errors_shown():
        raise KeyboardInterrupt
    assert ended.value.exit_code == STOPPED
    assert capsys.readouterr().err == "Stopped.\n"


def test_ctrl_c_is_told_before_there_is_any_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Stopped(ModuleType):
        def __getattr__(self, name: str) -> object:
            raise KeyboardInterrupt

    monkeypatch.setitem(sys.modules, "measureharmony.cli", Stopped("measureharmony.cli"))
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == STOPPED
    assert capsys.readouterr().err == "Stopped.\n"


def test_a_full_disk_is_told_with_the_folder_that_is_on_it(capsys: pytest.CaptureFixture[str]) -> None:
    for error in (OSError(ENOSPC, "No space left on device"), OSError(ENOSPC, "No space left on device", "elsewhere")):
        with pytest.raises(typer.Exit) as ended, errors_shown(Path("results")):
            raise error
        assert ended.value.exit_code == WRONG
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("results: No space left on device")
    assert second.startswith("elsewhere: No space left on device")


@pytest.mark.parametrize("terminal", [False, True])
def test_progress_is_shown_on_terminals_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], terminal: bool
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    with stderr().status("reading …"), shown_progress() as progress:
        progress(1, 2)
    assert bool(capsys.readouterr().err) == terminal


def test_errors_of_the_program_itself_are_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError), errors_shown():
        raise ZeroDivisionError
