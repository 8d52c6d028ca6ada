"""Resources of one type on their way into the dataset, all at once: a column per element, a row per resource.

:class:`Columns` reads elements; :class:`Batch` knows besides where each resource comes from and writes events. What is
rare is read resource by resource, from those alone that have it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import NoneType

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.practice.contract import NO_END
from measureharmony.practice.fhir.coding_columns import EMPTY, NO_TEXT, SEPARATOR, Codings, Rows, looked_up
from measureharmony.practice.fhir.codings import Coding, words
from measureharmony.practice.fhir.elements import Objects
from measureharmony.practice.fhir.held import Mask, Origins
from measureharmony.practice.fhir.json_shapes import as_number, as_object, as_text, objects
from measureharmony.practice.fhir.profiles import read_profiles
from measureharmony.practice.fhir.record import Person, Scope, joined
from measureharmony.practice.fhir.sheets import Harvest
from measureharmony.practice.fhir.times import Interval, choice

#: Cells of many rows: column of the contract → values.
Cells = dict[str, pa.Array]
Intervals = tuple[pa.StringArray, pa.StringArray]

_TYPE_AND_ID = "^[^/#?][^/?]*/[^/?]+$"
_END, _NONE, _NOT_DONE = pa.scalar(NO_END), pa.scalar("none"), pa.scalar("not-done")


class Columns:
    """JSON objects of one sort, read column by column."""

    def __init__(self, resources: Objects):
        self.resources, self._found = resources, resources.columns
        self.count = len(resources)
        self.nothing = pa.nulls(self.count, pa.string())

    def has(self, element: str) -> bool:
        """Whether any of the objects has an element that is read as a column."""
        return bool(self._found.type.get_field_index(element) >= 0)

    def text(self, *path: str) -> pa.StringArray:
        """The text at the end of ``path``; null where it is absent or empty."""
        if not self.has(path[0]):
            return self.nothing
        found = self._found
        for element in path:  # members of absent objects are empty, so that their absence needs no care
            found = found.field(element)
        return pc.if_else(pc.not_equal(found, EMPTY), found, NO_TEXT)

    def concept(self, element: str) -> Codings:
        """The codings of a CodeableConcept."""
        if not self.has(element):
            return NO_CODINGS
        return Codings.of_lists(None, self._found.field(element).field("coding"))

    def concepts(self, element: str) -> Codings:
        """The codings of a list of CodeableConcepts."""
        if not self.has(element):
            return NO_CODINGS
        lists = self._found.field(element)
        rows = pc.list_parent_indices(lists).to_numpy(zero_copy_only=False)
        return Codings.of_lists(rows, lists.flatten().field("coding"))

    def coding(self, element: str) -> Codings:
        """A lone Coding."""
        if not self.has(element):
            return NO_CODINGS
        return Codings.of_structs(np.arange(self.count), self._found.field(element))

    def having(self, element: str) -> Iterator[tuple[int, object]]:
        """(row, value) of an element that few resources have."""
        return ((row, self.resources[row][element]) for row in self.resources.rows_with(element))

    def few_codings(self, element: str, read: Callable[[object], Iterable[Coding]]) -> Codings:
        """The codings that ``read`` finds in an element that few resources have."""
        return Codings.of_pairs((row, coding) for row, value in self.having(element) for coding in read(value))

    def where_given(self, cells: Iterable[tuple[int, str | None]]) -> pa.StringArray:
        """A text column of (row, cell) pairs; null in all other rows."""
        found = dict(cells)
        return pa.array([found.get(row) for row in range(self.count)], pa.string()) if found else self.nothing

    def number(self, element: str, member: str) -> pa.DoubleArray:
        """The JSON number that an object has as ``member``; null where there is none (``true`` is not one)."""
        if self.has(element) and self._found.field(element).type.get_field_index(member) >= 0:
            return self._found.field(element).field(member)
        values: list[object] = [None] * self.count
        for row, held in self.having(element):
            values[row] = as_object(held).get(member)
        return _numbers(values)

    def period(self, element: str) -> Intervals:
        """A Period: no end is ``NO_END``, no start is unknown, neither is wholly unknown; unknown is empty."""
        if not self.has(element):
            unknown = pa.repeat(EMPTY, self.count)
            return unknown, unknown
        start, end = self.text(element, "start"), self.text(element, "end")
        open_end = pc.if_else(start.is_valid(), _END, EMPTY)
        return pc.coalesce(start, EMPTY), pc.coalesce(end, open_end)

    def moment(self, element: str) -> pa.StringArray:
        """``element[x]`` where it is a plain time; null elsewhere."""
        moment = self.text(element + "DateTime")
        return pc.coalesce(moment, self.text(element + "Instant")) if self.has(element + "Instant") else moment

    def choice(self, element: str, people: Sequence[Person]) -> Intervals:
        """``element[x]`` as an interval; ages turn into dates by the births of ``people``, unknown is empty."""
        moment = self.moment(element)
        start, end = (pc.coalesce(moment, side) for side in self.period(element + "Period"))
        aged = {row for form in ("Age", "Range") for row, _ in self.having(element + form)}
        return replaced((start, end), {row: choice(self.resources[row], element, people[row].birth) for row in aged})


NO_CODINGS = Codings.of_pairs(())


class Batch(Columns):
    """Resources of one type with their people, event ids and what their profiles say."""

    def __init__(self, kind: str, origins: Origins, resources: Objects, harvest: Harvest):
        super().__init__(resources)
        self.kind, self.origins, self.harvest = kind, origins, harvest
        self.people, self.scopes = origins.people, origins.scopes
        self._read_profiles()
        self._base: Cells = {
            "person_id": origins.person_ids,
            "source": pa.repeat("ehr", self.count),
            "status": self.text("status"),
            "sequence": origins.rows,
            "_file": origins.files,
            "_row": origins.rows,
            "_story": origins.stories,
        }

    def _read_profiles(self) -> None:
        """What the profiles say, once for each different list of them and for people who are read strictly or not."""
        lists = self._profile_lists().dictionary_encode()
        different = [tuple(dict.fromkeys(filter(None, key.split(SEPARATOR)))) for key in lists.dictionary.to_pylist()]
        readings = [read_profiles(self.kind, urls, person) for urls in different for person in (False, True)]
        chosen = 2 * lists.indices.to_numpy() + self.origins.strict
        self.strict: Mask = np.array([reading.strict for reading in readings], np.bool_)[chosen]
        self.negative: Mask = np.array([reading.not_done for reading in readings], np.bool_)[chosen]
        self.types = pa.array([reading.type or None for reading in readings], pa.string()).take(pa.array(chosen))
        self._profiles = pa.array(different, pa.list_(pa.string())).take(lists.indices)

    def _profile_lists(self) -> pa.StringArray:
        """The profiles of each resource with :data:`SEPARATOR` between them; empty where it has none."""
        if not self.has("meta"):
            return pa.repeat(EMPTY, self.count)
        lists = self._found.field("meta").field("profile")
        given = pa.ListArray.from_arrays(lists.offsets, pc.fill_null(lists.values, EMPTY))
        return pc.fill_null(pc.binary_join(given, SEPARATOR), EMPTY)

    # --- cells -----------------------------------------------------------------------------------------------

    def targets(self, references: pa.StringArray, told: Callable[[Scope, str], str | None]) -> pa.StringArray:
        """What ``told`` says of each reference within its scope; null where there is none."""
        if len(set(map(id, self.scopes))) == 1:
            return looked_up(references, lambda reference: told(self.scopes[0], reference))
        pairs = zip(references.to_pylist(), self.scopes, strict=True)
        return pa.array([None if text is None else told(scope, text) for text, scope in pairs], pa.string())

    def link(self, element: str, expected: str) -> pa.StringArray:
        """The event ids that a Reference points to; null where it points to none."""

        def event(scope: Scope, reference: str) -> str | None:
            kind, name = scope.target(reference, expected)
            return f"{kind}/{name}" if name else None

        if not self.has(element):
            return self.nothing
        references = self.text(element, "reference")
        events = references if self._written_out(references) else self.targets(references, event)
        return pc.binary_join_element_wise(self.origins.person_ids, events, "/")

    def _written_out(self, references: pa.StringArray) -> bool:
        """Whether all references say type and id, as event ids do, and mean what they say: most exports' do."""
        written = pc.match_substring_regex(references, _TYPE_AND_ID)
        return bool(pc.all(written).as_py()) and not any(scope.full_urls for scope in self.scopes)

    def links(self, element: str, expected: str) -> pa.StringArray:
        """The event ids that a list of References points to, each once, separated by blanks; null without."""
        return self.where_given(
            (row, joined(self.link_of(row, reference, expected) for reference in objects(value)))
            for row, value in self.having(element)
        )

    def link_of(self, row: int, reference: object, expected: str) -> str | None:
        """The event id that one Reference of a resource points to, or None."""
        kind, name = self.scopes[row].target(as_text(as_object(reference).get("reference")), expected)
        return f"{self.people[row].person_id}/{kind}/{name}" if name else None

    def provider(self, element: str) -> pa.StringArray:
        """The provider ids that a Reference names; null where it names none."""
        if not self.has(element):
            return self.nothing
        return self.targets(self.text(element, "reference"), _practitioner)

    def first_provider(self, element: str, member: str = "") -> pa.StringArray:
        """The provider that the first of a list names: the Reference itself, or the one that it has as ``member``."""
        firsts = ((row, one) for row, value in self.having(element) for one in objects(value)[:1])
        references = ((row, as_object(one.get(member) if member else one).get("reference")) for row, one in firsts)
        return self.where_given((row, _practitioner(self.scopes[row], as_text(found))) for row, found in references)

    def not_done(self) -> pa.BooleanArray:
        """Whether something was not done: by profile alone in a strict source, else by what stands in; null: no."""
        not_done = pc.fill_null(pc.equal(self._base["status"], _NOT_DONE), False)
        said = not_done.to_numpy(zero_copy_only=False).copy()
        said[[row for row, value in self.having("doNotPerform") if value is True]] = True
        return true_or_null(np.where(self.strict, self.negative, said))

    def category(self, codings: Codings) -> pa.StringArray:
        """The ``category`` cells: words; ``none`` where a strict source has no category; null where it does not say."""
        self.codes("category", codings)
        absent = pc.if_else(pa.array(self.strict), _NONE, NO_TEXT) if self.strict.any() else self.nothing
        if not len(codings):
            return absent
        keys = codings.joined_codes(self.count)
        return pc.coalesce(
            looked_up(keys, lambda key: words(("", code) for code in key.split(SEPARATOR)) or None), absent
        )

    # --- rows ------------------------------------------------------------------------------------------------

    def add(self, kind: str, codings: Codings, cells: Mapping[str, pa.Array]) -> None:
        """Write every event's row with its first coding inline, its other codings and its profiles."""
        self._write(self.origins.event_ids, kind, codings, {"type": self.types, **self._base, **cells})
        urls = self._profiles.flatten()
        if len(urls):
            rows = pc.list_parent_indices(self._profiles).to_numpy(zero_copy_only=False)
            self.codes("profile", Codings(rows, pa.repeat(EMPTY, len(urls)), urls))

    def add_parts(self, rows: Rows, names: pa.Array, kind: str, codings: Codings, cells: Cells) -> pa.Table:
        """Write rows of their own for parts of the events in ``rows``, ``<event_id>#<name>``, and return them.

        Other cells are those of the whole; ``codings`` and ``cells`` have one entry a part.
        """
        chosen = pa.array(rows)
        wholes = self.origins.event_ids.take(chosen)
        event_ids = pc.binary_join_element_wise(wholes, names.cast(pa.string()), "#")
        base = {name: column.take(chosen) for name, column in self._base.items()}
        return self._write(event_ids, kind, codings, {**base, "parent_id": wholes, **cells})

    def _write(self, event_ids: pa.StringArray, kind: str, codings: Codings, cells: Cells) -> pa.Table:
        system, code = codings.first(len(event_ids))
        told = {"event_id": event_ids, "kind": pa.repeat(kind, len(event_ids)), "code_system": system, "code": code}
        table = pa.table({**told, **cells})
        self.harvest.event_tables.append(table)
        self.harvest.add_code_columns(table, "code", codings.rest())
        return table

    def codes(self, role: str, codings: Codings) -> None:
        """Write further codings of the events."""
        self.harvest.add_code_columns({"event_id": self.origins.event_ids, **self._base}, role, codings)


def _practitioner(scope: Scope, reference: str) -> str | None:
    return scope.target(reference, "Practitioner")[1] or None


def _numbers(values: list[object]) -> pa.DoubleArray:
    """The JSON numbers among ``values``; null for all others."""
    if set(map(type, values)) <= {float, NoneType}:
        return pa.array(values, pa.float64())
    return pa.array([as_number(value) for value in values], pa.float64())


def true_or_null(mask: Mask) -> pa.BooleanArray:
    """A flag that is either true or not given."""
    return pa.array(mask, mask=~mask)


def replaced(intervals: Intervals, by_row: Mapping[int, Interval]) -> Intervals:
    """``intervals`` with those of some rows in the place of theirs."""
    if not by_row:
        return intervals
    sides = [side.to_pylist() for side in intervals]
    for row, interval in by_row.items():
        sides[0][row], sides[1][row] = interval
    return pa.array(sides[0], pa.string()), pa.array(sides[1], pa.string())
