"""SciPy's special functions, imported when they are first needed: they weigh more than all else here."""

from __future__ import annotations

from typing import Any

from measureharmony.errors import UsageError


def special() -> Any:
    """``scipy.special``; :class:`UsageError` says how to install it."""
    try:
        import scipy.special
    except ImportError:
        raise UsageError(
            "This statistic needs SciPy. Install it with: pip install 'measureharmony[statistics]'"
        ) from None
    return scipy.special


__all__ = ["special"]
