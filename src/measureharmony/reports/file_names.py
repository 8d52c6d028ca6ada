"""Names of files that are made of names in the data: never outside their folder, never two alike."""

from __future__ import annotations

import re
import unicodedata

#: Longer names are cut: some file systems take no more than 255 bytes, and a suffix may follow.
_LONGEST = 80
#: Names that one operating system keeps for its devices, whatever their suffix.
_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))}


def file_stem(text: str) -> str:
    """``text`` as the stem of a file's name: small Latin letters, digits, ``-`` and ``_`` only.

    >>> file_stem("../../x"), file_stem("Größe <b>"), file_stem("nul"), file_stem("…")
    ('x', 'grosse-b', 'nul-', 'unnamed')
    """
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^a-z0-9_]+", "-", plain).strip("-")[:_LONGEST]
    return f"{stem}-" if stem in _DEVICES else stem or "unnamed"


class FileNames:
    """Gives every text a stem of its own: two texts that would share one are told apart by a number."""

    def __init__(self) -> None:
        self._stems: dict[str, str] = {}

    def stem(self, text: str, like: str = "") -> str:
        """The stem of ``text`` (made of ``like`` where that is given), the same each time it is asked for."""
        if text not in self._stems:
            base, taken = file_stem(like or text), set(self._stems.values())
            stems = (base if number == 1 else f"{base}-{number}" for number in range(1, len(taken) + 2))
            self._stems[text] = next(stem for stem in stems if stem not in taken)
        return self._stems[text]


__all__ = ["FileNames", "file_stem"]
