"""Resources of one type from one file or bundle, and to whom they belong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from measureharmony.practice.fhir.json_shapes import JsonObject
from measureharmony.practice.fhir.record import Person
from measureharmony.practice.fhir.shapes import subject_of
from measureharmony.practice.fhir.sheets import Place


@dataclass(frozen=True)
class Owners:
    """To whom the resources of a bundle belong.

    ``only``: the bundle's one patient, to whom resources that name nobody belong; ``of_everything``: those that name
    somebody else too (a collection about one person); ``rule``: why a resource is rejected whose patient is not known.
    """

    only: Person | None = None
    of_everything: bool = False
    rule: str = "unknown-person"


NO_OWNERS = Owners()


@dataclass
class Stack:
    """Resources of one type from one file or bundle, and the rows (entries, lines) they are in."""

    kind: str
    file: str
    rows: list[int] = field(default_factory=list)
    resources: list[JsonObject] = field(default_factory=list)

    def places(self) -> Iterator[Place]:
        """Where the resources are."""
        return (Place(self.file, row) for row in self.rows)

    def names(self) -> Iterator[str]:
        """Type and id of each resource; of one without id, where it is."""
        for row, resource in zip(self.rows, self.resources, strict=True):
            name = resource.get("id")
            yield f"{self.kind}/{name if name and isinstance(name, str) else f'{self.file}-{row}'}"

    def only(self, chosen: Iterable[int]) -> Stack:
        """Some of the resources, by their places in the stack."""
        kept = list(chosen)
        return Stack(self.kind, self.file, [self.rows[n] for n in kept], [self.resources[n] for n in kept])

    def subjects(self) -> list[object]:
        """What each resource says about whose it is."""
        element = subject_of(self.kind)
        return [resource.get(element) for resource in self.resources]
