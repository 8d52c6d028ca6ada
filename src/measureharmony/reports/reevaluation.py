"""What of a run's outcomes was found anew, and why."""

from __future__ import annotations

from dataclasses import dataclass

from measureharmony.measures.plain_words import how_many


@dataclass(frozen=True)
class Reevaluation:
    """How much of an earlier run's outcomes could be kept.

    ``people`` there are; of them ``new`` were not there before, ``changed`` have other rows; ``gone`` were there;
    ``moved`` have the same rows, which may mean something else on the other as-of day.
    ``variants`` there are; ``anew`` names those that everybody was evaluated for. Files of
    ``damaged`` parts were missing, or other ones; their people count as changed. ``why`` says why nothing was kept.
    """

    people: int
    variants: int
    new: int = 0
    changed: int = 0
    gone: int = 0
    moved: int = 0
    anew: tuple[str, ...] = ()
    damaged: int = 0
    why: str = ""

    @property
    def evaluated(self) -> int:
        """How many people were evaluated, variants aside that were evaluated for everybody."""
        return self.people if self.why else self.new + self.changed + self.moved

    def told(self) -> dict[str, object]:
        """As the manifest has it."""
        people = {"evaluated": self.evaluated, "of": self.people}
        if not self.why:
            people |= {"new": self.new, "changed": self.changed, "gone": self.gone, "moved": self.moved}
        variants = {"evaluated": self.variants if self.why else len(self.anew), "of": self.variants}
        return {
            "people": people,
            "variants": variants if self.why else {**variants, "anew": list(self.anew)},
            **({"damaged_parts": self.damaged} if self.damaged else {}),
            **({"everything_because": self.why} if self.why else {}),
        }

    def sentence(self) -> str:
        """In words."""
        if self.why:
            return f"Everything was evaluated: {self.why}."
        told = f"Evaluated anew: {_of(self.evaluated, self.people, 'people')}"
        told += f" ({self.changed:,} changed, {self.new:,} new, {self.gone:,} gone"
        told += f", {self.moved:,} moved by the day)" if self.moved else ")"
        told += f" and {_of(len(self.anew), self.variants, 'variants')}"
        if self.damaged:
            told += f", among them everybody in {how_many(self.damaged, 'part')} whose files were damaged or missing"
        return f"{told}; the other outcomes are those of the earlier run."


def _of(some: int, every: int, what: str) -> str:
    return f"{some:,} of {every:,} {what}"


__all__ = ["Reevaluation"]
