"""What a plan has of the parts of measures: each is compiled once for all variants in which it means the same."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from measureharmony.measures.meanings import Meanings

Compiled = TypeVar("Compiled")


class CompiledParts:
    """What parts of measures were compiled to, by what they mean and the surroundings in which they were asked for.

    A part means the same in two versions of a measure where it is the same object and every name in it means the same
    (:class:`~measureharmony.measures.meanings.Meanings`): an overlay makes anew only what it changes.
    """

    def __init__(self, meanings: Meanings | None = None) -> None:
        self.meanings = meanings or Meanings()
        self._known: dict[Hashable, Any] = {}

    def __reduce__(self) -> tuple[type[CompiledParts], tuple[()]]:
        """Nothing is compiled where a plan is sent to, so nothing known is sent along."""
        return CompiledParts, ()

    def of(self, question: Hashable, compiled: Callable[[], Compiled]) -> Compiled:
        """What ``compiled`` gave when the ``question`` was asked before, or gives now."""
        if question not in self._known:
            self._known[question] = compiled()
        found: Compiled = self._known[question]
        return found


__all__ = ["CompiledParts"]
