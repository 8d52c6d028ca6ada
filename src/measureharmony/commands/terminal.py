"""What commands say, and how they end."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from errno import ENOSPC
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from measureharmony.errors import MeasureHarmonyError, UsageError

if TYPE_CHECKING:
    from rich.console import Console

#: Exit codes: done; the answer is no; the call or its input is wrong; stopped by Ctrl-C.
OK, NO, WRONG, STOPPED = 0, 1, 2, 130


@contextmanager
def errors_shown(output: Path | None = None) -> Iterator[None]:
    """Errors the library raises on purpose are messages, not tracebacks.

    ``output``: the folder that is written into, which has no more space where an error does not say what has none.
    """
    try:
        yield
    except MeasureHarmonyError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(WRONG) from None
    except BrokenPipeError:
        raise  # whoever reads the output has seen enough; Typer ends quietly
    except KeyboardInterrupt:
        typer.echo("Stopped.", err=True)
        raise typer.Exit(STOPPED) from None
    except OSError as error:
        full = output if error.errno == ENOSPC else None
        place = f"{error.filename or full}: " if error.filename or full else ""
        typer.echo(f"{place}{error.strerror or error}. Check the path, its permissions and the space there.", err=True)
        raise typer.Exit(WRONG) from None
    except Exception as error:
        if not _lacks_memory(error):
            raise
        what = "There is not enough memory for this, or not enough space for temporary files."
        typer.echo(f"{what} Give more memory (--memory), or let TMPDIR name a folder with more space.", err=True)
        raise typer.Exit(WRONG) from None


def _lacks_memory(error: Exception) -> bool:
    """Whether memory ran out: Python's, Arrow's, or DuckDB's, which is not imported for this question."""
    duckdb = sys.modules.get("duckdb")
    return isinstance(error, MemoryError) or (duckdb is not None and isinstance(error, duckdb.OutOfMemoryException))


def require_folder(output: Path | None) -> None:
    """A wrong path shows before the work, not after it. ``None``: nothing will be written."""
    if output and output.exists() and not output.is_dir():
        raise UsageError(f"{output} is a file. Give a folder for the results with --output.")


def stdout() -> Console:
    """Where results go."""
    from rich.console import Console

    return Console(file=sys.stdout)


def stderr() -> Console:
    """Where progress is shown."""
    from rich.console import Console

    return Console(stderr=True)


def say_written(paths: Iterable[Path], folder: Path, *, aside: bool = False) -> None:
    """Name the files that were written to ``folder``; ``aside``: where they do not mix with what others read."""
    typer.echo(f"wrote {', '.join(path.name for path in paths)} to {folder}", err=aside)


__all__ = ["NO", "OK", "WRONG", "errors_shown", "require_folder", "say_written", "stderr", "stdout"]
