"""What a comparison with a deck found, for people and for machines."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import orjson

from measureharmony.measures.plain_words import how_many


@dataclass(frozen=True)
class Disagreement:
    """A published count that ours is not.

    ``found`` is ``None`` where there is nothing to count (no such person, no such group); ``why`` says what decided
    ours; ``excused`` is the documented reason, if there is one.
    """

    measure: str
    person: str
    group: str
    population: str
    expected: int
    found: int | None
    why: str = ""
    excused: str = ""

    def __str__(self) -> str:
        found = "nothing found" if self.found is None else f"found {self.found}"
        why = f" ({self.why})" if self.why else ""
        return f"{self.person} group {self.group} {self.population}: expected {self.expected}, {found}{why}"


@dataclass(frozen=True)
class MeasureReport:
    """Agreement on one measure: how many people and counts were compared, and where they differ.

    ``measure`` is the deck's name of it (``CMS125``), ``key`` ours (``bcs``).
    """

    measure: str
    key: str
    people: int
    counts: int
    disagreements: tuple[Disagreement, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def unexcused(self) -> tuple[Disagreement, ...]:
        """Disagreements that no documented exception covers."""
        return tuple(d for d in self.disagreements if not d.excused)

    @property
    def agreeing(self) -> int:
        """People on all of whose counts we agree, or differ only where it is documented."""
        return self.people - len({d.person for d in self.unexcused})

    def __str__(self) -> str:
        excused = len(self.disagreements) - len(self.unexcused)
        documented = f"; {excused} differ as documented" if excused else ""
        lines = [
            f"{self.measure:<8} {self.key:<5} {self.agreeing:>4} of {self.people} people agree "
            f"({self.counts} counts{documented})"
        ]
        lines += [f"    note: {note}" for note in self.notes]
        lines += [f"    {disagreement}" for disagreement in self.unexcused]
        return "\n".join(lines)


@dataclass(frozen=True)
class DeckReport:
    """Agreement on a whole deck. ``stale``: exceptions that nothing needs any more; ``notes``: what was left out."""

    deck: str
    measures: tuple[MeasureReport, ...]
    stale: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        """True when every difference is a documented exception."""
        return not any(report.unexcused for report in self.measures)

    def to_json(self) -> bytes:
        """The report for machines."""
        measures = [
            {**asdict(report), "agreeing": report.agreeing, "unexcused": len(report.unexcused)}
            for report in self.measures
        ]
        document = {
            "deck": self.deck,
            "agrees": self.agrees,
            "measures": measures,
            "stale_exceptions": self.stale,
            "notes": self.notes,
        }
        return orjson.dumps(document, option=orjson.OPT_INDENT_2)

    def __str__(self) -> str:
        lines = [str(report) for report in self.measures]
        lines += [f"exception no longer needed: {what}" for what in self.stale]
        lines += [f"note: {note}" for note in self.notes]
        people, agreeing = sum(r.people for r in self.measures), sum(r.agreeing for r in self.measures)
        lines.append(f"{agreeing} of {people} people agree in {how_many(len(self.measures), 'measure')}")
        return "\n".join(lines)


__all__ = ["DeckReport", "Disagreement", "MeasureReport"]
