"""Names, lists and amounts as people write them."""

from __future__ import annotations

from collections.abc import Iterable


def plain(name: str) -> str:
    """A name of a spec as words: ``hospice.received_care`` is "hospice: received care"."""
    return name.replace("_", " ").replace(".", ": ")


def listed(words: Iterable[str | None], conjunction: str = "or") -> str:
    """``a, b or c``; None among them is "not stated"."""
    every = ["not stated" if word is None else word for word in words]
    return f" {conjunction} ".join(filter(None, (", ".join(every[:-1]), *every[-1:])))


def amount(number: float | str, unit: str) -> str:
    """``1 day``, ``15 months``; a parameter that is not bound keeps its name."""
    if str(unit) in ("", "1", "None"):
        return str(number)
    return f"{number} {unit.removesuffix('s') if number == 1 else unit}"


def how_many(count: int, word: str) -> str:
    """``1 problem``, ``2 problems``."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


__all__ = ["amount", "how_many", "listed", "plain"]
