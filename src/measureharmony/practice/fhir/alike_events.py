"""Events from lines that are all alike: whose they are, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.practice.fhir.alike import Alike, Found, alike_lines
from measureharmony.practice.fhir.batch import Columns
from measureharmony.practice.fhir.coding_columns import Rows
from measureharmony.practice.fhir.events import convert
from measureharmony.practice.fhir.held import Origins
from measureharmony.practice.fhir.record import Person, Scope
from measureharmony.practice.fhir.shapes import subject_of
from measureharmony.practice.fhir.sheets import Harvest
from measureharmony.practice.fhir.stacks import Stack

#: The story (see ``held.Origins``) of all that is in a bulk export.
_STORY = 0


@dataclass(frozen=True)
class Converted:
    """What was made of some lines of a file: rows, with their event ids, and what belongs to nobody who is known."""

    harvest: Harvest
    event_ids: pa.StringArray
    unknown: Stack


def converted(found: Found, owner: Callable[[str], Person | None], scope: Scope) -> Converted:
    """Make rows of what belongs to known people; may raise :class:`alike.NotAlikeError`.

    ``owner``: the person that a reference names, if it is known.
    """
    resources = alike_lines(found)
    owners, whose = _owners(found, resources, owner)
    known = np.array([owner is not None for owner in owners])[whose]
    unknown = _stack(found, resources, np.flatnonzero(~known))
    if unknown.rows:
        found, whose = found.only(np.flatnonzero(known)), whose[known]
        resources = alike_lines(found)
    origins = _origins(found, resources, owners, whose, scope)
    harvest = Harvest()
    if len(found.rows):
        convert(found.lines.kind, origins, resources, harvest)
    return Converted(harvest, origins.event_ids, unknown)


def _owners(found: Found, resources: Alike, owner: Callable[[str], Person | None]) -> tuple[list[Person | None], Rows]:
    """The different people to whom resources belong (None: not known, yet), and which of them each belongs to."""
    references = Columns(resources).text(subject_of(found.lines.kind), "reference").dictionary_encode()
    owners = [*map(owner, references.dictionary.to_pylist()), None]
    return owners, pc.fill_null(references.indices, len(owners) - 1).to_numpy()


def _stack(found: Found, resources: Alike, chosen: Rows) -> Stack:
    rows = (found.rows[chosen] + 1).tolist()
    return Stack(found.lines.kind, found.lines.path.name, rows, [resources[row] for row in chosen.tolist()])


def _origins(found: Found, resources: Alike, owners: Sequence[Person | None], whose: Rows, scope: Scope) -> Origins:
    kind, file, count = found.lines.kind, found.lines.path.name, len(found.rows)
    rows = pa.array(found.rows + 1)
    names = Columns(resources).text("id")
    if names.null_count:
        names = pc.coalesce(names, pc.binary_join_element_wise(file, rows.cast(pa.string()), "-"))
    person_ids = pa.array([owner and owner.person_id for owner in owners], pa.string()).take(pa.array(whose))
    return Origins(
        people=np.array(owners, np.object_)[whose].tolist(),
        person_ids=person_ids,
        strict=np.array([owner is not None and owner.strict for owner in owners], np.bool_)[whose],
        scopes=[scope] * count,
        event_ids=pc.binary_join_element_wise(person_ids, names, f"/{kind}/"),
        files=pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, np.int32)), [file]),
        rows=rows,
        stories=pa.repeat(pa.scalar(_STORY, pa.int64()), count),
    )
