"""How commands end when something outside of them goes wrong: with a message and an exit code, without a traceback."""

from __future__ import annotations

import duckdb
import pytest
import typer

from measureharmony.commands.terminal import STOPPED, WRONG, errors_shown


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


def test_errors_of_the_program_itself_are_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError), errors_shown():
        raise ZeroDivisionError
