"""The whole way of a payer's file: cells, table, measures, changes, drafts, and an account of every cell."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from measureharmony.catalogue import Entry
from measureharmony.errors import Issue, UsageError, shown
from measureharmony.intake.cells import Account, Cell, Grid, IntakeError, Ledger, Result, read_grids
from measureharmony.intake.drafts import (
    DRAFT_OF,
    MeasureDraft,
    ProgramDraft,
    add_days,
    add_rates,
    overlay_text,
    program_draft,
    program_of,
    program_text,
    settle,
)
from measureharmony.intake.guess import guess_profile
from measureharmony.intake.profile import ColumnRule, Profile, profile_text, read_profile
from measureharmony.intake.report import REPORT_CSV, REPORT_PAGE, report_csv, report_page
from measureharmony.intake.rows import Deadline, deadlines, read_row
from measureharmony.intake.suggest import Suggester, Suggestion
from measureharmony.intake.table import Fact, MeasureRow, read_table
from measureharmony.intake.written import plain
from measureharmony.measures.shape import suggestion
from measureharmony.payers import CANONICAL, read_programs
from measureharmony.payers.program import Program
from measureharmony.specs import Specs

PROFILE_FILE = "intake-profile.yaml"
#: A single line of text counts as a measure only if it is this much like one (0 to 100).
_A_NAME_ALONE = 90.0
_ENROLMENT_FOR_ALL = ("enroll", "enrolment", "continuous")


@dataclass(frozen=True)
class Suggested:
    """A row of the payer's, by its cells, and the measure suggested for it."""

    row: MeasureRow
    suggestion: Suggestion

    @property
    def name(self) -> str:
        """The payer's words for it."""
        cell = self.row.name or self.row.id
        return cell.text if cell else ""


@dataclass(frozen=True)
class Intake:
    """A payer's file, taken in.

    ``drafts`` are the measures that were recognised, ``program`` the contract that lists them (``None`` when there are
    none), ``files`` what to write by path below the output folder, ``accounts`` what became of every cell, in reading
    order, ``measures_of`` the measures that a cell speaks of.
    """

    document: str
    profile: Profile
    guessed: bool
    suggested: tuple[Suggested, ...]
    drafts: tuple[MeasureDraft, ...]
    program: Program | None
    files: Mapping[str, str]
    accounts: tuple[Account, ...]
    measures_of: Mapping[Cell, tuple[str, ...]]

    def write(self, folder: str | Path, *, overwrite: bool = False) -> tuple[Path, ...]:
        """Write the drafts, the profile and the report into ``folder``; what stands there is kept unless told."""
        home = Path(folder)
        files = {**self.files, REPORT_CSV: report_csv(self), REPORT_PAGE: report_page(self)}
        there = [name for name in files if name.startswith("payers/") and (home / name).exists()]
        if there and not overwrite:
            raise UsageError(
                f"{home / there[0]} is there already, and may hold what people have confirmed. Give another --output "
                "or --program, or write over it with --overwrite."
            )
        if self.program is not None and overwrite:
            _remove_other_drafts(home / "payers" / self.program.program, [home / name for name in files])
        for name, text in files.items():
            path = home / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
        return tuple(home / name for name in files)

    def problems(self, folder: str | Path, specs: Specs) -> tuple[Issue, ...]:
        """What ``validate`` says of the drafts written into ``folder``."""
        if self.program is None:
            return ()
        home, editions = Path(folder) / "payers", specs.editions.libraries
        found = read_programs(home, specs.canonical, specs.value_sets, editions)
        return tuple(issue for issue in found.issues if f"/{self.program.program}/" in issue.file)


def take_in(path: str | Path, specs: Specs, *, profile: str | Path | None = None, program: str | None = None) -> Intake:
    """Read a payer's file against the canonical measures of ``specs``.

    ``profile``: a file that says where the measures stand (see :class:`~measureharmony.intake.profile.Profile`); left
    out, it is guessed. ``program``: the key of the contract. :class:`IntakeError` tells what is wrong with either file.
    """
    file = Path(path)
    grids = read_grids(file)
    edition = max((measure.edition for measure in specs.canonical.measures.values()), default=2026)
    known = [Entry(measure, (), ()) for measure in specs.canonical.measures.values()]
    if profile is None:
        suggester = Suggester(known, {})
        _require_key(program or "payer")
        read = guess_profile(grids, file, edition, lambda text: suggester.suggest("", text).key is not None, program)
    else:
        read = read_profile(Path(profile), specs.canonical.measures)
        if program:
            head = read.program.model_copy(update={"program": program})
            read = read.model_copy(update={"program": head})
    _require_key(read.program.program)
    chosen = replace(specs, canonical=specs.of_edition(read.program.edition))
    return _Way(file, grids, read, chosen, known, guessed=profile is None).go()


def _remove_other_drafts(folder: Path, kept: Sequence[Path]) -> None:
    """What an earlier intake drafted and this one does not; a file that does not begin as drafts do is somebody's."""
    for path in folder.glob("*.yaml"):
        if path not in kept and path.read_text("utf-8").startswith(DRAFT_OF):
            path.unlink()


def _require_key(program: str) -> None:
    if program == CANONICAL or re.fullmatch(r"[a-z][a-z0-9_]*", program) is None:
        raise UsageError(
            f"'{program}' cannot be a program's key. Give another with --program: small letters, digits, _."
        )


@dataclass
class _Way:
    """The steps of one file."""

    path: Path
    grids: Sequence[Grid]
    profile: Profile
    specs: Specs
    known: Sequence[Entry]
    guessed: bool
    suggested: list[Suggested] = field(default_factory=list)
    drafts: dict[str, MeasureDraft] = field(default_factory=dict)
    notes: list[Cell] = field(default_factory=list)
    measures_of: dict[Cell, list[str]] = field(default_factory=dict)

    def go(self) -> Intake:
        self.ledger = Ledger(self.path, self.grids)
        suggester = Suggester(self.known, self.profile.measures)
        for grid in self._chosen():
            table = read_table(grid, self.profile, self.path, self.ledger)
            for row in table.rows:
                self._take_row(row, suggester)
            self.notes += table.text
        everywhere = self._notes()
        rows = [row for draft in self.drafts.values() for row in draft.rows]
        contract = program_draft(rows, everywhere)
        program, files = self._settled(contract)
        self._account()
        files[PROFILE_FILE] = profile_text(self.profile)
        return Intake(
            self.path.name, self.profile, self.guessed, tuple(self.suggested), tuple(self.drafts.values()), program,
            files, tuple(self.ledger.accounts()), {cell: tuple(keys) for cell, keys in self.measures_of.items()},
        )  # fmt: skip

    def _chosen(self) -> list[Grid]:
        """The sheets that the profile names; the others are accounted for as left out."""
        names = [grid.name for grid in self.grids]
        missing = [name for name in self.profile.sheets if name not in names]
        if missing:
            named = [name for name in names if name]
            fix = (
                suggestion(missing[0], named)
                if named
                else "the file has no named sheets; take 'sheets' out of the profile"
            )
            what = f"there is no sheet '{missing[0]}' with any text"
            raise IntakeError([Issue(shown(self.path), 0, "intake-no-sheet", what, fix)])
        chosen = [grid for grid in self.grids if not self.profile.sheets or grid.name in self.profile.sheets]
        for grid in self.grids:
            if grid not in chosen:
                for cell in grid.cells.values():
                    self.ledger.note(cell, "ignored", "the profile does not name this sheet")
        return chosen

    # --- rows --------------------------------------------------------------------------------------------------------

    def _take_row(self, row: MeasureRow, suggester: Suggester) -> None:
        name, rate = (row.name.text if row.name else ""), (row.rate.text if row.rate else "")
        found = suggester.suggest(row.id.text if row.id else "", name or rate)
        if not row.facts and not _is_a_measure(found):
            self.notes += row.named_by
            return
        self.suggested.append(Suggested(row, found))
        if found.key is None:
            self._unplaced(row, found)
            return
        for cell in (*row.named_by, *(fact.cell for fact in row.facts)):
            keys = self.measures_of.setdefault(cell, [])
            if found.key not in keys:
                keys.append(found.key)
        draft = self.drafts.get(found.key)
        if draft is None:
            identifier = row.id.text if row.id else ""
            measure = self.specs.canonical.measures[found.key]
            draft = MeasureDraft(measure, identifier, name or rate, _why(found), found.is_sure)
            self.drafts[found.key] = draft
        said = read_row(row, draft.measure, self.profile)
        draft.rows.append(said)
        draft.said += said.said
        for cell in row.named_by:
            self.ledger.note(cell, "read", f"names the measure: {found.key}, {found.why}")
        for fact in row.facts:
            self.ledger.note_heading(fact.cell, fact.heading)

    def _unplaced(self, row: MeasureRow, found: Suggestion) -> None:
        near = f" (nearest: {', '.join(map(str, found.others))})" if found.others else ""
        result: Result = "ignored" if found.is_sure else "not understood"
        for cell in row.named_by:
            self.ledger.note(cell, result, f"{found.why}{near}")
        for fact in row.facts:
            self.ledger.note(fact.cell, result, "its row names no canonical measure", fact.heading)

    def _notes(self) -> list[Deadline]:
        """Lines of text around the table: last days for evidence are the program's; all are kept as comments."""
        found: list[Deadline] = []
        for cell in self.notes:
            fact = Fact(cell, ColumnRule(holds="cut_off"), "")
            days = deadlines(fact, day_first=self.profile.written.day_first)
            is_deadline = any(word in plain(cell.text) for word in ("claim", "supplement", "deadline", "record"))
            if cell.text == self.profile.program.title:
                self.ledger.note(cell, "read", "the program's title")
            elif days and is_deadline:
                found += days
                said = ", ".join(f"{one.kind} {one.day}" for one in days)
                self.ledger.note(cell, "placed", f"cut_offs of program.yaml: {said}")
            elif self._enrolment_for_all(cell):
                self.ledger.note(cell, "placed", "the enrolment of every measure that names none of its own")
            else:
                self.ledger.note(cell, "kept", "text beside the table, kept as a comment of program.yaml")
        return found

    def _enrolment_for_all(self, cell: Cell) -> bool:
        """A note that asks enrolment of all measures is read as if it stood in each row that has none."""
        text = plain(cell.text)
        if "all measures" not in text and "each measure" not in text and "every measure" not in text:
            return False
        if not any(word in text for word in _ENROLMENT_FOR_ALL):
            return False
        for draft in self.drafts.values():
            kinds = {fact.rule.holds for row in draft.rows for fact in row.row.facts}
            if not kinds & {"enrolment", "gaps", "gap_days", "anchor"}:
                fact = Fact(cell, ColumnRule(holds="enrolment"), "a note beside the table")
                extra = read_row(MeasureRow(None, draft.rows[0].row.name, None, (fact,)), draft.measure, self.profile)
                draft.said += [said for said in extra.said if said.fact is fact]
        return True

    # --- drafts ------------------------------------------------------------------------------------------------------

    def _settled(self, contract: ProgramDraft) -> tuple[Program | None, dict[str, str]]:
        if not self.drafts:
            return None, {}
        drafts = list(self.drafts.values())
        document = self.path.name
        program = program_of(self.profile, contract, drafts, document)
        home = f"payers/{program.program}"
        files: dict[str, str] = {}
        for draft in drafts:
            add_days(draft, contract)
            add_rates(draft)
            settle(draft, program, self.specs, document)
            files[f"{home}/{draft.key}.yaml"] = overlay_text(draft, program.edition, document)
        return program, {f"{home}/program.yaml": program_text(program, contract, drafts, self.notes), **files}

    def _account(self) -> None:
        for draft in self.drafts.values():
            for said in draft.said:
                self.ledger.note(said.fact.cell, said.result, said.what, said.fact.heading)


def _is_a_measure(found: Suggestion) -> bool:
    """Whether a line without any value is a measure that the contract lists, rather than a heading."""
    return found.is_sure or (found.key is not None and found.score >= _A_NAME_ALONE)


def _why(found: Suggestion) -> str:
    others = f"; else {', '.join(map(str, found.others))}" if found.others else ""
    return found.why + others


__all__ = ["PROFILE_FILE", "Intake", "Suggested", "take_in"]
