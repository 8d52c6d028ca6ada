"""One program's folder checked in every way: what a payer's analyst asks before a contract is sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from measureharmony.comparison.compare import Comparison, compare
from measureharmony.errors import shown
from measureharmony.payers import CANONICAL, Program
from measureharmony.practice import Practice
from measureharmony.validation.decisions import open_decisions
from measureharmony.validation.finding import Finding
from measureharmony.validation.impact import Impact, impact
from measureharmony.validation.program_folder import ProgramFolder, read_program_folder

if TYPE_CHECKING:
    from measureharmony.alignment import Alignment

NO_SOLVER = (
    "Contradictions and alignment were not checked: the solver is not installed. "
    "Install it: pip install 'measureharmony[proofs]'"
)


@dataclass(frozen=True)
class Validation:
    """Everything found about one program.

    ``program`` is ``None`` where its file cannot be read. ``comparison``, ``alignments`` and ``impact`` are about its
    measures without problems, set against ``against``. ``not_checked`` says in sentences what could not be done.
    """

    folder: str
    against: str
    program: Program | None
    titles: dict[str, str]
    findings: tuple[Finding, ...]
    comparison: Comparison | None = None
    alignments: tuple[Alignment, ...] = ()
    impact: Impact | None = None
    not_checked: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The program's key, or its folder's name."""
        return self.program.program if self.program else Path(self.folder).name


def validate_program(  # noqa: PLR0913 - keywords, each with a default
    folder: str | Path,
    *,
    against: str = CANONICAL,
    sample: Practice | None = None,
    year: int | None = None,
    specs: str | Path | None = None,
    value_sets: str | Path | None = None,
    risk_tables: str | Path | None = None,
) -> Validation:
    """Check the program in ``folder``, and set it against ``against``: the canonical set, or another program.

    ``specs`` is the folder of specs that it stands in; left out, the one around it, else the shipped specs. ``sample``
    is a practice to count people in. :class:`UsageError` for an ``against`` that is not there, :class:`SpecError` where
    the specs that the program stands in have problems.
    """
    read = read_program_folder(Path(folder), specs, value_sets, risk_tables, against=against)
    titles = {key: measure.title for key, measure in read.specs.canonical.measures.items()}
    not_checked = (*_left_out(read), *(() if has_solver() else (NO_SOLVER,)))
    found = tuple(sorted(set(findings(read, year))))
    result = Validation(shown(folder), against, read.program, titles, found, not_checked=not_checked)
    if read.program is None or not read.measures:
        return result
    before = read.canonical if against == CANONICAL else against
    compared = compare(read.specs, before, read.program.program, year=year)
    return replace(
        result,
        comparison=compared,
        alignments=_alignments(read, compared, against, year) if has_solver() else (),
        impact=None if sample is None else impact(read, sample, against, year),
    )


def findings(read: ProgramFolder, year: int | None = None) -> Iterator[Finding]:
    """Problems, decisions left open, and, where the solver is installed, contradictions."""
    yield from (Finding(issue) for issue in read.issues)
    yield from open_decisions(read, year)
    if has_solver():
        from measureharmony.validation.contradictions import contradictions

        yield from contradictions(read, year)


def has_solver() -> bool:
    """Whether Z3 can be imported."""
    try:
        import z3  # noqa: F401
    except ImportError:
        return False
    return True


def _left_out(read: ProgramFolder) -> Iterator[str]:
    if read.program is None:
        yield "Nothing but the program's own file was checked: mend that first."
    elif read.left_out:
        yield f"Only checked for problems, which are in the way of more: {', '.join(read.left_out)}."


def _alignments(read: ProgramFolder, compared: Comparison, against: str, year: int | None) -> tuple[Alignment, ...]:
    from measureharmony.alignment import align_all

    if read.program is None or not compared.measures:
        return ()
    return align_all(
        read.specs, against=against, programs=[read.program.program], measures=compared.measures, year=year,
        edition=read.edition,
    )  # fmt: skip


__all__ = ["NO_SOLVER", "Validation", "findings", "has_solver", "validate_program"]
