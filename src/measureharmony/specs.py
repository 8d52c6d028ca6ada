"""What is measured: spec files read together into one value, with every problem found."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from measureharmony.attribution import registered_rules
from measureharmony.collector import collector_paused
from measureharmony.errors import Issue, SpecError, UsageError
from measureharmony.evaluation.risk_tables import read_risk_tables, risk_models
from measureharmony.measures.library import Library, read_canonical
from measureharmony.measures.plain_words import how_many
from measureharmony.payers import Editions, Programs, read_editions, read_programs
from measureharmony.payers.attribution_rule import AttributionRule
from measureharmony.payers.attribution_rules import read_attribution_rules, shipped_attribution_rules
from measureharmony.payers.variant import RiskTables
from measureharmony.spec_files import spec_folder
from measureharmony.value_sets import ValueSets, read_loaded_value_sets, read_value_sets, shipped_systems

#: So many answers of each kind are kept.
_KEPT = 8

Answer = TypeVar("Answer")


class Kept:
    """The latest answers to questions that take long to answer."""

    def __init__(self) -> None:
        self._answers: dict[Callable[..., Any], dict[Hashable, Any]] = {}

    def of(self, make: Callable[..., Answer], question: Hashable, *given: object) -> Answer:
        """What ``make(*given)`` gave when the ``question`` was asked before, or gives now."""
        answers = self._answers.setdefault(make, {})
        if question not in answers:
            while len(answers) >= _KEPT:
                del answers[next(iter(answers))]
            answers[question] = make(*given)
        found: Answer = answers[question]
        return found


@dataclass(frozen=True)
class Specs:
    """Everything that says what is measured: canonical measures, programs with their overlays, value sets.

    ``risk_tables`` are the user's weights for measures that compare with what is expected.
    """

    canonical: Library
    programs: Programs
    value_sets: ValueSets
    issues: tuple[Issue, ...] = ()
    editions: Editions = field(default_factory=Editions)
    risk_tables: RiskTables = field(default_factory=dict)
    attribution_rules: Mapping[str, AttributionRule] = field(default_factory=shipped_attribution_rules)
    #: What was made of the specs last: making it takes longer than evaluating a few people.
    kept: Kept = field(default_factory=Kept, init=False, repr=False, compare=False)

    def require(self) -> Specs:
        """The specs themselves; :class:`SpecError` with every problem if any is more than a hint."""
        wrong = [issue for issue in self.issues if not issue.code.startswith("hint-")]
        if wrong:
            raise SpecError(wrong)
        return self

    def of_edition(self, edition: int | None = None) -> Library:
        """The canonical measures of one edition; left out, each as its own file says it.

        :class:`UsageError` for an edition of which there is no measure.
        """
        if edition is None:
            return self.canonical
        if edition not in self.editions.libraries:
            there = ", ".join(str(year) for year in sorted(self.editions.libraries))
            raise UsageError(f"There is no edition {edition} of any measure. There are: {there}.")
        return self.editions.libraries[edition]

    def __repr__(self) -> str:
        measures, programs = ", ".join(self.canonical.measures), ", ".join(self.programs.programs)
        counted = ", ".join(f"{year} ({len(of.measures)})" for year, of in sorted(self.editions.libraries.items()))
        lines = ["Specs", f"  measures   {measures}", f"  editions   {counted}", f"  programs   {programs}"]
        return "\n".join([*lines, f"  value sets {len(self.value_sets)}"])


@collector_paused()
def read_specs(
    folder: str | Path | None = None,
    value_sets: str | Path | None = None,
    risk_tables: str | Path | None = None,
    *,
    trust_shipped: bool = False,
) -> Specs:
    """Read the shipped specs, or those in ``folder`` over them; problems are in the answer's ``issues``.

    A measure, shared file or value set of ``folder`` is added to the shipped ones, or takes the place of that of its
    name; programs are only those of ``folder``. ``trust_shipped``: without checking the shipped measures again, and
    without their worked people.

    ``value_sets`` is a folder of code sets that replace or complete the shipped open ones, ``risk_tables`` one of
    ``<table>.csv`` files with the weights of risk models.
    """
    home, shipped = Path(folder) if folder else spec_folder(), spec_folder()
    _require_specs(home)
    homes = [shipped] if home == shipped else [shipped, home]
    sets, issues = read_value_sets(shipped / "value_sets")
    if home != shipped and (home / "value_sets").is_dir():
        own, more = read_value_sets(home / "value_sets")
        sets, issues = sets.overlaid(own.sets), (*issues, *more)
    if value_sets:
        sets, more = read_loaded_value_sets(sets, Path(value_sets))
        issues = (*issues, *more)
    canonical_homes = [one / "canonical" for one in homes if (one / "canonical").is_dir()]
    systems, trusted = shipped_systems().names, _trusted(canonical_homes, trust_shipped=trust_shipped)
    canonical = read_canonical(*canonical_homes, value_sets=sets, systems=systems, trusted=trusted)
    edition_homes = [one / "editions" for one in canonical_homes]
    editions = read_editions(*edition_homes, canonical=canonical, value_sets=sets, systems=systems, trusted=trusted)
    attributing = read_attribution_rules(*(one / "attribution" for one in homes), value_sets=sets)
    programs = Programs({}, {})
    if (home / "payers").is_dir():
        named, known = {*attributing.rules, *registered_rules()}, trust_shipped and home == shipped
        programs = read_programs(
            home / "payers", canonical, sets, editions.libraries, attribution_rules=named, trusted=known
        )
    issues = (*issues, *canonical.issues, *editions.issues, *attributing.issues, *programs.issues)
    specs = Specs(canonical, programs, sets, issues, editions, attribution_rules=attributing.rules)
    if risk_tables is None:
        return specs
    changed = [measure for library in editions.libraries.values() for measure in library.measures.values()]
    risks = risk_models([*canonical.measures.values(), *changed, *programs.overlays.values()])
    tables, more = read_risk_tables(Path(risk_tables), risks)
    return replace(specs, issues=(*issues, *more), risk_tables=tables)


def _trusted(canonical_homes: Sequence[Path], *, trust_shipped: bool) -> Sequence[Path]:
    """The shipped measures, which were checked before they were shipped, unless other files change what they mean."""
    shipped, *own = canonical_homes
    names = {path.name for home in own for path in (home / "shared").glob("*.yaml")}
    replaced = any((shipped / "shared" / name).is_file() for name in names)
    return [] if replaced or not (own or trust_shipped) else [shipped]


def _require_specs(home: Path) -> None:
    """A mistaken folder would otherwise pass as one without changes to the shipped specs."""
    fix = "Give the folder that holds canonical/, payers/, attribution/ or value_sets/."
    if not home.is_dir():
        raise UsageError(f"There is no folder {home}. {fix}")
    if not any((home / name).is_dir() for name in ("canonical", "payers", "attribution", "value_sets")):
        raise UsageError(f"The folder {home} holds no specs. {fix}")


def load_specs(
    folder: str | Path | None = None, value_sets: str | Path | None = None, risk_tables: str | Path | None = None
) -> Specs:
    """:func:`read_specs`, refusing specs with problems: :class:`SpecError` tells all of them."""
    return read_specs(folder, value_sets, risk_tables, trust_shipped=True).require()


def check_specs(
    folder: str | Path | None = None, value_sets: str | Path | None = None, risk_tables: str | Path | None = None
) -> tuple[list[Issue], str]:
    """Every problem and hint in a folder of specs, and what was checked, in words.

    Without a folder, the shipped specs are checked whole; beneath another one, they are only read.
    """
    other = folder is not None and Path(folder).resolve() != spec_folder()
    specs = read_specs(folder, value_sets, risk_tables, trust_shipped=other)
    numbers = {
        "measure": len(specs.canonical.measures),
        "edition": len(specs.editions.changes),
        "program": len(specs.programs.programs),
        "overlay": len(specs.programs.overlays),
        "value set": len(specs.value_sets),
    }
    counted = ", ".join(how_many(number, word) for word, number in numbers.items())
    return sorted(set(specs.issues)), counted


__all__ = ["Specs", "check_specs", "load_specs", "read_specs"]
