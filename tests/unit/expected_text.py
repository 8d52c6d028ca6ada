"""What authors of wrong files read, held against the texts that stand beside the files."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path


def require_text(expected: Path, found: Iterable[object]) -> None:
    """``found``, one after the other, is what the file says; with ``REWRITE_EXPECTED=1`` the file is made to say it."""
    text = "".join(f"{one}\n" for one in found)
    if os.environ.get("REWRITE_EXPECTED"):
        expected.write_text(text, "utf-8")
    assert text == expected.read_text("utf-8")
