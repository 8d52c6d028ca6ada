"""On whose word a rule of a contract stands."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from measureharmony.measures.names import Model


class Source(Model):
    """Where a rule comes from: a document, and the place in it."""

    document: Annotated[str, Field(min_length=1)]
    page: int | str | None = None
    url: str | None = None

    def __str__(self) -> str:
        return self.document + (f", p. {self.page}" if self.page is not None else "")


__all__ = ["Source"]
