"""Where the shipped specs are: inside the installed package, or at the top of the source checkout."""

from __future__ import annotations

from pathlib import Path

from measureharmony.errors import UsageError

NAME = "measure_specs"


def spec_folder() -> Path:
    """The shipped ``measure_specs`` folder; ``UsageError`` when the installation is incomplete."""
    package = Path(__file__).resolve().parent
    for folder in (package / NAME, package.parent.parent / NAME):
        if folder.is_dir():
            return folder
    raise UsageError(
        "the shipped specs (folder 'measure_specs') are missing from this installation; install measureharmony again"
    )


__all__ = ["spec_folder"]
