"""Overlay drafts: what the rows say, gathered by measure, checked as overlays are, and written as commented YAML."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import yaml
from pydantic import ValidationError

from measureharmony.intake.cells import Cell, Result
from measureharmony.intake.profile import ColumnRule, Profile
from measureharmony.intake.rows import Deadline, RowSaid
from measureharmony.intake.saying import Proposed, Said
from measureharmony.intake.table import Fact
from measureharmony.measures.measure import Measure
from measureharmony.payers.change import Change, overlaps
from measureharmony.payers.check import findings
from measureharmony.payers.context import Context
from measureharmony.payers.overlay import Overlay
from measureharmony.payers.program import CutOffs, PeriodRule, Program
from measureharmony.specs import Specs

T = TypeVar("T", bound=Hashable)
#: What a change says of itself until a person has confirmed it.
STATUS = "assumed"
#: How every drafted file begins.
DRAFT_OF = "# Draft made from "
_WIDTH = 116
_QUOTED = 160


@dataclass
class MeasureDraft:
    """A measure of the draft: the payer's names for it, why it is this measure, and what is said of it.

    ``changes`` are those that may be written; ``said`` is everything, changes that cannot be written included.
    """

    measure: Measure
    id: str
    title: str
    why: str
    is_sure: bool
    rows: list[RowSaid] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    changes: list[tuple[Said, Mapping[str, object]]] = field(default_factory=list)

    @property
    def key(self) -> str:
        """The measure's key."""
        return self.measure.measure


@dataclass(frozen=True)
class ProgramDraft:
    """The program of a draft: what goes into its file beside the profile's head, and what is to be confirmed there."""

    period: PeriodRule
    cut_offs: Mapping[str, dt.date]
    confirm: tuple[str, ...]


# --- from rows to changes ---------------------------------------------------------------------------------------------


def program_draft(rows: Sequence[RowSaid], everywhere: Sequence[Deadline]) -> ProgramDraft:
    """The period and the last days that most rows name are the program's; a text beside the table speaks for all."""
    period = _usual([row.period[1] if row.period else None for row in rows]) or PeriodRule()
    days = _usual([tuple(sorted((one.kind, one.day) for one in row.deadlines)) or None for row in rows])
    cut_offs = dict(days or ())
    cut_offs |= {one.kind: one.day for one in everywhere if one.kind not in cut_offs}
    named = any(row.period and row.period[1] == period for row in rows)
    confirm = [] if named else ["period: the sheet names none for the program; the calendar year is assumed"]
    asked = dict.fromkeys(ask for row in rows if days for one in row.deadlines for ask in one.confirm)
    confirm += [f"cut_offs: {ask}" for ask in dict.fromkeys([*asked, *(a for one in everywhere for a in one.confirm)])]
    if days and (silent := sum(not row.deadlines for row in rows)):
        confirm.append(f"cut_offs: {silent} of {len(rows)} rows name none; the program's days hold for them, too")
    return ProgramDraft(period, cut_offs, tuple(confirm))


def _usual(values: Sequence[T | None]) -> T | None:
    """What most rows say, if at least half of them say it."""
    found = Counter(value for value in values if value is not None).most_common(1)
    return found[0][0] if found and 2 * found[0][1] >= len(values) else None


def add_days(draft: MeasureDraft, program: ProgramDraft) -> None:
    """What the rows say of periods and last days: the program's, or a change of this measure."""
    for row in draft.rows:
        if row.period:
            draft.said.append(_period(*row.period, program.period))
        own = {one.kind: one.day for one in row.deadlines}
        same = own == {kind: day for kind, day in program.cut_offs.items() if kind in own}
        for index, one in enumerate(row.deadlines):
            what = f"cut_offs {one.kind} {one.day}"
            if same:
                draft.said.append(Said(one.fact, "placed", f"{what} in program.yaml"))
            else:
                days = {**program.cut_offs, **own}
                change = Proposed("set_cut_off", days, one.confirm) if index == 0 else None
                draft.said.append(Said(one.fact, "placed", f"set_cut_off {one.kind} {one.day}", change))


def _period(fact: Fact, rule: PeriodRule, usual: PeriodRule) -> Said:
    if rule == usual:
        return Said(fact, "placed", f"period {rule.start}, {rule.months} months, in program.yaml")
    payload = rule.model_dump(mode="json", exclude_defaults=True) or {"start": rule.start}
    what = f"shift_period {rule.start}, {rule.months} months"
    return Said(fact, "placed", what, Proposed("shift_period", payload))


def add_rates(draft: MeasureDraft) -> None:
    """Only the rates that the sheet names, where every row names some."""
    known = [rate.id for rate in draft.measure.rates]
    named = {rate for row in draft.rows for rate in row.rates}
    cell = draft.rows[0].row.named_by[-1]
    fact = Fact(cell, ColumnRule(holds="name"), "")
    if len(known) < 2 or set(known) == named:
        return
    if not all(row.rates for row in draft.rows):
        comment = f"which of its rates does the contract have: {', '.join(known)}? The sheet does not say"
        draft.said.append(Said(fact, "read", "all rates are kept", comment=comment))
        return
    rates = [rate for rate in known if rate in named]
    confirm = (f"the sheet names only {', '.join(rates)} of the rates {', '.join(known)}",)
    change = Proposed("choose_rates", {"rates": rates}, confirm)
    draft.said.insert(0, Said(fact, "placed", f"choose_rates {', '.join(rates)}", change))


def settle(draft: MeasureDraft, program: Program, specs: Specs, document: str) -> None:
    """Turn what was said into changes that overlays may have; what may not be written becomes "not understood"."""
    started = program.period.period(program.edition).start
    effective = {fact.cell: row.effective for row in draft.rows for fact in row.row.facts if row.effective}
    kept: list[tuple[Said, dict[str, object], Change]] = []
    for index, said in enumerate(draft.said):
        if said.change is None:
            continue
        data = _change(said, said.change, effective.get(said.fact.cell, started), document)
        problem, change = _checked(said, data, kept)
        if change is None:
            draft.said[index] = Said(said.fact, *problem)
        else:
            kept.append((said, data, change))
    draft.changes = [(said, data) for said, data, _ in _accepted(draft, kept, program, specs)]


def _checked(
    said: Said, data: dict[str, object], kept: Sequence[tuple[Said, dict[str, object], Change]]
) -> tuple[tuple[Result, str], Change | None]:
    try:
        change = Change.model_validate(data)
    except ValidationError as error:
        return ("not understood", f"{said.what}: {error.errors()[0]['msg'].removeprefix('Value error, ')}"), None
    for other, _, earlier in kept:
        if overlaps(earlier.path, change.path):
            if earlier.what == change.what:
                return ("placed", f"{said.what}, as {other.fact.cell.address} says"), None
            return ("not understood", f"{said.what}: {other.fact.cell.address} says otherwise ({other.what})"), None
    return ("placed", said.what), change


def _accepted(
    draft: MeasureDraft, kept: list[tuple[Said, dict[str, object], Change]], program: Program, specs: Specs
) -> list[tuple[Said, dict[str, object], Change]]:
    """The changes without those that the checks of overlays refuse, one after the other."""
    context = Context(draft.measure, specs.canonical.shared, program, specs.value_sets)
    while kept:
        overlay = Overlay(overlay=draft.key, edition=program.edition, changes=tuple(change for *_, change in kept))
        refused = {
            finding.place[1]: f"{finding.what}; {finding.fix}"
            for finding in findings(overlay, context)
            if finding.place[:1] == ("changes",) and len(finding.place) > 1
        }
        if not refused:
            break
        for place, why in refused.items():
            said = kept[int(place)][0]
            draft.said[draft.said.index(said)] = Said(
                said.fact, "not understood", f"{said.what} was not written: {why}"
            )
        kept = [one for index, one in enumerate(kept) if index not in refused]
    return kept


def _change(said: Said, proposed: Proposed, effective: dt.date, document: str) -> dict[str, object]:
    fact = said.fact
    page = fact.page.text if fact.page else fact.cell.address
    source = {"document": fact.document.text if fact.document else document,
              "page": int(page) if page.isdecimal() else page}  # fmt: skip
    return {
        proposed.kind: dict(proposed.payload),
        "effective": effective,
        "source": source,
        "reason": _reason(fact),
        "status": STATUS,
    }


def _reason(fact: Fact) -> str:
    under = f" ({fact.heading})" if fact.heading else ""
    return f"Cell {fact.cell.address}{under} says: {shortened(fact.cell.text)}"


def shortened(text: str) -> str:
    """A cell's text, cut where it would be a paragraph."""
    return text if len(text) <= _QUOTED else text[: _QUOTED - 1].rstrip() + "…"


def program_of(profile: Profile, draft: ProgramDraft, measures: Sequence[MeasureDraft], document: str) -> Program:
    """The program as a model, to check its overlays with; it lists all its measures with overlays."""
    head = profile.program
    return Program(
        program=head.program,
        title=head.title,
        payer=head.payer,
        fictional=head.fictional,
        product_lines=head.product_lines,
        edition=head.edition,
        period=draft.period,
        membership=head.membership,
        cut_offs=CutOffs(**draft.cut_offs) if draft.cut_offs else None,
        measures=tuple({"measure": one.key} for one in measures),  # type: ignore[misc]
        sources=({"document": document},),  # type: ignore[arg-type]
    )


# --- as files ---------------------------------------------------------------------------------------------------------


def overlay_text(draft: MeasureDraft, edition: int, document: str) -> str:
    """An overlay's file, every guess marked."""
    lines = [
        f"{DRAFT_OF}{document}. Every line is a guess until a person has compared it with the source:",
        f"# answer each CONFIRM, correct what is wrong, and take 'status: {STATUS}' away from what is right.",
        f"overlay: {draft.key}",
        f"edition: {edition}",
        *_yaml({"description": f"Draft of '{draft.title or draft.id}': {draft.why.split('; else')[0]}."}),
        "changes:" if draft.changes else "changes: []",
    ]
    for said, data in draft.changes:
        assert said.change is not None
        for ask in said.change.confirm:
            lines += _comment(f"CONFIRM: {ask}", "  ")
        first = True
        for key, value in data.items():
            for line in _yaml({key: value}):
                lines.append(f"  - {line}" if first else f"    {line}")
                first = False
    lines += _left_over(draft.said)
    return "\n".join(lines) + "\n"


def _left_over(said: Sequence[Said]) -> Iterator[str]:
    """What no change says: comments, and cells that a person has to place."""
    equal = [one for one in said if one.result == "equal" and "?" in one.what]
    for one in equal:
        yield from _comment(f"CONFIRM: no change for {_quoted(one.fact.cell)}: {one.what}", "")
    for one in said:
        if one.comment:
            yield from _comment(f"CONFIRM: {one.fact.cell.address}: {one.comment}", "")
    for one in said:
        if one.result == "not understood" and not one.comment:
            yield from _comment(f"NOT PLACED: {_quoted(one.fact.cell)}: {one.what}", "")


def _quoted(cell: Cell) -> str:
    return f"{cell.address} '{shortened(cell.text)}'"


def program_text(program: Program, draft: ProgramDraft, measures: Sequence[MeasureDraft], notes: Sequence[Cell]) -> str:
    """The program's file, every guess marked."""
    data = program.model_dump(mode="python", exclude_none=True)
    lines = [f"{DRAFT_OF}{program.sources[0].document}. Answer each CONFIRM, and take it away."]
    lines += _yaml({key: data[key] for key in ("program", "title", "payer", "fictional")})
    lines += _comment("CONFIRM: payer is what the dataset calls it in coverage.payer; a made-up contract is fictional")
    lines += _yaml({"product_lines": list(program.product_lines)})
    lines += (
        [] if program.product_lines else _comment("CONFIRM: no product line: the payer's coverage of any line counts")
    )
    lines += [f"edition: {program.edition}"]
    lines += _yaml({"period": {"start": program.period.start, "months": program.period.months,
                               **({"named_for": "end"} if program.period.named_for == "end" else {})}})  # fmt: skip
    lines += _yaml({"membership": {key: value for key, value in data["membership"].items() if value is not None}})
    lines += _comment(
        "CONFIRM: whose people they are; roster: true needs the payer's list, else say which coverage counts"
    )
    if program.cut_offs:
        lines += _yaml({"cut_offs": data["cut_offs"]})
    for ask in draft.confirm:
        lines += _comment(f"CONFIRM: {ask}")
    lines.append("measures:")
    for one in measures:
        entry: dict[str, object] = {"measure": one.key, "overlay": True}
        entry |= {"id": one.id} if one.id else {}
        entry |= {"title": one.title} if one.title else {}
        lines += [] if one.is_sure else _comment(f"CONFIRM: is it {one.key}, {one.measure.title}? {one.why}", "  ")
        lines.append(f"  - {_flow(entry)}")
    lines.append(f"sources: [{_flow({'document': program.sources[0].document})}]")
    for cell in notes:
        lines += _comment(f"The sheet says beside its table, {cell.address}: {cell.text}")
    return "\n".join(lines) + "\n"


def _yaml(data: Mapping[str, object]) -> list[str]:
    """Each key on a line of its own, what is under it in the same line."""
    return [f"{key}: {_flow(value)}" for key, value in data.items()]


def _flow(value: object) -> str:
    text: str = yaml.safe_dump([value], default_flow_style=True, sort_keys=False, allow_unicode=True, width=100_000)
    return text.strip().removeprefix("[").removesuffix("]")


def _comment(text: str, indent: str = "") -> list[str]:
    prefix = f"{indent}# "
    return textwrap.wrap(
        text, _WIDTH, initial_indent=prefix, subsequent_indent=f"{indent}#   ", break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip


__all__ = [
    "DRAFT_OF",
    "STATUS", "MeasureDraft", "ProgramDraft", "add_days", "add_rates", "overlay_text", "program_draft", "program_of",
    "program_text", "settle", "shortened",
]  # fmt: skip
