"""The optional packages that reports are written with: imported when needed, asked for by name when missing."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from measureharmony.errors import UsageError


def reports_package(module: str) -> ModuleType:
    """A module of the extra ``reports``; :class:`UsageError` that says how to install it."""
    try:
        return import_module(module)
    except ImportError as error:
        raise UsageError(
            f"Reports need the package {error.name or module}, which is not installed. "
            "Install it with: pip install 'measureharmony[reports]'"
        ) from None


__all__ = ["reports_package"]
