"""One difference between two versions of a measure, along one axis: both values, in words, and on whose word."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

from measureharmony.comparison.axes import Axis
from measureharmony.comparison.form import Json
from measureharmony.payers.change import Change, PartChange
from measureharmony.payers.program import Program


@dataclass(frozen=True)
class Citation:
    """Where a difference comes from: the change, or the contract, that says so.

    ``whose`` is the version that says it: a program, or an edition such as ``canonical@2025``. ``effective`` is empty
    where an edition or the contract as such says it.
    """

    whose: str
    kind: str
    document: str
    page: str = ""
    url: str = ""
    reason: str = ""
    effective: dt.date | None = None
    status: str = ""
    agree: tuple[str, ...] = ()
    agreed_by: tuple[str, ...] = ()

    @classmethod
    def of_change(cls, whose: str, change: PartChange) -> Citation:
        """A change of an overlay or an edition."""
        source = change.source
        page, url = "" if source.page is None else str(source.page), source.url or ""
        own = {}
        if isinstance(change, Change):
            own = {
                "effective": change.effective,
                "status": change.status or "",
                "agree": change.agree,
                "agreed_by": change.agreed_by,
            }
        return cls(whose, change.kind, source.document, page, url, change.reason, **own)  # type: ignore[arg-type]

    @classmethod
    def of_program(cls, program: Program) -> Citation:
        """The contract as such."""
        source = program.sources[0]
        return cls(
            program.program,
            "program",
            source.document,
            "" if source.page is None else str(source.page),
            source.url or "",
        )

    def __str__(self) -> str:
        page = f", p. {self.page}" if self.page else ""
        since = f", from {self.effective}" if self.effective else ""
        status = f" ({self.status})" if self.status else ""
        return f"{self.document}{page}{since}{status}"


@dataclass(frozen=True)
class AxisDifference:
    """What is different about one measure on one axis.

    ``measure`` is empty where the contracts differ for every measure alike. ``rates`` is empty where every rate is
    touched, ``populations`` where none is (a target, say). ``before`` and ``after`` are the typed values (``None``: not
    there), ``before_words`` and ``after_words`` say them, and ``sentence`` says the difference.
    """

    measure: str
    axis: Axis
    subject: str
    before: Json
    after: Json
    before_words: str
    after_words: str
    sentence: str
    populations: tuple[str, ...] = ()
    rates: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = field(default=())

    @property
    def effective(self) -> tuple[dt.date, ...]:
        """The days from which the changes behind it count."""
        return tuple(sorted({one.effective for one in self.citations if one.effective}))

    def to_dict(self) -> dict[str, object]:
        """As plain data, for JSON."""
        data = asdict(self)
        data["axis"] = str(self.axis)
        return data


def ordered(differences: Iterable[AxisDifference]) -> tuple[AxisDifference, ...]:
    """In the order of measures and axes, those of the contract first."""
    axes = list(Axis)
    return tuple(sorted(differences, key=lambda one: (one.measure, axes.index(one.axis), one.sentence)))


__all__ = ["AxisDifference", "Citation", "ordered"]
