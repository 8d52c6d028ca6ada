"""The mapping profile: what a payer's list of gaps or results says where, and what its words mean."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from measureharmony.errors import Issue, MeasureHarmonyError
from measureharmony.measures.measure import Key
from measureharmony.measures.names import Model
from measureharmony.measures.reader import read_model

#: What a payer can say of a person and a measure.
Status = Literal["open", "closed", "excluded", "not_applicable"]
#: What a column can hold.
Holds = Literal["member_id", "person_id", "name", "birth", "measure", "status", "value", "date", "provider", "note"]


class ReconciliationError(MeasureHarmonyError):
    """A payer's list or its profile cannot be used; ``issues`` holds every problem found."""

    def __init__(self, issues: Iterable[Issue]):
        self.issues: tuple[Issue, ...] = tuple(sorted(set(issues)))
        super().__init__("\n".join(str(issue) for issue in self.issues))


class Profile(Model):
    """How one payer writes its lists.

    ``columns``: what the column under each heading holds. ``measures``: the payer's name or number of a measure, and
    the rate of ours that is meant (``bcs.screened``, or ``bcs`` where the program counts one rate); left out, the
    program's own ids and titles are looked for. ``statuses``: the payer's words. A list without a status column is one
    of ``every_row``.

    ``meaning``: a ``snapshot`` holds everything that is open (whoever is not in it has no gap, for the payer), a
    ``delta`` only what changed, so that nothing follows from a row that is not there. ``lists``: whether a snapshot
    lists only open ``gaps``, or ``results`` of everybody in the denominator.

    ``as_of`` is the last day of what the payer knew. ``dates`` are written so (Python's strptime) beside 2026-03-09.
    """

    program: Key
    as_of: dt.date
    columns: Annotated[dict[str, Holds], Field(min_length=1)]
    measures: dict[str, str] = Field(default_factory=dict)
    statuses: dict[str, Status] = Field(default_factory=dict)
    every_row: Status = "open"
    meaning: Literal["snapshot", "delta"] = "snapshot"
    lists: Literal["gaps", "results"] = "gaps"
    dates: str = "%m/%d/%Y"
    sheet: str | None = None
    header_row: Annotated[int, Field(ge=1)] = 1

    @model_validator(mode="after")
    def _enough(self) -> Profile:
        held = list(self.columns.values())
        twice = sorted({holds for holds in held if held.count(holds) > 1})
        if twice:
            raise ValueError(f"several columns hold {', '.join(twice)}; name one of them")
        if "measure" not in held:
            raise ValueError("no column holds the measure; name one under columns")
        if not {"member_id", "person_id"} & set(held) and not {"name", "birth"} <= set(held):
            raise ValueError("nothing says who is meant; name a column of member_id or person_id, or of name and birth")
        if "status" in held and not self.statuses:
            raise ValueError("a column holds the status, but its words are not explained; add statuses")
        return self

    def heading(self, holds: Holds) -> str | None:
        """The heading of the column that holds something."""
        return next((heading for heading, held in self.columns.items() if held == holds), None)


def read_profile(path: str | Path) -> Profile:
    """The profile in a YAML file; :class:`ReconciliationError` with everything that is wrong with it."""
    reading = read_model(path, Profile)
    if reading.model is None or reading.issues:
        raise ReconciliationError(reading.issues)
    return reading.model


__all__ = ["Holds", "Profile", "ReconciliationError", "Status", "read_profile"]
